/**
 * `ipse replay-decision`: decisions made again from what was stored of them, by the policy that made them and by another
 * one. Nothing is written and nobody is let in by it.
 */
import { IpseError, type Policy } from '@ipse/protocol'
import {
  type OutcomeCount,
  type Replay,
  replayDecision,
  type ShadowReport,
  shadowReports,
} from '@ipse/server'
import { type Command, InvalidArgumentError } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { textTable } from '../eval/tables.ts'
import {
  type DataFlags,
  dataFlags,
  type Installation,
  openExistingInstallation,
  readSettings,
} from '../installation.ts'
import { openPolicyBook, pathFlag, readPolicy } from '../policies.ts'
import { shadowText } from '../rollout/tables.ts'

interface Flags extends DataFlags {
  readonly policy?: string
  readonly policies?: string
  readonly all?: boolean
  readonly since: number
  readonly of?: string
  readonly tenant: string
}

/** Records that are read at a time. */
const PAGE = 500
/** Attempts that are listed one by one; the counts are of all. */
const MOST_LISTED = 1_000

export function addReplayDecision(program: Command): void {
  const command = program
    .command('replay-decision')
    .argument('[session]', 'id of the session, ses_…')
    .option(
      '--policy <policy>',
      'NAME of a file or of Ipse, NAME/VERSION that is published, or a policy file .json',
    )
    .option('--all', 'all stored decisions of the tenant instead of one session')
    .option('--since <time>', 'with --all: those from this time on, for example 2026-11-01', parseTime, 0)
    .option('--of <name>', 'with --all: only what was decided by policies of this name')
    .option('--tenant <tenant>', 'with --all, and for published policies: whose they are', 'default')
    .addHelpText(
      'after',
      `
Examples:
  ipse replay-decision ses_…
  ipse replay-decision ses_… --policy bank/3
  ipse replay-decision --all --since 2026-11-01 --of bank --policy stricter.json

Exit code 1: a stored decision does not follow from what was stored with it; the store was altered.`,
    )
  answering(dataFlags(pathFlag(command)), run)
}

function parseTime(text: string): number {
  const time = Date.parse(text)
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time))
    throw new InvalidArgumentError('It must be a date (2026-11-01) or a time (2026-11-01T08:00:00Z).')
  return time
}

async function run(sessionId: string | undefined, flags: Flags): Promise<Answer> {
  if ((sessionId === undefined) === (flags.all !== true))
    throw new IpseError('invalid_request', 'give a session, or --all')
  await using installation = await openExistingInstallation(flags.data)
  if (sessionId === undefined) return await replayAll(installation, flags)
  const session = await installation.store.findSessionAnywhere(sessionId)
  if (!session) throw new IpseError('invalid_request', `there is no session ${sessionId}`)
  const candidate = await policyOf(installation, flags, session.tenant)
  const replays: Replay[] = []
  for (const record of await installation.store.findDecisionRecords(session.tenant, sessionId))
    replays.push(await replayed(installation, record, candidate))
  if (replays.length === 0)
    throw new IpseError(
      'invalid_request',
      `no attempt of ${sessionId} was decided, or what it was decided from is gone`,
    )
  return {
    exit: replays.every(({ reproduced }) => reproduced) ? EXIT.done : EXIT.negative,
    json: { sessionId, attempts: replays },
    text: replays.map(textOf).join('\n\n'),
  }
}

type Stored = Parameters<typeof replayDecision>[0]

/** @throws IpseError `internal` when what the decision stands on is gone */
async function replayed({ store }: Installation, record: Stored, candidate?: Policy): Promise<Replay> {
  const basis = await store.findDecisionBasis(record.tenant, record.basis)
  if (!basis)
    throw new IpseError('internal', `what ${record.sessionId} was decided by is gone from the store`)
  return replayDecision(record, basis, candidate)
}

async function policyOf(
  installation: Installation,
  { policy, policies }: Flags,
  tenant: string,
): Promise<Policy | undefined> {
  if (policy === undefined) return undefined
  if (policy.endsWith('.json')) return readPolicy(policy)
  const book = await openPolicyBook(policies ?? readSettings().policies.path, installation)
  const [, name, version] = /^([a-z][a-z0-9-]*)\/([1-9]\d{0,5})$/.exec(policy) ?? []
  return name === undefined ? book.named(policy) : book.published(tenant, name, Number(version))
}

function textOf({ attempt, purpose, policy, recorded, reproduced, candidate }: Replay): string {
  const reasons = (list: readonly string[]) => (list.length === 0 ? '' : ` (${list.join(', ')})`)
  const lines = [
    `Attempt ${attempt}, ${purpose}`,
    `  ${policy} decided ${recorded.decision}${reasons(recorded.reasons)}${reproduced ? '' : ' — BUT THAT DOES NOT FOLLOW FROM WHAT IS STORED'}`,
  ]
  if (!candidate) return lines.join('\n')
  lines.push(
    `  ${candidate.policy} decides ${candidate.decision}${reasons(candidate.reasons)}${candidate.differs ? '' : ': the same'}`,
    ...(candidate.otherChallenge
      ? ['  It would have asked for another challenge: only its rules are compared.']
      : []),
    '',
    textTable({
      head: ['signal', 'measured', 'asked', 'then', 'asked now', 'now'],
      rows: candidate.lines
        .filter(({ before, after }) => (before ?? after)?.verdict !== 'reported')
        .map(({ signal, model, measurement, before, after }) => [
          model === undefined ? signal : `${signal} ${model}`,
          measurement.status === 'assessed' ? short(measurement.native) : measurement.reason,
          short(before?.atLeast),
          before?.verdict ?? '',
          short(after?.atLeast),
          after === undefined ? '' : `${after.verdict}${after.verdict === before?.verdict ? '' : ' ←'}`,
        ]),
    }),
  )
  return lines.join('\n')
}

function short(value: number | null | undefined): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : ''
}

interface Differing {
  readonly sessionId: string
  readonly attempt: number
  readonly from: string
  readonly to: string
  readonly reasons: readonly string[]
}

async function replayAll(installation: Installation, flags: Flags): Promise<Answer> {
  const { tenant, since, of } = flags
  const candidate = await policyOf(installation, flags, tenant)
  const counts: OutcomeCount[] = []
  const differing: Differing[] = []
  const altered: { sessionId: string; attempt: number }[] = []
  let otherChallenge = 0
  for await (const record of recordsOf(installation, tenant, since)) {
    const replay = await replayed(installation, record, candidate)
    const { sessionId, attempt, purpose, policy, recorded } = replay
    if (of !== undefined && !policy.startsWith(`${of}/`)) continue
    if (!replay.reproduced) altered.push({ sessionId, attempt })
    const { decision, reasons, differs } = replay.candidate ?? { ...recorded, differs: false }
    if (replay.candidate?.otherChallenge) otherChallenge++
    const own = reasons.find((reason) => !recorded.reasons.includes(reason)) ?? recorded.reasons[0]
    counts.push({
      role: 'shadow',
      candidate: candidate?.version ?? 0,
      version: 0,
      purpose,
      decision: recorded.decision,
      would: decision,
      ...(differs && own !== undefined ? { reason: own } : {}),
      count: 1,
    })
    if (differs && differing.length < MOST_LISTED)
      differing.push({ sessionId, attempt, from: recorded.decision, to: decision, reasons })
  }
  const [report] = shadowReports(counts)
  const name = candidate && `${candidate.name}/${candidate.version}`
  return {
    exit: altered.length === 0 ? EXIT.done : EXIT.negative,
    json: {
      attempts: counts.length,
      altered,
      ...(name === undefined ? {} : { policy: name, otherChallenge, ...reportOf(report), differing }),
    },
    text: [
      `${counts.length} stored decisions; ${altered.length} do not follow from what is stored with them.`,
      ...altered.map(({ sessionId, attempt }) => `  ALTERED ${sessionId}, attempt ${attempt}`),
      ...(name === undefined || !report ? [] : ['', `${name} on them.`, headless(shadowText(report))]),
      ...(otherChallenge > 0
        ? [
            '',
            `In ${otherChallenge} of them it would have asked for another challenge: only its rules are compared.`,
          ]
        : []),
    ].join('\n'),
  }
}

async function* recordsOf({ store }: Installation, tenant: string, since: number): AsyncGenerator<Stored> {
  let after: Stored | undefined
  do {
    const page = await store.listDecisionRecords(tenant, { since, limit: PAGE, ...(after ? { after } : {}) })
    yield* page
    after = page.length === PAGE ? page.at(-1) : undefined
  } while (after)
}

/** Many versions decided: only the candidate has a number. */
function reportOf(report: ShadowReport | undefined) {
  if (!report) return {}
  const { candidate: _, version: __, ...rest } = report
  return rest
}

function headless(text: string): string {
  return text.slice(text.indexOf('\n') + 1)
}

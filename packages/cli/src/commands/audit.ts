/** `ipse audit`: the audit log, for whoever does not believe us. */
import { IpseError, parseCheckpoint, parseNote } from '@ipse/protocol'
import { sha256 } from '@ipse/server'
import type { Command } from 'commander'
import type { Anchor, GivenNote } from '../audit/anchors.ts'
import {
  FROM_HELP,
  type LogFlags,
  logFlags,
  openOutside,
  several,
  verifierTexts,
  withInstalled,
} from '../audit/open.ts'
import { LOG_PROBLEMS } from '../audit/problems.ts'
import { readReceipt } from '../audit/receipt.ts'
import { splitNotes } from '../audit/source.ts'
import { type Remembered, readState, writeState } from '../audit/state.ts'
import { type LogReport, type VerifyOptions, verifyLog } from '../audit/verify.ts'
import { type Answer, answering, EXIT, progress } from '../command.ts'
import { readNamedFile } from '../files.ts'
import { addAuditExport } from './audit-export.ts'
import { addAuditShow } from './audit-show.ts'
import { addAuditWitness } from './audit-witness.ts'

interface Flags extends LogFlags {
  readonly logKey?: readonly string[]
  readonly checkpoint?: readonly string[]
  readonly state?: string
  readonly receipt?: readonly string[]
}

export function addAudit(program: Command): void {
  const group = program.command('audit')
  addVerify(group)
  addAuditShow(group)
  addAuditExport(group)
  addAuditWitness(group)
}

function addVerify(group: Command): void {
  const command = group
    .command('verify')
    .description('verify every entry, checkpoint and signature of a log')
    .argument('[from]', FROM_HELP)
    .option(
      '--log-key <key>',
      'verifier key of the log, or file with some; those the log names when absent; repeatable',
      several,
    )
    .option(
      '--checkpoint <file>',
      'checkpoints that were kept elsewhere, as they were shipped; repeatable',
      several,
    )
    .option('--state <file>', 'remembers the head of the log, and refuses one that is shorter or another')
    .option(
      '--receipt <file>',
      'a receipt that was kept: the log must hold what it proves; repeatable',
      several,
    )
    .addHelpText(
      'after',
      `
Examples:
  ipse audit verify
  ipse audit verify exported/ --log-key keys.txt --checkpoint /mnt/worm/checkpoints.txt
  ipse audit verify https://ipse.example/v1/log --state seen.json --json

The answer is no (exit code 1) for whatever does not fit, with the place of the first entry that is wrong: firstBad, and
firstBadUpTo where only a range is known. Keys and checkpoints that come from the log itself prove that it is whole, not that it is
the one you saw before: give --log-key, and --checkpoint or --state, from elsewhere.`,
    )
  answering(logFlags(command), verify)
}

async function verify(from: string | undefined, flags: Flags): Promise<Answer> {
  const state = flags.state === undefined ? undefined : await readState(flags.state)
  const notes = await givenNotes(flags.checkpoint ?? [])
  const receipts = await Promise.all((flags.receipt ?? []).map(readReceipt))
  const keys = (await verifierTexts(flags.logKey)) ?? state?.keys
  const options: VerifyOptions = {
    sha256,
    notes,
    receipts,
    ...(keys === undefined ? {} : { keys }),
    ...(state === undefined ? {} : { remembered: state.head }),
    tell: (done, total) => progress(done, total, 'entries verified:'),
  }
  const reports =
    from === undefined
      ? await withInstalled(flags, async (logs) => {
          assertHere([...receipts.map(({ anchor }) => anchor), ...(state ? [state.head] : [])], logs)
          const all: LogReport[] = []
          for (const log of logs) all.push(await verifyLog(log, forLog(options, log.head, state)))
          return all
        })
      : [await verifyOutside(from, flags, options)]
  const answer = answerOf(reports)
  const [only] = reports
  if (
    flags.state !== undefined &&
    answer.exit === EXIT.done &&
    reports.length === 1 &&
    only?.note !== undefined
  )
    await remember(flags.state, only)
  return answer
}

/** What is held against a log that is not here would be held against nothing. @throws IpseError `invalid_request` */
function assertHere(anchors: readonly Anchor[], logs: readonly { readonly head: Anchor }[]): void {
  const strange = anchors.find(({ origin }) => logs.every(({ head }) => head.origin !== origin))
  if (strange)
    throw new IpseError('invalid_request', `${strange.from} is of ${strange.origin}, which is not here`)
}

/** A state is of one log; the others of the data folder are not held against it. */
function forLog(
  options: VerifyOptions,
  head: VerifyOptions['head'] & object,
  state: Remembered | undefined,
): VerifyOptions {
  const { remembered, keys, receipts = [], ...rest } = options
  const its = state === undefined || state.head.origin === head.origin
  return {
    ...rest,
    head,
    receipts: receipts.filter(({ anchor }) => anchor.origin === head.origin),
    ...(its && remembered ? { remembered } : {}),
    ...(its && keys ? { keys } : {}),
  }
}

async function verifyOutside(from: string, flags: Flags, options: VerifyOptions): Promise<LogReport> {
  const source = await openOutside(from, flags)
  return verifyLog(source, { ...options, ...(source.size === undefined ? {} : { size: source.size }) })
}

async function givenNotes(files: readonly string[]): Promise<GivenNote[]> {
  const read = files.map(async (from) =>
    splitNotes((await readNamedFile(from)).toString('utf8')).map((note) => ({ note, from })),
  )
  return (await Promise.all(read)).flat()
}

async function remember(path: string, { note = '', origin = '', keys }: LogReport): Promise<void> {
  await writeState(path, { ...parseCheckpoint(parseNote(note).text), origin }, note, keys)
}

function answerOf(logs: readonly LogReport[]): Answer {
  const bad = logs.find(({ ok }) => !ok)
  const json = {
    ok: bad === undefined,
    size: logs.reduce((sum, { size }) => sum + size, 0),
    ...(bad?.firstBad === undefined ? {} : { firstBad: bad.firstBad }),
    ...(bad?.firstBadUpTo === undefined ? {} : { firstBadUpTo: bad.firstBadUpTo }),
    logs,
  }
  const text =
    logs.length === 0
      ? 'There is no log yet: nothing has been written to one.'
      : logs.map(textOf).join('\n\n')
  return { exit: bad === undefined ? EXIT.done : EXIT.negative, json, text }
}

/** Problems that are named at the terminal; --json has more. */
const NAMED = 10

function textOf(report: LogReport): string {
  const { ok, origin = 'a log without a name', size, problems, checkpoints, signedSize, keysFrom } = report
  const lines = [
    `${ok ? 'ok' : 'NOT OK'}  ${origin}: ${size} entries, ${checkpoints} checkpoints, the last one of ${signedSize} entries`,
    `  root ${report.root}`,
  ]
  const { firstBad, firstBadUpTo } = report
  if (firstBad !== undefined)
    lines.push(
      `  first wrong entry: ${firstBadUpTo === undefined ? firstBad : `between ${firstBad} and ${firstBadUpTo}`}`,
    )
  for (const { kind, what } of problems.slice(0, NAMED))
    lines.push(`  ${kind}: ${what}. ${LOG_PROBLEMS[kind]}`)
  if (problems.length > NAMED) lines.push(`  and ${problems.length - NAMED} more, see --json`)
  if (keysFrom === 'log')
    lines.push('  The keys are those that the log itself names; --log-key takes them from elsewhere.')
  return lines.join('\n')
}

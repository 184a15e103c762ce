/** `ipse abuse-report SESSION`: all that is held about a suspected attack, as JSON, as text or as a page to print. */
import { type AbuseReport, IpseError } from '@ipse/protocol'
import { createAuditor, reportAbuse } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { htmlReport } from '../eval/html-report.ts'
import { type Table, textTable } from '../eval/tables.ts'
import { writeNamedFile } from '../files.ts'
import {
  type DataFlags,
  dataFlags,
  openExistingInstallation,
  readSettings,
  type SettingFlags,
  settingFlags,
  systemClock,
  systemRandom,
} from '../installation.ts'
import { openPolicyBook } from '../policies.ts'

interface Flags extends DataFlags, SettingFlags {
  readonly impact: string
  readonly html?: string
}

export function addAbuseReport(program: Command): void {
  const command = program
    .command('abuse-report')
    .argument('<session>', 'id of the session, ses_…')
    .option('--impact <text>', "business impact, in the relying party's words", '')
    .option('--html <file>', 'write a page to print beside the answer')
    .addHelpText(
      'after',
      `
Examples:
  ipse abuse-report ses_… --json > report.json
  ipse abuse-report ses_… --impact "Two accounts were locked." --html report.html

Neither a picture nor a template is in it: none is kept. Works while the service runs; the audit trail notes every report.`,
    )
  answering(settingFlags(dataFlags(command)), report)
}

async function report(id: string, { data, set, impact, html }: Flags): Promise<Answer> {
  const settings = readSettings(set)
  await using installation = await openExistingInstallation(data)
  const { store, keys } = installation
  const session = await store.findSessionAnywhere(id)
  if (!session)
    throw new IpseError('invalid_request', `there is no session ${id} in ${installation.folder.path}`)
  const deps = { store, keys, clock: systemClock, random: systemRandom }
  const context = {
    ...deps,
    settings,
    policies: await openPolicyBook(settings.policies.path, installation),
    auditor: createAuditor(deps),
  }
  const made = await reportAbuse(context, session, { actor: 'ipse abuse-report' }, impact)
  if (html !== undefined) await writeNamedFile(html, pageOf(made))
  return { exit: EXIT.done, json: made, text: textOf(made) }
}

const titleOf = ({ session }: AbuseReport): string => `Abuse report ${session.id}`

/** What is known, in the order in which a reader asks for it. */
function linesOf(made: AbuseReport): string[] {
  const { session, policy, models, conditions, sealed, spoofTypes } = made
  const types = spoofTypes.map(({ type, meaning }) => `${type} (${meaning})`).join(' ')
  return [
    `Made ${made.createdAt} by Ipse ${made.service.version} at ${made.service.url}`,
    `Spoof type: ${types || 'none that the reasons name'}`,
    `Decision: ${session.decision ?? 'none'}; reasons: ${session.reasons.join(', ') || 'none'}`,
    `API path: ${made.apiPath.join('; ')}`,
    `Request ids: ${made.requestIds.join(', ') || 'none'}`,
    `Policy: ${policy.name}/${policy.version}${policy.digest === undefined ? '' : `, digest ${policy.digest}`}`,
    `Models: ${models.map(({ id, version }) => `${id}@${version}`).join(', ') || 'the session has no receipt'}`,
    `Conditions: ${conditions.attempts} attempts, ${conditions.frames} frames, ${conditions.startedAt ?? 'not started'} to ${conditions.endedAt ?? 'not ended'}`,
    `Device key: ${conditions.deviceKey ?? 'unknown'}; virtual camera by its own account: ${conditions.virtualCamera ?? 'unknown'}`,
    `Other flagged sessions of the device: ${session.conduct?.flaggedSessions.join(', ') || 'none'}`,
    `Transcript digest T: ${sealed.transcript ?? 'none'}`,
    `Business impact: ${made.businessImpact || '(to be filled in)'}`,
    `Digest of this report: ${made.digest}`,
  ]
}

function tablesOf({ findings, reproduction, trail }: AbuseReport): { title: string; table: Table }[] {
  return [
    {
      title: 'Reproduction',
      table: { head: ['step', 'what to do'], rows: reproduction.map((step, i) => [String(i + 1), step]) },
    },
    {
      title: 'Evidence that did not pass',
      table: {
        head: ['signal', 'measured', 'asked', 'weight', 'reason'],
        rows: findings.map(({ signal, measurement, atLeast, weight, reason }) => [
          signal,
          measurement.status === 'assessed'
            ? String(Number(measurement.native.toPrecision(4)))
            : measurement.reason,
          atLeast === undefined ? '' : String(atLeast),
          weight,
          reason ?? '',
        ]),
      },
    },
    {
      title: 'Audit trail',
      table: {
        head: ['time', 'event', 'decision', 'error', 'request'],
        rows: trail.map(({ time, event, decision = '', error = '', requestId = '' }) => [
          time,
          event,
          decision,
          error,
          requestId,
        ]),
      },
    },
  ]
}

function textOf(made: AbuseReport): string {
  const tables = tablesOf(made).map(({ title, table }) => `${title}\n${textTable(table)}`)
  return [titleOf(made), linesOf(made).join('\n'), ...tables].join('\n\n')
}

function pageOf(made: AbuseReport): string {
  const receipt = made.sealed.receipt ?? 'none'
  return htmlReport({
    title: titleOf(made),
    notes: [...linesOf(made), `Receipt: ${receipt}`],
    plot: '',
    tables: tablesOf(made),
  })
}

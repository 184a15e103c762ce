/** `ipse retention report`: what the next sweep deletes, and why. */
import { retentionReport } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { textTable } from '../eval/tables.ts'
import {
  type DataFlags,
  dataFlags,
  openExistingInstallation,
  readSettings,
  type SettingFlags,
  settingFlags,
} from '../installation.ts'
import { privacyContext, type TenantFlags, tenantFlags } from '../privacy.ts'

export function addRetention(program: Command): void {
  const group = program.command('retention')
  const report = group
    .command('report')
    .description('what the next sweep deletes, and why; nothing is deleted')
    .addHelpText(
      'after',
      `
Examples:
  ipse retention report --tenant shop
  ipse retention report --tenant shop --json

The service sweeps once a minute; "ipse purge" does it now. Rules: docs/privacy.md.`,
    )
  answering(settingFlags(dataFlags(tenantFlags(report))), reportDue)
}

async function reportDue({ data, set, tenant }: DataFlags & SettingFlags & TenantFlags): Promise<Answer> {
  const settings = readSettings(set)
  await using installation = await openExistingInstallation(data)
  const report = await retentionReport(privacyContext(installation, settings), tenant)
  const rows = report.due.map(({ rule, days, count, since, why }) => [
    rule,
    String(days),
    String(count),
    since ?? '',
    why,
  ])
  const head = ['rule', 'days', 'due now', 'oldest', 'why']
  return { exit: EXIT.done, json: report, text: textTable({ head, rows }) }
}

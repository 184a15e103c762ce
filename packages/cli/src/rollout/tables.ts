/** What candidates decided, in words and columns: `ipse rollout report` and `ipse replay-decision --all`. */
import type { CanaryReport, PolicyVersion, ShadowReport, Share } from '@ipse/server'
import { percent } from '../eval/det-plot.ts'
import { type Table, textTable } from '../eval/tables.ts'

/** `3 of 100, 3.00 % (0.62 % to 8.52 %)`: a rate is nothing without its interval. */
export function shareText({ count, rate, lower, upper }: Share, of: number): string {
  const measured = rate === undefined ? 'none counted' : `${percent(rate)}`
  return `${count} of ${of}, ${measured} (${percent(lower)} to ${percent(upper)})`
}

export function shadowText(report: ShadowReport): string {
  const { candidate, version, decisions, agreement, acceptToReject, rejectToAccept, changes, reasons } =
    report
  const table: Table = {
    head: ['decided', 'would have been', 'attempts, rate (95 % exact)'],
    rows: changes.map((change) => [change.from, change.to, shareText(change, decisions)]),
  }
  return [
    `Version ${candidate} beside version ${version}: ${decisions} attempts`,
    `  same decision      ${shareText(agreement, decisions)}`,
    `  accept → reject    ${shareText(acceptToReject, decisions)}`,
    `  reject → accept    ${shareText(rejectToAccept, decisions)}`,
    ...(changes.length > 0 ? ['', textTable(table)] : []),
    ...(reasons.length > 0
      ? [
          '',
          `First reason that differs: ${reasons.map(({ reason, count }) => `${reason} ${count}`).join(', ')}`,
        ]
      : []),
  ].join('\n')
}

export function canaryText({ candidate, canary, inForce, worse }: CanaryReport): string {
  const rows = [canary, ...inForce].map(({ version, decisions, rejected, notAccepted, errors }) => [
    version === candidate ? `${version} (canary)` : String(version),
    shareText(rejected, decisions),
    shareText(notAccepted, decisions),
    String(errors),
  ])
  const judged = worse.length > 0 ? `WORSE: ${worse.join('; ')}` : 'Nothing shows that it does worse.'
  return [
    `Version ${candidate} as canary`,
    textTable({ head: ['version', 'rejected (95 % exact)', 'not accepted', 'could not decide'], rows }),
    judged,
  ].join('\n')
}

export function versionTable(versions: readonly PolicyVersion[]): string {
  return textTable({
    head: ['policy', 'stage', 'share', 'since', 'digest'],
    rows: versions.map(({ name, version, stage, share, changedAt, digest }) => [
      `${name}/${version}`,
      stage,
      share === undefined ? '' : `${share} %`,
      new Date(changedAt).toISOString(),
      digest,
    ]),
  })
}

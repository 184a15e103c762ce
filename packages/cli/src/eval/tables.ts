/** The tables of a match report in words and columns, for terminal and HTML alike. */

import type { Interval } from '@ipse/server/intervals'
import { percent } from './det-plot.ts'
import type { MatchReport } from './match-report.ts'

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

function between({ lower, upper }: Interval, digits = 2): string {
  return `${percent(lower, digits)} to ${percent(upper, digits)}`
}

export function summaryLines({
  mated,
  nonMated,
  images,
  auc,
  aucInterval,
  eer,
  eerInterval,
}: MatchReport): string[] {
  return [
    `${mated} mated and ${nonMated} non-mated comparisons of ${images} images`,
    `AUC ${auc.toFixed(5)} (${aucInterval.lower.toFixed(5)} to ${aucInterval.upper.toFixed(5)})`,
    `EER ${percent(eer, 3)} (${between(eerInterval)})`,
  ]
}

export function claimTable({ at, nonMated }: MatchReport): Table {
  return {
    head: ['FMR at most', 'TAR', 'TAR, 95 % by image', 'threshold', 'FMR, 95 % exact', 'carried by the data'],
    rows: at.map(({ target, tar, interval, threshold, fmr, carried, minimumNonMated }) => [
      percent(target),
      percent(tar, 4),
      between(interval, 4),
      Number.isFinite(threshold) ? threshold.toFixed(4) : 'above all',
      between(fmr),
      carried ? 'yes' : `no: ${nonMated} of ${minimumNonMated} non-mated pairs`,
    ]),
  }
}

export function pointTable({ operatingPoints }: MatchReport): Table {
  return {
    head: ['model claims FMR', 'threshold', 'FMR here', '95 % exact', 'FNMR here', '95 % exact'],
    rows: operatingPoints.map(({ claimed, threshold, default: isDefault, fmr, fnmr }) => [
      `${percent(claimed)}${isDefault ? ' (default)' : ''}`,
      threshold.toFixed(4),
      percent(fmr.value),
      between(fmr),
      percent(fnmr.value),
      between(fnmr),
    ]),
  }
}

/** Columns padded with spaces. */
export function textTable({ head, rows }: Table): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('   ')
      .trimEnd()
  return [head, ...rows].map(line).join('\n')
}

/** The tables of a PAD report in words and columns, for terminal and HTML alike. */
import { percent } from './det-plot.ts'
import type { AtApcer, PadReport, Presented } from './pad-report.ts'
import type { Table } from './tables.ts'

function interval({ lower95, upper95 }: Presented): string {
  return `${percent(lower95)} to ${percent(upper95)}`
}

export function errorTable({ species, bonaFide }: PadReport): Table {
  return {
    head: ['presented', 'n', 'no response', 'error', 'rate', '95 % exact', 'AUC'],
    rows: [
      ...species.map((row) => [
        row.name,
        String(row.n),
        percent(row.apnrr),
        'APCER',
        percent(row.apcer),
        interval(row),
        Number.isFinite(row.auc) ? row.auc.toFixed(3) : 'unknown',
      ]),
      [
        'bona fide',
        String(bonaFide.n),
        percent(bonaFide.bpnrr),
        'BPCER',
        percent(bonaFide.bpcer),
        interval(bonaFide),
        '',
      ],
    ],
  }
}

export function targetTable({ at }: PadReport): Table {
  return {
    head: ['APCER at most', 'BPCER', '95 % exact', 'threshold', 'carried by the data'],
    rows: at.map(({ target, claim, found }) =>
      found
        ? [
            percent(target),
            percent(found.bpcer),
            `${percent(found.interval.lower)} to ${percent(found.interval.upper)}`,
            Number.isFinite(found.threshold) ? found.threshold.toFixed(4) : 'above all',
            'yes',
          ]
        : [percent(target), 'not claimed', '', '', shortOf({ target, claim })],
    ),
  }
}

function shortOf({ claim }: AtApcer): string {
  if (claim.supported) return 'yes'
  return `no: ${claim.short.map(({ name, has }) => `${has} of ${claim.needs} ${name}`).join(', ')}`
}

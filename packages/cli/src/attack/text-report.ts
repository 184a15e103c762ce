/** The report of a run for the terminal. */
import { percent } from '../eval/det-plot.ts'
import { type Table, textTable } from '../eval/tables.ts'
import type { AttackReport, Row } from './results.ts'

export function between({ lower95, upper95 }: Pick<Row, 'lower95' | 'upper95'>): string {
  return `${percent(lower95)} to ${percent(upper95)}`
}

/** Share of the asked frame rate below which a run says little: tracks break then, for people and attacks alike. */
export const LEAST_RATE_KEPT = 0.8
const ENDED = { complete: '', time: 'its time was over', interrupted: 'it was interrupted' } as const

/** The sentences that everybody should read before the table. */
export function headline(report: AttackReport): string[] {
  const {
    bonaFide,
    worst,
    worstUnexpected,
    unexpected,
    cpuSecondsPerSession,
    clientCpuSecondsPerSession,
    wallSeconds,
    end,
    unfinished,
    leftOut,
    setting,
  } = report
  const name = ({ method, instrument }: { method: string; instrument: string }) =>
    `${instrument} by ${method}`
  return [
    ...(worst
      ? [
          `Worst instrument: ${name(worst)}, accepted ${percent(worst.rate)} (up to ${percent(worst.upper95)} at 95 %)${worst.expected === 'residual' ? ': a known gap' : ''}.`,
        ]
      : []),
    ...(worstUnexpected
      ? [
          `Worst of those that must be stopped: ${name(worstUnexpected)}, accepted ${percent(worstUnexpected.rate)} (up to ${percent(worstUnexpected.upper95)}).`,
        ]
      : []),
    unexpected.length > 0
      ? `Accepted although they must be stopped: ${unexpected.join(', ')}.`
      : 'No instrument that must be stopped was accepted.',
    `Bona fide sessions rejected: ${percent(bonaFide.rejected.rate)} (${between(bonaFide.rejected)}), ${bonaFide.sessions - bonaFide.accepted} of ${bonaFide.sessions}.`,
    ...(bonaFide.sessions > 0 && bonaFide.accepted === 0
      ? ['Nobody was accepted at all: what the attacks reached says nothing.']
      : []),
    `Policy ${setting.policy}, ${setting.attempts} ${setting.attempts === 1 ? 'capture' : 'captures'} a session; people ${setting.people.join(', ')}; seed ${setting.seed}; ${Math.round(wallSeconds)} s${cpuSecondsPerSession === null ? '' : `; ${cpuSecondsPerSession.toFixed(2)} s of CPU of the service for each session`}${clientCpuSecondsPerSession === null ? '' : `, ${clientCpuSecondsPerSession.toFixed(2)} s of the devices`}.`,
    ...(end === 'complete'
      ? []
      : [
          `The run ended before all was presented: ${ENDED[end]}. Cells with fewer presentations than planned: ${unfinished.length} of ${report.matrix.length}.`,
        ]),
    ...(bonaFide.rateKept !== null && bonaFide.rateKept < LEAST_RATE_KEPT
      ? [
          `The machine was too busy: bona fide cameras kept ${percent(bonaFide.rateKept)} of the frame rate that the service asks for. Tracks break then, for people and attacks alike: run fewer side by side (--parallel).`,
        ]
      : []),
    ...(setting.calibratedWith.length > 0
      ? [
          `${setting.calibratedWith.join(', ')} served to calibrate the service: bona fide rates with them are too good.`,
        ]
      : []),
    ...leftOut.map(
      ({ method, instrument, why }) =>
        `Left out: ${instrument ? `${instrument} by ` : ''}${method} (${why}).`,
    ),
    'Simulated people: for plumbing and for the order of attacks, not for error rates against real ones.',
  ]
}

export function matrixTable({ matrix }: AttackReport): Table {
  return {
    head: [
      'method',
      'instrument',
      'expected',
      'accepted',
      'rate',
      '95 % exact',
      'seconds',
      'most frequent reason',
    ],
    rows: matrix.map((row) => [
      row.method,
      row.instrument,
      row.expected,
      `${row.accepted} of ${row.presentations}${row.nonResponses > 0 ? ` (+${row.nonResponses} unjudged)` : ''}${row.presentations + row.nonResponses < row.planned ? `, ${row.planned} planned` : ''}`,
      percent(row.rate),
      between(row),
      Number.isFinite(row.secondsPerSession) ? row.secondsPerSession.toFixed(1) : '',
      Object.keys(row.reasons)[0] ?? '',
    ]),
  }
}

export function textReport(report: AttackReport): string {
  return [...headline(report), '', textTable(matrixTable(report))].join('\n')
}

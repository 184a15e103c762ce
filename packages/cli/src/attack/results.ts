/** From presentations to the report: rates with exact intervals, the worst in front. */
import { clopperPearson } from '@ipse/server/intervals'
import type { End } from './bounds.ts'
import type { Cell } from './plan.ts'
import type { Presentation } from './presentation.ts'

export interface Rate {
  readonly presentations: number
  readonly accepted: number
  /** NaN without presentations; written to JSON as null. */
  readonly rate: number
  /** Clopper–Pearson, two-sided 95 %. */
  readonly lower95: number
  readonly upper95: number
}

export interface Row extends Rate, Summary {
  readonly method: string
  readonly instrument: string
  readonly expected: 'stopped' | 'residual'
  readonly variants: readonly ({ readonly name: string } & Rate)[]
}

/** What a group of presentations has in common, attacks or bona fide sessions. */
export interface Summary {
  /** Presentations that were planned; fewer were made when the run ended before. */
  readonly planned: number
  /** Presentations that the service was not able to judge; they are not counted in the rate. */
  readonly nonResponses: number
  /** How often each reason was among those of a presentation, the most frequent first. */
  readonly reasons: Readonly<Record<string, number>>
  /** Signal by signal: what spoke against the presentations, and how the measure lies. */
  readonly signals: Readonly<Record<string, SignalSummary>>
  readonly secondsPerSession: number
  /** Mean over the sessions, pauses included. */
  readonly framesPerSecond: number
  /** Median over the sessions of what the camera kept up, as a share of what the service asks for; null without cameras. */
  readonly rateKept: number | null
}

/** One signal over the judged presentations. */
export interface SignalSummary {
  /** Share in which it was below the threshold of a rule, and in which it could not be assessed although a rule needs it. */
  readonly failed: number
  readonly insufficient: number
  /** Native measure where it was assessed: how often, and its quartiles. */
  readonly assessed: number
  readonly lower: number | null
  readonly median: number | null
  readonly upper: number | null
}

export interface BonaFide extends Summary {
  readonly sessions: number
  readonly accepted: number
  /** Person by person: who is simulated badly shows here. */
  readonly people: readonly ({ readonly name: string } & Rate)[]
  /** Share that was not accepted, with its interval. */
  readonly rejected: Pick<Rate, 'rate' | 'lower95' | 'upper95'>
}

export interface LeftOut {
  readonly method: string
  /** One instrument of the method; all of them when absent. */
  readonly instrument?: string
  readonly why: string
}

export interface AttackReport {
  readonly bonaFide: BonaFide
  readonly matrix: readonly Row[]
  /** The row with the highest accept rate; of rows with equal rates, the one about which least is known. */
  readonly worst: Pick<Row, 'method' | 'instrument' | 'expected' | 'rate' | 'upper95'> | null
  /** The same among instruments that must be stopped. */
  readonly worstUnexpected: Pick<Row, 'method' | 'instrument' | 'rate' | 'upper95'> | null
  /** Instruments that must be stopped and were accepted at least once. */
  readonly unexpected: readonly string[]
  /** CPU of the service for each session of the run; null when it could not be read. */
  readonly cpuSecondsPerSession: number | null
  /** The same of this process: rendering, JPEG, sealing; browsers not included. */
  readonly clientCpuSecondsPerSession: number | null
  readonly estimatedSeconds: number
  readonly wallSeconds: number
  readonly end: End
  /** Cells with fewer presentations than planned, because the run ended before. */
  readonly unfinished: readonly string[]
  readonly leftOut: readonly LeftOut[]
  readonly setting: Setting
}

/** Under which circumstances it was measured. */
export interface Setting {
  readonly policy: string
  readonly seed: number
  readonly parallel: number
  /** Captures that a session may take. */
  readonly attempts: number
  readonly people: readonly string[]
  /** People that limits were calibrated with: bona fide rates with them say nothing. */
  readonly calibratedWith: readonly string[]
  readonly date: string
}

export function rateOf(presentations: readonly Presentation[]): Rate {
  const judged = presentations.filter(({ responded }) => responded)
  const accepted = judged.filter((presentation) => presentation.accepted).length
  const { lower, upper } = clopperPearson(accepted, judged.length)
  const rate = accepted / judged.length
  return { presentations: judged.length, accepted, rate, lower95: lower, upper95: upper }
}

export function rowOf(cell: Cell, all: readonly Presentation[]): Row {
  const { method, instrument, variants, expected, jobs } = cell
  const mine = all.filter(({ job }) => job.method === method.name && job.instrument === instrument)
  return {
    method: method.name,
    instrument,
    expected,
    ...rateOf(mine),
    ...summaryOf(mine, jobs.length),
    variants:
      variants.length < 2
        ? []
        : variants.map((name) => ({ name, ...rateOf(mine.filter(({ job }) => job.variant === name)) })),
  }
}

/** @param names of the people, in the order of the cast */
export function bonaFideOf(
  presentations: readonly Presentation[],
  planned: number,
  names: readonly string[],
): BonaFide {
  const { presentations: sessions, accepted, rate, lower95, upper95 } = rateOf(presentations)
  return {
    sessions,
    accepted,
    people: names.map((name, person) => ({
      name,
      ...rateOf(presentations.filter(({ job }) => job.victim === person)),
    })),
    rejected: { rate: 1 - rate, lower95: 1 - upper95, upper95: 1 - lower95 },
    ...summaryOf(presentations, planned),
  }
}

function summaryOf(presentations: readonly Presentation[], planned: number): Summary {
  const judged = presentations.filter(({ responded }) => responded)
  return {
    planned,
    nonResponses: presentations.length - judged.length,
    reasons: histogram(presentations.flatMap(({ reasons }) => reasons)),
    signals: signalsOf(judged),
    secondsPerSession: mean(judged.map(({ seconds }) => seconds)),
    framesPerSecond: mean(judged.map(({ frames, seconds }) => frames / seconds)),
    rateKept: quantile(
      judged.flatMap(({ rateKept }) => rateKept ?? []),
      0.5,
    ),
  }
}

/** @param rows in any order; the worst come first in the report */
export function reportOf(
  rows: readonly Row[],
  bonaFide: BonaFide,
  rest: Omit<AttackReport, 'bonaFide' | 'matrix' | 'worst' | 'worstUnexpected' | 'unexpected' | 'unfinished'>,
): AttackReport {
  const judged = rows.filter(({ presentations }) => presentations > 0)
  const worstOf = (candidates: readonly Row[]) =>
    candidates.toSorted((a, b) => b.rate - a.rate || b.upper95 - a.upper95)[0]
  const worst = worstOf(judged)
  const unexpected = worstOf(judged.filter(({ expected }) => expected === 'stopped'))
  return {
    bonaFide,
    matrix: rows,
    worst: worst
      ? {
          method: worst.method,
          instrument: worst.instrument,
          expected: worst.expected,
          rate: worst.rate,
          upper95: worst.upper95,
        }
      : null,
    worstUnexpected: unexpected
      ? {
          method: unexpected.method,
          instrument: unexpected.instrument,
          rate: unexpected.rate,
          upper95: unexpected.upper95,
        }
      : null,
    unexpected: judged
      .filter(({ expected, accepted }) => expected === 'stopped' && accepted > 0)
      .map(({ method, instrument }) => `${method}/${instrument}`),
    unfinished: rows
      .filter(({ presentations, nonResponses, planned }) => presentations + nonResponses < planned)
      .map(({ method, instrument }) => `${method}/${instrument}`),
    ...rest,
  }
}

function histogram(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted((a, b) => b[1] - a[1]))
}

function signalsOf(judged: readonly Presentation[]): Record<string, SignalSummary> {
  const names = new Set(
    judged.flatMap(({ evidence, against, insufficient }) => [
      ...Object.keys(evidence),
      ...against,
      ...insufficient,
    ]),
  )
  const share = (holds: (presentation: Presentation) => boolean) =>
    judged.filter(holds).length / judged.length
  return Object.fromEntries(
    [...names].sort().map((name): [string, SignalSummary] => {
      const values = judged.flatMap(({ evidence }) => evidence[name] ?? [])
      return [
        name,
        {
          failed: share(({ against }) => against.includes(name)),
          insufficient: share(({ insufficient }) => insufficient.includes(name)),
          assessed: values.length,
          lower: quantile(values, 0.25),
          median: quantile(values, 0.5),
          upper: quantile(values, 0.75),
        },
      ]
    }),
  )
}

/** The value below which that share lies, the nearest one that was measured; null without values. */
function quantile(values: readonly number[], share: number): number | null {
  return values.toSorted((a, b) => a - b)[Math.round(share * (values.length - 1))] ?? null
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

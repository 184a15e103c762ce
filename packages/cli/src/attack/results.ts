/** From presentations to the report: rates with exact intervals, the worst in front. */
import { clopperPearson } from '../eval/intervals.ts'
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

export interface Row extends Rate {
  readonly method: string
  readonly instrument: string
  readonly expected: 'stopped' | 'residual'
  /** Presentations that the service was not able to judge; they are not counted above. */
  readonly nonResponses: number
  readonly variants: readonly ({ readonly name: string } & Rate)[]
  /** How often each reason was among those of a presentation, the most frequent first. */
  readonly reasons: Readonly<Record<string, number>>
  /** Median of every signal over the presentations in which it was assessed. */
  readonly evidence: Readonly<Record<string, number>>
  readonly secondsPerSession: number
  /** Mean over the sessions; far below what the service asks for, the machine was too busy to measure anything. */
  readonly framesPerSecond: number
}

export interface BonaFide {
  readonly sessions: number
  readonly accepted: number
  /** Person by person: who is simulated badly shows here. */
  readonly people: readonly ({ readonly name: string } & Rate)[]
  /** Share that was not accepted, with its interval. */
  readonly rejected: Pick<Rate, 'rate' | 'lower95' | 'upper95'>
  readonly nonResponses: number
  readonly reasons: Readonly<Record<string, number>>
  readonly evidence: Readonly<Record<string, number>>
  readonly secondsPerSession: number
  /** Mean over the sessions; far below what the service asks for, the machine was too busy to measure anything. */
  readonly framesPerSecond: number
}

export interface LeftOut {
  readonly method: string
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
  readonly wallSeconds: number
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

export function rowOf({ method, instrument, variants, expected }: Cell, all: readonly Presentation[]): Row {
  const mine = all.filter(({ job }) => job.method === method.name && job.instrument === instrument)
  return {
    method: method.name,
    instrument,
    expected,
    ...rateOf(mine),
    ...summaryOf(mine),
    variants:
      variants.length < 2
        ? []
        : variants.map((name) => ({ name, ...rateOf(mine.filter(({ job }) => job.variant === name)) })),
  }
}

/** @param names of the people, in the order of the cast */
export function bonaFideOf(presentations: readonly Presentation[], names: readonly string[]): BonaFide {
  const { presentations: sessions, accepted, rate, lower95, upper95 } = rateOf(presentations)
  return {
    sessions,
    accepted,
    people: names.map((name, person) => ({
      name,
      ...rateOf(presentations.filter(({ job }) => job.victim === person)),
    })),
    rejected: { rate: 1 - rate, lower95: 1 - upper95, upper95: 1 - lower95 },
    ...summaryOf(presentations),
  }
}

function summaryOf(presentations: readonly Presentation[]) {
  const judged = presentations.filter(({ responded }) => responded)
  return {
    nonResponses: presentations.length - judged.length,
    reasons: histogram(presentations.flatMap(({ reasons }) => reasons)),
    evidence: medians(judged.map(({ evidence }) => evidence)),
    secondsPerSession: mean(judged.map(({ seconds }) => seconds)),
    framesPerSecond: mean(judged.map(({ frames, seconds }) => frames / seconds)),
  }
}

/** @param rows in any order; the worst come first in the report */
export function reportOf(
  rows: readonly Row[],
  bonaFide: BonaFide,
  rest: Pick<AttackReport, 'cpuSecondsPerSession' | 'wallSeconds' | 'leftOut' | 'setting'>,
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
    ...rest,
  }
}

function histogram(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted((a, b) => b[1] - a[1]))
}

function medians(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = [...new Set(all.flatMap((evidence) => Object.keys(evidence)))].sort()
  return Object.fromEntries(
    names.map((name) => {
      const values = all.flatMap((evidence) => evidence[name] ?? []).toSorted((a, b) => a - b)
      return [name, values[values.length >> 1]!]
    }),
  )
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

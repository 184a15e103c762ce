/**
 * From scores to the report of `ipse eval pad`, in the terms of ISO/IEC 30107-3: APCER of every PAI species and of the
 * worst, BPCER, and the shares that got no response. Pure. A presentation is bona fide when its score ≥ threshold.
 */
import { clopperPearson, type Interval, minimumTrials } from '@ipse/server/intervals'
import { areaUnderCurve, ordered, pointAtFmr, type RatePoint, ratePoints, type Trial } from './metrics.ts'

/** Attack error rates at which the bona fide error rate is reported: BPCER10, BPCER20, BPCER100. */
export const APCER_TARGETS = [0.1, 0.05, 0.01] as const

export interface ScoredSample {
  /** Absent: bona fide. */
  readonly species?: string
  /** Absent: no response. Missing is neither bona fide nor an attack. */
  readonly score?: number
}

/** Presentations of one kind. Error rates are over those with a response; not a number when there was none. */
export interface Presented {
  readonly n: number
  readonly responses: number
  readonly nonResponses: number
  readonly errors: number
  /** Exact 95 % interval of the error rate, taking presentations for independent. */
  readonly lower95: number
  readonly upper95: number
}

export interface BonaFideRates extends Presented {
  readonly bpcer: number
  readonly bpnrr: number
}

export interface SpeciesRates extends Presented {
  readonly name: string
  readonly apcer: number
  readonly apnrr: number
  /** Probability that a bona fide score is above one of this species; .5 separates nothing. */
  readonly auc: number
}

/** What so many samples cannot show is not said. */
export type Claim =
  | { readonly supported: true }
  | {
      readonly supported: false
      /** Responses that would carry it: of every species, or of bona fide presentations. */
      readonly needs: number
      readonly short: readonly { readonly name: string; readonly has: number }[]
    }

export interface AtApcer {
  readonly target: number
  readonly claim: Claim
  /** Only where the claim is supported. */
  readonly found?: { readonly threshold: number; readonly bpcer: number; readonly interval: Interval }
}

export interface PadReport {
  readonly threshold: number
  readonly bonaFide: BonaFideRates
  /** The worst first. */
  readonly species: readonly SpeciesRates[]
  readonly worst: Pick<SpeciesRates, 'name' | 'n' | 'apcer' | 'upper95'> | null
  readonly at: readonly AtApcer[]
  /** BPCER (as `fnmr`) over APCER (as `fmr`) of every species. */
  readonly curves: readonly { readonly name: string; readonly points: readonly RatePoint[] }[]
}

export function reportPad(samples: readonly ScoredSample[], threshold: number): PadReport {
  const bonaFide = samples.filter(({ species }) => species === undefined)
  const attacks = Map.groupBy(
    samples.filter(({ species }) => species !== undefined),
    ({ species = '' }) => species,
  )
  const curves = [...attacks].map(([name, of]) => ({ name, points: curveOf(bonaFide, of) }))
  const species = [...attacks]
    .map(([name, of], i): SpeciesRates => {
      const presented = present(of, (score) => score >= threshold)
      const { errors, responses, nonResponses, n } = presented
      return {
        name,
        ...presented,
        apcer: errors / responses,
        apnrr: nonResponses / n,
        auc: areaUnderCurve(curves[i]?.points ?? []),
      }
    })
    .sort(byBadness)
  const presented = present(bonaFide, (score) => !(score >= threshold))
  const [worst] = species
  return {
    threshold,
    bonaFide: {
      ...presented,
      bpcer: presented.errors / presented.responses,
      bpnrr: presented.nonResponses / presented.n,
    },
    species,
    worst: worst ? { name: worst.name, n: worst.n, apcer: worst.apcer, upper95: worst.upper95 } : null,
    at: APCER_TARGETS.map((target) => atApcer(target, bonaFide, species, curves)),
    curves,
  }
}

/** Highest rate first; of equal rates the one that is known less well; without a response nothing is known at all. */
function byBadness(a: SpeciesRates, b: SpeciesRates): number {
  const rate = ({ apcer }: SpeciesRates) => (Number.isNaN(apcer) ? 1 : apcer)
  return rate(b) - rate(a) || b.upper95 - a.upper95 || (a.name < b.name ? -1 : 1)
}

function present(samples: readonly ScoredSample[], isError: (score: number) => boolean): Presented {
  const scores = scoresOf(samples)
  const errors = scores.filter(isError).length
  const { lower, upper } = clopperPearson(errors, scores.length)
  return {
    n: samples.length,
    responses: scores.length,
    nonResponses: samples.length - scores.length,
    errors,
    lower95: lower,
    upper95: upper,
  }
}

function scoresOf(samples: readonly ScoredSample[]): number[] {
  return samples.flatMap(({ score }) => (score === undefined ? [] : [score]))
}

/** BPCER over APCER of one species. */
export function curveOf(bonaFide: readonly ScoredSample[], attacks: readonly ScoredSample[]): RatePoint[] {
  const trials = (of: readonly ScoredSample[], mated: boolean): Trial[] =>
    scoresOf(of).map((score) => ({ score, mated, weight: 1 }))
  return ratePoints(ordered([...trials(bonaFide, true), ...trials(attacks, false)]))
}

/** Every species must be at the target: the highest of their thresholds. */
function atApcer(
  target: number,
  bonaFide: readonly ScoredSample[],
  species: readonly SpeciesRates[],
  curves: PadReport['curves'],
): AtApcer {
  const claim = claimOf(target, scoresOf(bonaFide).length, species)
  if (!claim.supported) return { target, claim }
  const threshold = Math.max(...curves.map(({ points }) => pointAtFmr(points, target).threshold))
  const { errors, responses, lower95, upper95 } = present(bonaFide, (score) => !(score >= threshold))
  const interval = { lower: lower95, upper: upper95 }
  return { target, claim, found: { threshold, bpcer: errors / responses, interval } }
}

/** Whether so many responses can show such a rate at all (rule of three), of every species. */
export function claimOf(
  target: number,
  bonaFideResponses: number,
  species: readonly { readonly name: string; readonly responses: number }[],
): Claim {
  if (bonaFideResponses === 0) return { supported: false, needs: 1, short: [{ name: 'bona fide', has: 0 }] }
  const needs = minimumTrials(target)
  const short = species
    .filter(({ responses }) => responses < needs)
    .map(({ name, responses }) => ({ name, has: responses }))
  if (species.length === 0) return { supported: false, needs, short: [{ name: 'attacks', has: 0 }] }
  return short.length === 0 ? { supported: true } : { supported: false, needs, short }
}

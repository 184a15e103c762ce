/**
 * A threshold from data: the lowest one at which the samples show, at one-sided 95 %, that no species is accepted more
 * often than asked. Pure.
 */
import type { PadRates } from '@ipse/protocol'
import { clopperPearson } from '@ipse/server/intervals'
import { pointAtFmr } from '../eval/metrics.ts'
import {
  type Claim,
  claimOf,
  curveOf,
  type PadReport,
  type Presented,
  reportPad,
  type ScoredSample,
} from '../eval/pad-report.ts'

/** A two-sided interval of this level ends where the one-sided 95 % bound lies. */
const ONE_SIDED_95 = 0.9

export type Calibrated =
  | { readonly threshold: number; readonly report: PadReport }
  /** So many samples cannot show such a rate. */
  | { readonly refused: 'too-few-samples'; readonly claim: Claim & { readonly supported: false } }
  /** They show it, and people would be refused more often than allowed. */
  | { readonly refused: 'no-separation'; readonly threshold: number; readonly bpcer: number }

/** @param mostBpcer share of people that may be refused */
export function calibrate(samples: readonly ScoredSample[], apcer: number, mostBpcer: number): Calibrated {
  const first = reportPad(samples, Number.NEGATIVE_INFINITY)
  const claim = claimOf(apcer, first.bonaFide.responses, first.species)
  if (!claim.supported) return { refused: 'too-few-samples', claim }
  const bonaFide = samples.filter(({ species }) => species === undefined)
  const thresholds = first.species.map(({ name, responses }) => {
    const attacks = samples.filter(({ species }) => species === name)
    return pointAtFmr(curveOf(bonaFide, attacks), errorsAllowed(responses, apcer) / responses).threshold
  })
  const threshold = Math.max(...thresholds)
  const report = reportPad(samples, threshold)
  const { bpcer } = report.bonaFide
  if (!Number.isFinite(threshold) || !(bpcer <= mostBpcer))
    return { refused: 'no-separation', threshold, bpcer }
  return { threshold, report }
}

/** Most accepted attacks of so many whose one-sided 95 % bound is not above the rate. */
export function errorsAllowed(attacks: number, apcer: number): number {
  let errors = 0
  while (clopperPearson(errors + 1, attacks, ONE_SIDED_95).upper <= apcer) errors++
  return errors
}

/** For a policy file. Without a response nothing was measured, and that is not written down as a rate. */
export function ratesOf({ species, bonaFide }: PadReport): PadRates | undefined {
  if ([bonaFide, ...species].some(({ responses }) => responses === 0)) return undefined
  const rate = ({ responses, errors, upper95 }: Presented) => ({
    n: responses,
    rate: errors / responses,
    upper95,
  })
  return {
    species: Object.fromEntries(species.map((row) => [row.name, rate(row)])),
    bonaFide: rate(bonaFide),
  }
}

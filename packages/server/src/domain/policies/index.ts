/** Policies by name, and how a named false match rate becomes a threshold of the present model. */
import { IpseError, type Policy, type ResolvedPolicy, type ResolvedRule, type Rule } from '@ipse/protocol'
import type { ContinuityLimits } from '../capture-record.ts'
import { accessible } from './accessible.ts'
import { colourLightRules } from './colour-light.ts'
import { demo } from './demo.ts'
import { high } from './high.ts'
import { type PadSlot, padRules } from './pad-rules.ts'
import { passive } from './passive.ts'
import { standard } from './standard.ts'
import { virtualCameraRules } from './virtual-camera.ts'

export { checkCalibratedModels } from './calibrated-models.ts'
export { parsePolicy } from './policy-file.ts'

export type Policies = Readonly<Record<string, Policy>>

/** Those that come with Ipse. */
export const POLICIES: Policies = { standard, high, passive, accessible, demo }
export const DEFAULT_POLICY = standard.name

/** The part of a model's operating point that a decision needs. */
export interface Threshold {
  readonly fmr: number
  readonly threshold: number
}

/**
 * @param policies those of this service: the shipped ones, and the operator's
 * @param development whether policies for development may be used
 * @throws IpseError `policy_unknown`
 */
export function findPolicy(policies: Policies, name: string, development: boolean): Policy {
  const allowed = Object.values(policies).filter((policy) => development || policy.developmentOnly !== true)
  const policy = allowed.find((candidate) => candidate.name === name)
  if (policy) return policy
  throw new IpseError(
    'policy_unknown',
    `policies here: ${allowed.map((candidate) => candidate.name).join(', ')}`,
  )
}

/**
 * The operating point for a demanded false match rate: the loosest one that is at most as high. When the model has none
 * that low, its lowest: the receipt then names the rate that was really measured.
 * @throws IpseError `model_invalid` when the model has no operating point at all
 */
export function resolveThreshold(fmr: number, points: readonly Threshold[]): Threshold {
  const ascending = points.toSorted((a, b) => a.fmr - b.fmr)
  const chosen = ascending.findLast((point) => point.fmr <= fmr) ?? ascending[0]
  if (!chosen || !Number.isFinite(chosen.threshold))
    throw new IpseError('model_invalid', 'the comparison model has no operating point')
  return chosen
}

/** @param pads the operator's PAD networks */
export function resolvePolicy(
  policy: Policy,
  points: readonly Threshold[],
  pads: readonly PadSlot[] = [],
): ResolvedPolicy {
  const rules = [...policy.rules, ...virtualCameraRules(policy), ...colourLightRules(policy)].flatMap(
    (rule): ResolvedRule[] => {
      const { atLeast } = rule
      if (typeof atLeast === 'number') return [{ ...rule, atLeast, ...measuredRate(policy, rule) }]
      if ('apcer' in atLeast) return padRules(rule, atLeast.apcer, pads)
      const { fmr, threshold } = resolveThreshold(atLeast.fmr, points)
      return [{ ...rule, atLeast: threshold, fmr }]
    },
  )
  return { ...policy, rules }
}

/** The attack error rate that a calibrated threshold stands for: of the worst species, as counted. */
function measuredRate({ calibration = [] }: Policy, rule: Rule): { readonly apcer?: number } {
  const found = calibration.find(
    ({ signal, model, atLeast }) =>
      signal === rule.signal && model === rule.model && atLeast === rule.atLeast,
  )
  if (!found) return {}
  const { species } = found.heldOut ?? found.measured
  return { apcer: Math.max(...Object.values(species).map(({ rate }) => rate)) }
}

/**
 * False match rates whose thresholds bound how much faces of one capture may differ, by angle from the own neutral.
 * Looser when turned, because comparison scores fall with the angle: on six rendered subjects the same person reads at
 * least .30 above both limits up to 28°, the closest other person .07 below them (docs/evaluation.md).
 */
const CONTINUITY_FMR = { frontal: 1e-4, turned: 1e-3 }

export function continuityLimits(points: readonly Threshold[]): ContinuityLimits {
  return {
    frontal: resolveThreshold(CONTINUITY_FMR.frontal, points).threshold,
    turned: resolveThreshold(CONTINUITY_FMR.turned, points).threshold,
  }
}

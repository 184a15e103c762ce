/**
 * How a demand on `texture` that names an error rate becomes demands on the operator's PAD networks, each at its own
 * operating point. The shipped networks have none: no such rule is ever about them (docs/evaluation.md).
 */
import type { ResolvedRule, Rule } from '@ipse/protocol'

/** The part of a network's operating point that a decision needs. */
export interface PadThreshold {
  /** Share of attacks of the worst species that was accepted. */
  readonly apcer: number
  /** Least mean score of the hold. */
  readonly threshold: number
}

export interface PadSlot {
  readonly id: string
  readonly operatingPoints: readonly PadThreshold[]
}

/**
 * One rule for every network: at the loosest point that is at most as high, or the lowest it has; the receipt names the rate
 * that was measured. A network without operating points is reported only.
 */
export function padRules(rule: Rule, apcer: number, slots: readonly PadSlot[]): ResolvedRule[] {
  return slots.flatMap(({ id, operatingPoints }) => {
    const ascending = operatingPoints.toSorted((a, b) => a.apcer - b.apcer)
    const point = ascending.findLast((candidate) => candidate.apcer <= apcer) ?? ascending[0]
    return point ? [{ ...rule, atLeast: point.threshold, apcer: point.apcer, model: id }] : []
  })
}

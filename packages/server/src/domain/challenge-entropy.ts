/**
 * How many challenges a policy can draw that an onlooker could tell apart, in bits. Times are not counted: the length of
 * the hold and the pace of the cues come on top. Not the same as the odds of a guess: a path close to the asked one
 * passes too, so docs/evaluation.md states how often a random path does.
 */
import type { ChallengePolicy, Direction } from '@ipse/protocol'
import { partsOf } from './challenge-plan.ts'
import { RATES, SIZES } from './challenges/camera-constraint.ts'
import { countColourOrders } from './challenges/colour-light.ts'
import { countPaths } from './challenges/follow-path.ts'
import { GAZE_PLACES } from './challenges/gaze-hold.ts'
import { directionsAfter } from './challenges/head-pose.ts'

export function visibleEntropyBits(challenge: ChallengePolicy): number {
  const parts = partsOf(challenge)
  return (
    Math.log2(orders(parts)) +
    challenge.follows * Math.log2(countPaths()) +
    Math.log2(poseSequences(challenge)) +
    (challenge.gazeHolds > 0 ? Math.log2(2 * GAZE_PLACES.length) : 0) +
    (challenge.cameraConstraint ? Math.log2(SIZES.length * RATES.length) : 0) +
    (challenge.colourLight ? Math.log2(countColourOrders()) : 0)
  )
}

/** Orders that differ: parts of one kind are alike. */
function orders(parts: readonly string[]): number {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
  const counts = Map.groupBy(parts, (part) => part)
  return [...counts.values()].reduce((all, alike) => all / factorial(alike.length), factorial(parts.length))
}

function poseSequences(challenge: ChallengePolicy): number {
  const count = (left: number, last: Direction | undefined): number =>
    left === 0
      ? 1
      : directionsAfter(challenge, last).reduce((sum, direction) => sum + count(left - 1, direction), 0)
  return count(challenge.headPoseSteps, undefined)
}

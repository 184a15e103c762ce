/**
 * Draws the challenge: hold, then head poses, each followed by the way back to the own neutral. No direction twice in a
 * row; with four directions and three steps there are 36 orders, all equally likely (docs/evaluation.md).
 */
import {
  CHALLENGE_VERSION,
  type ChallengePlan,
  type Direction,
  type PlannedStep,
  type Policy,
} from '@ipse/protocol'

/** Finding the own place in the picture takes longer than a turn; 15 s is what the guidance was tried with. */
export const HOLD_LIMIT_MS = 15_000

/** @param bytes returns that many bytes from a CSPRNG */
export function drawPlan(
  challenge: Policy['challenge'],
  bytes: (length: number) => Uint8Array,
): ChallengePlan {
  const steps: PlannedStep[] = [{ step: { kind: 'hold' }, limitMs: HOLD_LIMIT_MS }]
  let last: Direction | undefined
  for (let i = 0; i < challenge.headPoseSteps; i++) {
    const choices = challenge.directions.filter((direction) => direction !== last)
    const direction = choices[uniform(choices.length, bytes)]
    if (direction === undefined) throw new TypeError('a challenge needs at least two directions')
    const targetDeg = isYaw(direction) ? challenge.yawTargetDeg : challenge.pitchTargetDeg
    steps.push({ step: { kind: 'head-pose', direction, targetDeg }, limitMs: challenge.stepLimitMs })
    steps.push({ step: { kind: 'center' }, limitMs: challenge.stepLimitMs })
    last = direction
  }
  return { version: CHALLENGE_VERSION, steps }
}

export function isYaw(direction: Direction): boolean {
  return direction === 'left' || direction === 'right'
}

/** The directions of a plan, for reviewers. */
export function askedDirections(plan: ChallengePlan): Direction[] {
  return plan.steps.flatMap(({ step }) => (step.kind === 'head-pose' ? [step.direction] : []))
}

/** A number below `n`, every one equally likely: bytes beyond the last whole multiple of n are drawn again. */
function uniform(n: number, bytes: (length: number) => Uint8Array): number {
  if (n < 1 || n > 256) return -1
  const limit = 256 - (256 % n)
  for (;;) {
    const byte = bytes(1)[0]
    if (byte !== undefined && byte < limit) return byte % n
  }
}

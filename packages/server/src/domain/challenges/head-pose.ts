/** head-pose: turn the head that way, at least so far from the own neutral; then the way back. */
import type { ChallengePolicy, ChallengeStep, Direction, PlannedStep } from '@ipse/protocol'
import { type ChallengeKind, isYaw } from './kind.ts'
import { judgeTurn, loseTurn, NO_TURN, type TurnRun, turnMeasures } from './turn.ts'

export const headPose: ChallengeKind<Extract<ChallengeStep, { kind: 'head-pose' }>, TurnRun> = {
  strict: false,
  /** No direction twice in a row; the first is left or right, because only a turn shows depth. */
  draw(challenge, draw, before) {
    const last = lastDirection(before)
    const choices = directionsAfter(challenge, last)
    const direction = draw.pick(choices)
    const targetDeg = isYaw(direction) ? challenge.yawTargetDeg : challenge.pitchTargetDeg
    const limitMs = challenge.stepLimitMs
    return [
      { step: { kind: 'head-pose', direction, targetDeg }, limitMs },
      { step: { kind: 'center' }, limitMs },
    ]
  },
  begin: () => NO_TURN,
  lose: loseTurn,
  measures: turnMeasures,
  judge: ({ own, step, targets }, sight) => judgeTurn(own, step.direction, targets, sight),
}

/** What may be asked after that direction. */
export function directionsAfter(
  { directions }: Pick<ChallengePolicy, 'directions'>,
  last: Direction | undefined,
): readonly Direction[] {
  const first = directions.filter(isYaw)
  if (last === undefined && first.length > 0) return first
  return directions.filter((direction) => direction !== last)
}

function lastDirection(before: readonly PlannedStep[]): Direction | undefined {
  const steps = before.map(({ step }) => step)
  return steps.findLast((step) => step.kind === 'head-pose')?.direction
}

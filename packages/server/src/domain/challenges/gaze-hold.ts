/**
 * gaze-hold: turn the head while the eyes stay on a still dot. The eyes of a re-posed photograph turn with it. Here the
 * turn is judged; how far the gaze held still is measured by the engine and weighed by a signal of its own.
 */
import type { ChallengeStep } from '@ipse/protocol'
import type { ChallengeKind } from './kind.ts'
import { judgeTurn, loseTurn, NO_TURN, type TurnRun, turnMeasures } from './turn.ts'

/** Places of the dot, near the camera, which sits above the picture. */
export const GAZE_PLACES = [
  { x: -0.4, y: 0.7 },
  { x: 0, y: 0.7 },
  { x: 0.4, y: 0.7 },
] as const
/** Turns that leave the eyes well in the picture, degrees: puppets are told apart from 15° on (docs/evaluation.md). */
const TARGET_DEG = 16

export const gazeHold: ChallengeKind<Extract<ChallengeStep, { kind: 'gaze-hold' }>, TurnRun> = {
  strict: false,
  /** To one side, then to the other: coupling is measured over at least two turns. */
  draw({ stepLimitMs: limitMs }, draw, before) {
    const last = before.map(({ step }) => step).findLast((step) => step.kind === 'gaze-hold')
    const direction =
      last === undefined
        ? draw.pick(['left', 'right'] as const)
        : last.direction === 'left'
          ? 'right'
          : 'left'
    const at = last?.at ?? draw.pick(GAZE_PLACES)
    return [
      { step: { kind: 'gaze-hold', direction, targetDeg: TARGET_DEG, at }, limitMs },
      { step: { kind: 'center' }, limitMs },
    ]
  },
  begin: () => NO_TURN,
  lose: loseTurn,
  measures: turnMeasures,
  judge: ({ own, step, targets }, sight) =>
    judgeTurn(own, step.direction, { ...targets, yawDeg: step.targetDeg }, sight),
}

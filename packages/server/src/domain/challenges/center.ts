/** center: back to the own neutral after a turn. */
import type { ChallengeStep } from '@ipse/protocol'
import { type ChallengeKind, clamp } from './kind.ts'

/** Angle from the own neutral that counts as back, degrees: twice the jitter of the pose (docs/evaluation.md). */
const CENTRED_DEG = 7
/** Frames in a row that show it; one alone may be a failure of the mesh. */
const FRAMES = 2

/** Own: frames in a row that were back. */
export const center: ChallengeKind<Extract<ChallengeStep, { kind: 'center' }>, number> = {
  strict: false,
  draw: ({ stepLimitMs }) => [{ step: { kind: 'center' }, limitMs: stepLimitMs }],
  begin: () => 0,
  lose: () => 0,
  judge({ own, targets }, { change }) {
    const away = Math.max(Math.abs(change.yawDeg), Math.abs(change.pitchDeg))
    const reached = away <= CENTRED_DEG ? own + 1 : 0
    const done = reached >= FRAMES
    return {
      own: reached,
      verdict: done ? 'answered' : 'pending',
      hint: done ? 'well-done' : 'look-straight',
      progress: done ? 1 : clamp(1 - (away - CENTRED_DEG) / targets.yawDeg, 0, 0.95),
      good: reached > 0,
    }
  },
}

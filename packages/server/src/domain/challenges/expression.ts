/**
 * expression: open the mouth, or blink. Opening beats photographs and re-posed meshes without a mouth; a blink is a small
 * positive sign only, and no shipped policy asks for it.
 */
import type { ChallengeStep, Expression } from '@ipse/protocol'
import { type Answer, type ChallengeKind, clamp, type Neutral, type Sight } from './kind.ts'

/**
 * Rise of the mouth aspect ratio above the own neutral. Shaken photographs stay below .16; people who open the mouth reach
 * .37 to .41, of the simulated ones the smallest .28 (docs/evaluation.md), so .25 rather than .30 is asked.
 */
const MOUTH_RISE = 0.25
/** Angle from the own neutral within which the mouth ratio is trustworthy, degrees: turned photographs read up to .29. */
const MOUTH_YAW_DEG = 8
const MOUTH_PITCH_DEG = 12
/** Drop of the eye aspect ratio, as a share of the own neutral, and the pose within which it counts. */
const BLINK_DROP = 0.2
const BLINK_DEG = 5
/** Share of the rise at which an answer has begun. */
const ONSET_SHARE = 0.4
/** Frames in a row with an open mouth. */
const MOUTH_FRAMES = 2

/** Frames in a row that show it, and the largest measure so far, as a share of what is asked. */
interface Shown {
  readonly run: number
  readonly most: number
}

export const expression: ChallengeKind<Extract<ChallengeStep, { kind: 'expression' }>, Shown> = {
  strict: false,
  /** The expressions of the policy, each once, in the order in which they are drawn. */
  draw({ expressions, stepLimitMs }, _draw, before) {
    const asked = before.filter(({ step }) => step.kind === 'expression').length
    const next = expressions[asked]
    return next === undefined
      ? []
      : [{ step: { kind: 'expression', expression: next }, limitMs: stepLimitMs }]
  },
  begin: () => ({ run: 0, most: 0 }),
  lose: ({ most }) => ({ run: 0, most }),
  judge({ own, step, neutral }, sight) {
    const share = neutral === undefined ? 0 : shareOf(step.expression, neutral, sight)
    const most = Math.max(own.most, Number.isFinite(share) ? share : 0)
    return step.expression === 'blink' ? judgeBlink(own, share, most) : judgeMouth(own, share, most, sight)
  },
  measures: ({ own }) => ({ expressionShare: own.most }),
}

function shareOf(asked: Expression, neutral: Neutral, { face, change }: Sight): number {
  if (asked === 'mouth-open') {
    const frontal = Math.abs(change.yawDeg) < MOUTH_YAW_DEG && Math.abs(change.pitchDeg) < MOUTH_PITCH_DEG
    return frontal ? (face.mouthOpenness - neutral.mouthOpenness) / MOUTH_RISE : 0
  }
  const steady = Math.abs(change.yawDeg) < BLINK_DEG && Math.abs(change.pitchDeg) < BLINK_DEG
  return steady ? (1 - face.eyeOpenness / neutral.eyeOpenness) / BLINK_DROP : 0
}

function judgeMouth(own: Shown, share: number, most: number, { change }: Sight): Answer<Shown> {
  const good = share >= 1
  const run = good ? own.run + 1 : 0
  const done = run >= MOUTH_FRAMES
  const turned = Math.abs(change.yawDeg) >= MOUTH_YAW_DEG || Math.abs(change.pitchDeg) >= MOUTH_PITCH_DEG
  return {
    own: { run, most },
    verdict: done ? 'answered' : 'pending',
    hint: done
      ? 'well-done'
      : turned
        ? 'look-straight'
        : share >= ONSET_SHARE && !good
          ? 'open-wider'
          : 'open-mouth',
    progress: done ? 1 : clamp(share, 0, 0.95),
    good,
    begun: share >= ONSET_SHARE,
  }
}

/** Closed for a frame at least, then open again: closed eyes alone are no blink. */
function judgeBlink(own: Shown, share: number, most: number): Answer<Shown> {
  const closed = share >= 1
  const done = own.run > 0 && share < 0.5
  return {
    own: { run: closed ? own.run + 1 : own.run, most },
    verdict: done ? 'answered' : 'pending',
    hint: done ? 'well-done' : 'blink',
    progress: done ? 1 : own.run > 0 ? 0.7 : 0,
    good: done,
    begun: closed,
  }
}

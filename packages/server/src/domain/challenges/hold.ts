/** hold: look straight and keep still. Gives the own neutral and the frames for comparison. */
import type { ChallengeStep, Guidance } from '@ipse/protocol'
import { type Answer, type ChallengeKind, changeFrom, clamp, type Face, type Neutral } from './kind.ts'

/** Finding the own place in the picture takes longer than a turn; 15 s is what the guidance was tried with. */
export const HOLD_LIMIT_MS = 15_000
/** Angles at which the person counts as looking straight, degrees (docs/evaluation.md). */
const STRAIGHT = { yawDeg: 15, pitchDeg: 25, rollDeg: 20 }
/** Change between neighbouring frames at which the head counts as still: degrees, and share of the frame's width. */
const STEADY = { angleDeg: 4, shift: 0.04 }

export const hold: ChallengeKind<Extract<ChallengeStep, { kind: 'hold' }>, null> = {
  strict: true,
  draw: ({ holdFrames, holdSpread }, draw) => [
    { step: { kind: 'hold' }, limitMs: HOLD_LIMIT_MS, frames: holdFrames + draw.below(holdSpread + 1) },
  ],
  begin: () => null,
  lose: () => null,
  judge({ held, previous, planned }, { face }) {
    const wanted = planned.frames ?? 1
    const answer = (hint: Guidance, frames: readonly Neutral[], good: boolean): Answer<null> => {
      const done = frames.length >= wanted
      return {
        own: null,
        verdict: done ? 'answered' : 'pending',
        hint: done ? 'well-done' : hint,
        progress: clamp(frames.length / wanted, 0, 1),
        good,
        held: frames,
      }
    }
    if (!isStraight(face)) return answer('look-straight', held, false)
    if (previous === undefined || !isSteady(previous, face)) return answer('hold-still', held, false)
    const { pose, mouthOpenness, eyeOpenness, widthShare } = face
    return answer('hold-still', [...held, { ...pose, mouthOpenness, eyeOpenness, widthShare }], true)
  },
}

function isStraight({ pose }: Face): boolean {
  return (
    Math.abs(pose.yawDeg) < STRAIGHT.yawDeg &&
    Math.abs(pose.pitchDeg) < STRAIGHT.pitchDeg &&
    Math.abs(pose.rollDeg) < STRAIGHT.rollDeg
  )
}

function isSteady(a: Face, b: Face): boolean {
  const change = changeFrom(a.pose, b.pose)
  return (
    Math.max(Math.abs(change.yawDeg), Math.abs(change.pitchDeg)) < STEADY.angleDeg &&
    Math.hypot(a.centre.x - b.centre.x, a.centre.y - b.centre.y) < STEADY.shift
  )
}

/** The person's own neutral: the median of the held frames, each quantity for itself. */
export function neutralOf(held: readonly Neutral[]): Neutral | undefined {
  if (held.length === 0) return undefined
  const middle = (part: keyof Neutral) =>
    held.map((frame) => frame[part]).sort((a, b) => a - b)[Math.floor(held.length / 2)] ?? 0
  return {
    yawDeg: middle('yawDeg'),
    pitchDeg: middle('pitchDeg'),
    rollDeg: middle('rollDeg'),
    mouthOpenness: middle('mouthOpenness'),
    eyeOpenness: middle('eyeOpenness'),
    widthShare: middle('widthShare'),
  }
}

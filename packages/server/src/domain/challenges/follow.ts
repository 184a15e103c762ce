/**
 * follow: the nose follows a dot along a path that is revealed as it goes. A recording of another capture follows another
 * path; a live person follows this one a reaction later. Judged by the server's clock: what it revealed when, against
 * where the head pointed when the frames arrived.
 */
import type { ChallengeStep } from '@ipse/protocol'
import { followingOf, type PathPoint } from './correlation.ts'
import { cuesAlong, drawPlaces } from './follow-path.ts'
import { type Answer, type ChallengeKind, clamp, type Sight, type StepState } from './kind.ts'

/** Head angles at which the nose points to the edge of the path, degrees: inside the range of the pose network. */
export const REACH = { yawDeg: 16, pitchDeg: 9 }
/**
 * Least correlation of the head with the path on either axis. Simulated people read .82 and more, other paths reach this
 * once in some thousand (docs/evaluation.md, “Follow challenge”).
 */
export const LEAST_CORRELATION = 0.8
/** Lag of the head behind the path: less is foresight, more is something else, milliseconds. */
export const LAG_MS = { least: 100, most: 900 }
/** Least spread of the head's angles, as a share of what the path asks for: people under-reach. */
const LEAST_GAIN = 0.35
/** After the last cue the head has so long to come after, milliseconds. */
const SETTLE_MS = 300
const PATIENCE_MS = 1_200
/** Beyond what the path itself takes. */
const SPARE_MS = 6_000

type Step = Extract<ChallengeStep, { kind: 'follow' }>

/** Own: where the nose pointed, in units of the path. */
export const follow: ChallengeKind<Step, readonly PathPoint[]> = {
  strict: false,
  draw(_challenge, draw) {
    const cues = cuesAlong(drawPlaces(draw), draw)
    const limitMs = (cues.at(-1)?.afterMs ?? 0) + SPARE_MS
    return [{ step: { kind: 'follow', at: { x: 0, y: 0 } }, limitMs, cues }]
  },
  begin: () => [],
  lose: (own) => own,
  judge(state, sight) {
    const own = [...state.own, pointedAt(sight)]
    const all = state.planned.cues ?? []
    const lastMs = state.revealed.at(-1)?.atMs ?? state.sentMs
    const sinceMs = sight.frame.arrivedMs - lastMs
    if (state.revealed.length < all.length || sinceMs < SETTLE_MS) {
      const share = state.revealed.length / (all.length + 1)
      return { ...going(own, share), good: Math.abs(sight.change.yawDeg) < REACH.yawDeg }
    }
    if (isFollowed({ ...state, own }))
      return { own, verdict: 'answered', hint: 'well-done', progress: 1, good: false }
    return sinceMs < PATIENCE_MS ? going(own, 0.95) : { ...going(own, 0.95), verdict: 'not-answered' }
  },
  measures(state) {
    const following = followingOf(pathOf(state), state.own)
    return following === undefined
      ? {}
      : { correlation: following.correlation, lagMs: following.lagMs, gain: following.gain }
  },
}

function going(own: readonly PathPoint[], share: number): Answer<readonly PathPoint[]> {
  return { own, verdict: 'pending', hint: 'follow-dot', progress: clamp(share, 0, 0.95), good: false }
}

/** The subject's left is positive yaw; the dot's x rises to the subject's right. */
function pointedAt({ frame, change }: Sight): PathPoint {
  return { atMs: frame.arrivedMs, x: -change.yawDeg / REACH.yawDeg, y: change.pitchDeg / REACH.pitchDeg }
}

function pathOf({ step, sentMs, revealed }: StepState<Step>): PathPoint[] {
  const points = revealed.flatMap(({ atMs, cue }) => ('at' in cue ? [{ atMs, ...cue.at }] : []))
  return [{ atMs: sentMs, ...step.at }, ...points]
}

function isFollowed(state: StepState<Step, readonly PathPoint[]>): boolean {
  const following = followingOf(pathOf(state), state.own)
  return (
    following !== undefined &&
    following.correlation >= LEAST_CORRELATION &&
    following.gain >= LEAST_GAIN &&
    following.lagMs >= LAG_MS.least &&
    following.lagMs <= LAG_MS.most
  )
}

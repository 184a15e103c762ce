/**
 * Where the turns of a recorded clip begin and end, when nobody knows what was asked: from a face that keeps still towards
 * the camera until it is back there.
 */
import type { FrameObservation, PoseDeg } from '@ipse/server'

/** Frames that must agree for a pose to be the person's own neutral, and by how much, degrees. */
const STILL_FRAMES = 3
const STILL_DEG = 2
/** Beyond this a still pose is no neutral one, degrees. */
const NEUTRAL = { yawDeg: 12, pitchDeg: 18 }
/** As turns are followed in captures: begun beyond 8°, over when back within 3.5°. */
const AWAY_DEG = 8
const BACK_DEG = 3.5

export interface TurnFinder {
  readonly neutral: PoseDeg | undefined
  /** What the frame means for the track: it begins here, a turn is over and the next begins, or nothing. */
  see(frame: FrameObservation): 'begin' | 'renew' | 'none'
}

export function createTurnFinder(): TurnFinder {
  let still: PoseDeg[] = []
  let neutral: PoseDeg | undefined
  let away = false
  return {
    get neutral() {
      return neutral
    },
    see({ faces, face }) {
      if (faces !== 1 || !face) {
        still = []
        return 'none'
      }
      if (neutral) {
        const angleDeg = distanceDeg(face.pose, neutral)
        if (angleDeg >= AWAY_DEG) away = true
        if (!away || angleDeg > BACK_DEG) return 'none'
        away = false
        return 'renew'
      }
      const [first = face.pose] = still
      const turned =
        Math.abs(face.pose.yawDeg) > NEUTRAL.yawDeg || Math.abs(face.pose.pitchDeg) > NEUTRAL.pitchDeg
      still = turned ? [] : distanceDeg(face.pose, first) <= STILL_DEG ? [...still, face.pose] : [face.pose]
      if (still.length < STILL_FRAMES) return 'none'
      neutral = face.pose
      return 'begin'
    },
  }
}

/** The larger change of yaw and pitch, degrees. */
export function distanceDeg(a: PoseDeg, b: PoseDeg): number {
  return Math.max(Math.abs(a.yawDeg - b.yawDeg), Math.abs(a.pitchDeg - b.pitchDeg))
}

/**
 * Does the surround move with the face? On a waved print or telephone it does; behind a person it does not.
 * Blind for a print that is cut out along the head and for a display that stands still.
 */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import { applyHomography, fitHomography } from './homography.ts'
import { MIN_SURVIVORS } from './planarity.ts'
import { medianDistance, type TrackPairs } from './tracker.ts'

/** A corner obeys the face within max(2 px, .04 outer-eye distances) (docs/evaluation.md). */
const TOLERANCE_PX = 2
const TOLERANCE_SHARE = 0.04
/** Least median way of the face in outer-eye distances: things that rest move alike (docs/evaluation.md). */
export const MIN_DISPLACEMENT = 0.1

/**
 * Share of the corners around the face that obey the face's homography, [0, 1]; high: surround and face are one
 * thing. `too-few-points` when face or surround keep fewer than 12 corners, `not-answered` when the face moved less
 * than .1 outer-eye distances.
 * @param face corners of the face, `surround` those of the ring around it, all in pixels of one scale
 */
export function coMotion(face: TrackPairs, surround: TrackPairs, outerEyeDistancePx: number): Measurement {
  const count = surround.from.length / 2
  if (face.from.length / 2 < MIN_SURVIVORS || count < MIN_SURVIVORS) return failed('too-few-points')
  if (!(medianDistance(face) >= MIN_DISPLACEMENT * outerEyeDistancePx)) return failed('not-answered')
  const plane = fitHomography(face.from, face.to)
  if (plane === undefined) return failed('too-few-points')
  const tolerance = Math.max(TOLERANCE_PX, TOLERANCE_SHARE * outerEyeDistancePx)
  let obeying = 0
  for (let i = 0; i < surround.from.length; i += 2) {
    const [x, y] = applyHomography(plane.model, surround.from[i], surround.from[i + 1])
    if (Math.hypot(x - surround.to[i], y - surround.to[i + 1]) < tolerance) obeying++
  }
  return assessed(obeying / count, obeying / count)
}

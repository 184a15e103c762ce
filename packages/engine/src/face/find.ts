/**
 * All faces of an image. A detection counts when a mesh sits on it: BlazeFace alone takes an eye for a face when a
 * head fills the frame. When no face is found the image is shown once more at half size (docs/evaluation.md).
 */
import type { Pyramid } from '../image/pyramid.ts'
import { type Meter, NO_METER } from '../runtime/meter.ts'
import type { Network } from '../runtime/network.ts'
import { type Detection, look } from './detect.ts'
import type { FollowedFace } from './follow.ts'
import { type Landmarks, MIN_PRESENCE, roughLandmarks } from './landmarks.ts'
import { overlap, SAME_FACE } from './suppression.ts'

/** Shares of the detector's square at which the image is shown, one after the other. */
const LOOKS = [1, 0.5] as const
/** Faces per image that are looked at, best scores first; a crowd costs no more than this. */
const MAX_FACES = 16

export interface Found {
  readonly detection: Detection
  /** The mesh that shows that a face is there: one pass around the detection, or the one that was followed. */
  readonly rough: Landmarks
}

const area = ({ detection }: Found): number => detection.values[2]! * detection.values[3]!

/**
 * Faces, largest first.
 * @param followed a face whose mesh is known; the detection that sits on it needs no pass of its own
 */
export async function findFaces(
  detector: Network,
  mesh: Network,
  pyramid: Pyramid,
  meter: Meter = NO_METER,
  followed?: FollowedFace,
): Promise<Found[]> {
  for (const share of LOOKS) {
    const found: Found[] = []
    const detections = (await look(detector, pyramid, share)).slice(0, MAX_FACES)
    meter.lap('detect')
    const known = followed && nearest(detections, followed)
    for (const detection of detections) {
      const rough =
        followed && detection === known ? followed.best : await roughLandmarks(mesh, pyramid, detection)
      if (rough.presence >= MIN_PRESENCE) found.push({ detection, rough })
    }
    meter.lap('landmarks')
    if (found.length > 0) return found.sort((a, b) => area(b) - area(a))
  }
  return []
}

/** The detection that sits on the followed face; undefined when none does. */
function nearest(detections: readonly Detection[], { box }: FollowedFace): Detection | undefined {
  const corners = [box.x, box.y, box.width, box.height]
  const [first] = detections
    .map((detection) => ({ detection, share: overlap(detection.values, corners) }))
    .sort((a, b) => b.share - a.share)
  return first && first.share > SAME_FACE ? first.detection : undefined
}

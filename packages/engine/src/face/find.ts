/**
 * All faces of an image. A detection counts when a mesh sits on it: BlazeFace alone takes an eye for a face when a
 * head fills the frame. When no face is found the image is shown once more at half size (docs/evaluation.md).
 */
import type { Pyramid } from '../image/pyramid.ts'
import { type Meter, NO_METER } from '../runtime/meter.ts'
import type { Network } from '../runtime/network.ts'
import { type Detection, look } from './detect.ts'
import { type Landmarks, roughLandmarks } from './landmarks.ts'

/** Shares of the detector's square at which the image is shown, one after the other. */
const LOOKS = [1, 0.5] as const
/** A mesh below this is on no face (measured: docs/evaluation.md). */
const MIN_PRESENCE = 0.5
/** Faces per image that are looked at, best scores first; a crowd costs no more than this. */
const MAX_FACES = 16

export interface Found {
  readonly detection: Detection
  readonly rough: Landmarks
}

const area = ({ detection }: Found): number => detection.values[2]! * detection.values[3]!

/** Faces, largest first. */
export async function findFaces(
  detector: Network,
  mesh: Network,
  pyramid: Pyramid,
  meter: Meter = NO_METER,
): Promise<Found[]> {
  for (const share of LOOKS) {
    const found: Found[] = []
    const detections = await look(detector, pyramid, share)
    meter.lap('detect')
    for (const detection of detections.slice(0, MAX_FACES)) {
      const rough = await roughLandmarks(mesh, pyramid, detection)
      if (rough.presence >= MIN_PRESENCE) found.push({ detection, rough })
    }
    meter.lap('landmarks')
    if (found.length > 0) return found.sort((a, b) => area(b) - area(a))
  }
  return []
}

/** The second pass, unless it lost the face. Which of two good meshes is more certain of itself says nothing. */
export function better(rough: Landmarks, fine: Landmarks): Landmarks {
  return fine.presence >= MIN_PRESENCE || fine.presence >= rough.presence ? fine : rough
}

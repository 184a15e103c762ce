/** Is the face in place? The most urgent hint first; undefined when nothing is to be mended. */
import type { Guidance, QualityComponent } from '@ipse/protocol'
import type { FrameObservation } from './capture-record.ts'
import { coverHint } from './signals/visibility.ts'

/** Presence below which the mesh does not sit on a face (docs/evaluation.md). */
const MIN_PRESENCE = 0.6
/** Width of the face box in shares of the frame: below, too few pixels lie between the eyes; above, the face is cut off. */
const WIDTH = { least: 0.22, most: 0.7, leastTurned: 0.15 }
/** Distance of the face's centre from the frame's centre, in shares of width and height. */
const OFF_CENTRE = { x: 0.2, y: 0.25 }
/** ISO/IEC 29794-5 component score below which light is the problem, of 100. */
const LIGHT_SCORE = 30

/** @param strict also size, place and light: during the hold, where frames for comparison are taken */
export function framingHint(
  { faces, face, visibility }: FrameObservation,
  strict: boolean,
): Guidance | undefined {
  if (faces !== undefined && faces > 1) return 'one-person'
  if (face === undefined || faces === 0 || !(face.presence >= MIN_PRESENCE)) return 'show-face'
  if (face.widthShare < (strict ? WIDTH.least : WIDTH.leastTurned)) return 'come-closer'
  if (!strict) return undefined
  if (face.widthShare > WIDTH.most) return 'move-back'
  if (Math.abs(face.centre.x - 0.5) > OFF_CENTRE.x || Math.abs(face.centre.y - 0.5) > OFF_CENTRE.y)
    return 'move-into-oval'
  const { quality } = face
  // A face that was followed from a searched frame in place: nobody assessed it anew, and nobody compares with it.
  if (quality === undefined) return visibility && coverHint(visibility)
  const low = (component: QualityComponent) => {
    const measured = quality[component]
    return measured.status === 'assessed' && measured.score < LIGHT_SCORE
  }
  if (low('underExposurePrevention')) return 'more-light'
  if (low('overExposurePrevention')) return 'less-light'
  return visibility && coverHint(visibility)
}

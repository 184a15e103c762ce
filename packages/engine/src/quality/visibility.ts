/**
 * Is the face open to view? Dark glasses take the contrast out of the eyes; a mask gives the lower face another colour than
 * the skin above it. Hands, and masks of the skin's own colour, do not separate (docs/evaluation.md). Means of small
 * squares at mesh points, gamma-coded values.
 */
import { assessed, failed } from '@ipse/protocol'
import { LEFT_LIDS, POINT, RIGHT_LIDS } from '../face/mesh-points.ts'
import type { FaceMesh, Image, Visibility } from '../types.ts'

/** Mesh points on skin above the mouth, and on chin and jaw; see face/mesh-points.ts for their source. */
const UPPER = [118, 347, 6, 197]
const BROW = [151, 108, 337]
const LOWER = [199, 200, 214, 434, 202, 422]
/** Half the side of a square, in outer-eye distances. */
const HALF = 0.06
/** The eye's square reaches that far towards its corners. */
const EYE_SHARE = 0.8
/** Smaller faces have too few pixels in a square, pixels between the outer corners of the eyes. */
const LEAST_EYE_DISTANCE = 40
/** Natives that are as good as any: medians of photographs without cover. */
const FULL = { eyes: 0.2, lowerFace: 1 }

interface Patch {
  readonly red: number
  readonly green: number
  readonly blue: number
  /** Standard deviation of green. */
  readonly spread: number
}

export function faceVisibility(image: Image, { landmarks, outerEyeDistancePx }: FaceMesh): Visibility {
  if (!(outerEyeDistancePx >= LEAST_EYE_DISTANCE))
    return { eyes: failed('face-too-small'), lowerFace: failed('face-too-small') }
  const half = HALF * outerEyeDistancePx
  const skin = (points: readonly number[]) =>
    meanOf(points.map((point) => patch(image, landmarks[3 * point]!, landmarks[3 * point + 1]!, half)))
  const [upper, brow, lower] = [skin(UPPER), skin(BROW), skin(LOWER)]
  const eyes = meanOf([
    eye(image, landmarks, POINT.rightEyeOuter, POINT.rightEyeInner, RIGHT_LIDS[0]),
    eye(image, landmarks, POINT.leftEyeInner, POINT.leftEyeOuter, LEFT_LIDS[0]),
  ])
  const contrast = (2 * eyes.spread) / (upper.green + brow.green)
  const agreement = Math.exp(-Math.min(colourDistance(lower, upper), colourDistance(lower, brow)))
  return {
    eyes: measured(contrast, FULL.eyes),
    lowerFace: measured(agreement, FULL.lowerFace),
  }
}

function measured(native: number, full: number) {
  return Number.isFinite(native) ? assessed(native, Math.min(1, native / full)) : failed('face-too-small')
}

function eye(
  image: Image,
  landmarks: Float32Array,
  from: number,
  to: number,
  lids: readonly [number, number],
): Patch {
  const x = (landmarks[3 * from]! + landmarks[3 * to]!) / 2
  const y = (landmarks[3 * lids[0] + 1]! + landmarks[3 * lids[1] + 1]!) / 2
  return patch(image, x, y, (EYE_SHARE * Math.abs(landmarks[3 * to]! - landmarks[3 * from]!)) / 2)
}

/** Distance of two colours whatever their brightness: of the logarithms of red and blue over green. */
function colourDistance(a: Patch, b: Patch): number {
  const hue = ({ red, green, blue }: Patch) => [Math.log(red / green), Math.log(blue / green)] as const
  const [first, second] = [hue(a), hue(b)]
  return Math.hypot(first[0] - second[0], first[1] - second[1])
}

/** The pixels of a square that lie in the picture; one grey level is added, so that black has a colour. */
function patch({ width, height, data }: Image, x: number, y: number, half: number): Patch {
  let [red, green, blue, squares, count] = [0, 0, 0, 0, 0]
  for (let row = Math.max(0, Math.round(y - half)); row <= Math.min(height - 1, y + half); row++)
    for (let column = Math.max(0, Math.round(x - half)); column <= Math.min(width - 1, x + half); column++) {
      const at = 3 * (row * width + column)
      red += data[at]!
      green += data[at + 1]!
      blue += data[at + 2]!
      squares += data[at + 1]! ** 2
      count++
    }
  const mean = green / count
  return {
    red: red / count + 1,
    green: mean + 1,
    blue: blue / count + 1,
    spread: Math.sqrt(Math.max(0, squares / count - mean ** 2)),
  }
}

function meanOf(patches: readonly Patch[]): Patch {
  const mean = (pick: (each: Patch) => number) =>
    patches.reduce((total, each) => total + pick(each), 0) / patches.length
  return {
    red: mean(({ red }) => red),
    green: mean(({ green }) => green),
    blue: mean(({ blue }) => blue),
    spread: mean(({ spread }) => spread),
  }
}

/** One eye, cut out level and at one size: what the gaze measurement looks at. */
import { LEFT_EYE, RIGHT_EYE } from '../face/mesh-points.ts'
import type { Image } from '../types.ts'

export const PATCH_WIDTH = 64
export const PATCH_HEIGHT = 32
/** Patch pixels between the corners of the eye: a quarter of the patch stays for the search. */
export const EYE_WIDTH = 48
/** How far the lids' polygon is drawn in, patch pixels: lashes are as dark as an iris. */
const LID_MARGIN = 2
const PATCH_AREA = PATCH_WIDTH * PATCH_HEIGHT

export interface EyePatch {
  /** Grey, smoothed, PATCH_WIDTH × PATCH_HEIGHT; the corners lie on the middle row. */
  readonly grey: Float32Array
  /** 1 between the lids. */
  readonly open: Uint8Array
  /** Distance of the corners in the image, pixels. */
  readonly widthPx: number
}

/** Both eyes, the image's left one first. */
export function eyePatches(image: Image, landmarks: Float32Array): readonly [EyePatch, EyePatch] {
  return [cut(image, landmarks, RIGHT_EYE), cut(image, landmarks, LEFT_EYE)]
}

/** @param contour mesh points of the lids, from the corner at the image's left, the ninth at its right */
function cut(image: Image, landmarks: Float32Array, contour: readonly number[]): EyePatch {
  const at = (index: number): [number, number] => [landmarks[3 * index], landmarks[3 * index + 1]]
  const [leftX, leftY] = at(contour[0])
  const [rightX, rightY] = at(contour[8])
  const widthPx = Math.hypot(rightX - leftX, rightY - leftY)
  const unitX = (rightX - leftX) / EYE_WIDTH
  const unitY = (rightY - leftY) / EYE_WIDTH
  const originX = (leftX + rightX) / 2 - (PATCH_WIDTH / 2) * unitX + (PATCH_HEIGHT / 2) * unitY
  const originY = (leftY + rightY) / 2 - (PATCH_WIDTH / 2) * unitY - (PATCH_HEIGHT / 2) * unitX
  const raw = new Float32Array(PATCH_AREA)
  for (let v = 0, i = 0; v < PATCH_HEIGHT; v++)
    for (let u = 0; u < PATCH_WIDTH; u++, i++)
      raw[i] = greyAt(image, originX + u * unitX - v * unitY, originY + u * unitY + v * unitX)
  const scale = unitX * unitX + unitY * unitY
  const lids = contour.map((index) => {
    const [x, y] = at(index)
    const [dx, dy] = [x - originX, y - originY]
    return [(dx * unitX + dy * unitY) / scale, (dy * unitX - dx * unitY) / scale] as const
  })
  return { grey: smooth(raw), open: inside(lids), widthPx }
}

/** Bilinear luma; border pixels repeat. */
function greyAt({ width, height, data }: Image, x: number, y: number): number {
  const cx = Math.max(0, Math.min(width - 1.001, x))
  const cy = Math.max(0, Math.min(height - 1.001, y))
  const left = Math.floor(cx)
  const top = Math.floor(cy)
  const [fx, fy] = [cx - left, cy - top]
  const upper = 3 * (top * width + left)
  const lower = upper + 3 * width
  const a = lumaAt(data, upper) + fx * (lumaAt(data, upper + 3) - lumaAt(data, upper))
  const b = lumaAt(data, lower) + fx * (lumaAt(data, lower + 3) - lumaAt(data, lower))
  return a + fy * (b - a)
}

function lumaAt(data: Uint8Array, i: number): number {
  return 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]
}

/** Five binomial taps both ways: about a Gaussian of one pixel. */
function smooth(raw: Float32Array): Float32Array {
  const half = new Float32Array(PATCH_AREA)
  const out = new Float32Array(PATCH_AREA)
  for (let row = 0; row < PATCH_HEIGHT; row++) smoothLine(raw, half, row * PATCH_WIDTH, 1, PATCH_WIDTH)
  for (let column = 0; column < PATCH_WIDTH; column++)
    smoothLine(half, out, column, PATCH_WIDTH, PATCH_HEIGHT)
  return out
}

/** @param from place of the line's first pixel, `stride` before the next one; border pixels repeat */
function smoothLine(
  source: Float32Array,
  to: Float32Array,
  from: number,
  stride: number,
  length: number,
): void {
  const last = length - 1
  for (let k = 0; k < length; k++) {
    const far = source[from + stride * Math.max(0, k - 2)] + source[from + stride * Math.min(last, k + 2)]
    const near = source[from + stride * Math.max(0, k - 1)] + source[from + stride * Math.min(last, k + 1)]
    const at = from + stride * k
    to[at] = (far + 4 * near + 6 * source[at]) / 16
  }
}

/** The polygon of the lids by columns, drawn in on all sides. */
function inside(lids: readonly (readonly [number, number])[]): Uint8Array {
  const mask = new Uint8Array(PATCH_AREA)
  const columns: ([number, number] | undefined)[] = Array.from({ length: PATCH_WIDTH }, (_, u) => {
    const crossings: number[] = []
    for (let i = 0; i < lids.length; i++) {
      const [ax, ay] = lids[i]
      const [bx, by] = lids[(i + 1) % lids.length]
      if (ax <= u !== bx <= u) crossings.push(ay + ((u - ax) * (by - ay)) / (bx - ax))
    }
    return crossings.length < 2 ? undefined : [Math.min(...crossings), Math.max(...crossings)]
  })
  for (let u = LID_MARGIN; u < PATCH_WIDTH - LID_MARGIN; u++) {
    const [here, before, after] = [columns[u], columns[u - LID_MARGIN], columns[u + LID_MARGIN]]
    if (!here || !before || !after) continue
    const from = Math.max(0, Math.ceil(here[0] + LID_MARGIN))
    const to = Math.min(PATCH_HEIGHT - 1, Math.floor(here[1] - LID_MARGIN))
    for (let v = from; v <= to; v++) mask[v * PATCH_WIDTH + u] = 1
  }
  return mask
}

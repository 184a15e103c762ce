/**
 * Colour of the face: how much of it mirrors light, how far its red varies. No threshold carries over between cameras
 * (docs/evaluation.md): reported only.
 */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import type { Box, Image } from '../types.ts'

/** Every so many pixels each way is read. */
const STRIDE = 2
/** Brighter than this in all channels mirrors light, of 255. */
const MIRROR = 240
/** The middle of the box, shares: skin rather than hair and surround. */
const INSET = 0.2
const MIN_SAMPLES = 100

export function surfaceColour(
  { width, height, data }: Image,
  box: Box,
): { readonly specular: Measurement; readonly redSpread: Measurement } {
  const limit = (value: number, most: number): number => Math.max(0, Math.min(most, Math.round(value)))
  const left = limit(box.x + INSET * box.width, width)
  const right = limit(box.x + (1 - INSET) * box.width, width)
  const top = limit(box.y + INSET * box.height, height)
  const bottom = limit(box.y + (1 - INSET) * box.height, height)
  let [count, mirrors, sum, squares] = [0, 0, 0, 0]
  for (let y = top; y < bottom; y += STRIDE) {
    for (let x = left; x < right; x += STRIDE) {
      const at = 3 * (y * width + x)
      const [red, green, blue] = [data[at], data[at + 1], data[at + 2]]
      // ITU-R BT.601
      const cr = 0.5 * red - 0.4187 * green - 0.0813 * blue
      count++
      sum += cr
      squares += cr * cr
      if (red > MIRROR && green > MIRROR && blue > MIRROR) mirrors++
    }
  }
  if (count < MIN_SAMPLES) return { specular: failed('face-too-small'), redSpread: failed('face-too-small') }
  const spread = Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2))
  return {
    specular: assessed(mirrors / count, mirrors / count),
    redSpread: assessed(spread, Math.min(1, spread / 16)),
  }
}

/**
 * What changes from one frame to the next. A sensor is never silent: blocks that do not change at all were painted or
 * skipped, and the level of the noise should fit the light (docs/evaluation.md).
 */
import type { ChangeSigns, Image } from '../types.ts'

/** Side of a block, pixels; that of JPEG's. */
const BLOCK = 8
/** Every so many blocks each way are looked at closely: the noise is the same everywhere. */
const STRIDE = 3
/** The quiet end of the blocks: those in which nothing moves (docs/evaluation.md). */
const QUIET_SHARE = 0.2

/** Undefined when the frames have different sizes or are smaller than a block. */
export function frameChange(before: Image, after: Image): ChangeSigns | undefined {
  const { width, height } = after
  if (before.width !== width || before.height !== height) return undefined
  const across = Math.floor(width / BLOCK)
  const down = Math.floor(height / BLOCK)
  if (across * down === 0) return undefined
  let unchanged = 0
  const deviations = new Float64Array(Math.ceil(across / STRIDE) * Math.ceil(down / STRIDE))
  let looked = 0
  let brightness = 0
  for (let row = 0; row < down; row++) {
    for (let column = 0; column < across; column++) {
      const start = 3 * BLOCK * (row * width + column)
      if (isUnchanged(before.data, after.data, start, 3 * width)) unchanged++
      if (row % STRIDE !== 0 || column % STRIDE !== 0) continue
      deviations[looked++] = deviation(before.data, after.data, start + 1, 3 * width)
      brightness += after.data[start + 1]
    }
  }
  brightness /= looked
  const quiet = deviations.sort()[Math.floor(QUIET_SHARE * (looked - 1))]!
  return { noise: quiet / Math.SQRT2, unchangedBlocks: unchanged / (across * down), brightness }
}

function isUnchanged(a: Uint8Array, b: Uint8Array, start: number, stride: number): boolean {
  for (let y = 0; y < BLOCK; y++)
    for (let i = start + y * stride, end = i + 3 * BLOCK; i < end; i++) if (a[i] !== b[i]) return false
  return true
}

/** Standard deviation of the difference in one channel. */
function deviation(a: Uint8Array, b: Uint8Array, start: number, stride: number): number {
  let [sum, squares] = [0, 0]
  for (let y = 0; y < BLOCK; y++) {
    for (let i = start + y * stride, end = i + 3 * BLOCK; i < end; i += 3) {
      const difference = b[i] - a[i]
      sum += difference
      squares += difference * difference
    }
  }
  const count = BLOCK * BLOCK
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2))
}

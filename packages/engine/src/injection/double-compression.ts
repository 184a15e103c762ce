/**
 * Was the picture JPEG-coded on the same grid before the capture device coded it? Quantising twice leaves some multiples of
 * the present step rarer than their neighbours, at a fixed distance: the histogram of a coefficient gets a period. Lukáš and
 * Fridrich, Estimation of primary quantization matrix in double compressed JPEG images, 2003. Browsers' cameras often deliver
 * JPEG, so honest pictures show it too; earlier coding on another grid or in another size is not seen (docs/evaluation.md).
 */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import type { Image } from '../types.ts'

/** Side of a block of JPEG, pixels. */
const SIDE = 8
/** The first coefficients after the mean in zigzag order, as (vertical, horizontal) frequencies: the others are mostly 0. */
const COEFFICIENTS = [
  [0, 1],
  [1, 0],
  [2, 0],
  [1, 1],
  [0, 2],
  [0, 3],
  [1, 2],
  [2, 1],
  [3, 0],
] as const
/** Highest frequency among them, plus one. */
const LOWEST = 4
/** Multiples of a step that are counted, each way; beyond are few. */
const REACH = 128
/** Coefficients other than 0 that a histogram needs: below, its own noise looks like a period. */
const MIN_COUNT = 200
/** Frequencies that are looked at, hundredths of a cycle for each multiple: below is the shape of the histogram itself. */
const FROM = 5
const TO = 50
/** The clearest histograms: of an earlier coding that was only a little coarser, some show nothing. */
const CLEAREST = 3

/** The DCT-II's rows, orthonormal. */
const BASIS: readonly Float64Array[] = Array.from({ length: LOWEST }, (_, u) =>
  Float64Array.from(
    { length: SIDE },
    (_, x) => (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / (2 * SIDE)),
  ),
)
const COSINE = Float64Array.from({ length: 100 }, (_, i) => Math.cos((2 * Math.PI * i) / 100))

/**
 * Native: 1 − how far the Fourier transform of the histograms rises again after it has fallen, mean of the three that
 * rise most; about .85 for pictures that were coded once, about 0 where the earlier coding was much coarser.
 * Not supported: pictures that are no JPEG or have lost its grid.
 */
export function doubleCompression(image: Image): Measurement {
  const { lumaSteps } = image
  if (lumaSteps === undefined) return failed('not-supported')
  const rises = histograms(image, lumaSteps)
    .flatMap((histogram) => riseOf(histogram) ?? [])
    .sort((a, b) => b - a)
    .slice(0, CLEAREST)
  if (rises.length < CLEAREST) return failed('too-blurred')
  const native = 1 - rises.reduce((sum, rise) => sum + rise, 0) / CLEAREST
  return assessed(native, native)
}

/** How often each multiple of its step is the value of a coefficient; every other block, as on a chessboard. */
function histograms({ width, height, data }: Image, steps: Uint16Array): Uint32Array[] {
  const counts = COEFFICIENTS.map(() => new Uint32Array(2 * REACH + 1))
  const rows = new Float64Array(SIDE * LOWEST)
  const line = new Float64Array(SIDE)
  for (let top = 0; top + SIDE <= height; top += SIDE)
    for (let left = top % (2 * SIDE); left + SIDE <= width; left += 2 * SIDE) {
      for (let y = 0; y < SIDE; y++)
        transformRow(data, 3 * ((top + y) * width + left), line, rows, y * LOWEST)
      for (let k = 0; k < COEFFICIENTS.length; k++) {
        const [v, u] = COEFFICIENTS[k]!
        const wave = BASIS[v]!
        let sum = 0
        for (let y = 0; y < SIDE; y++) sum += wave[y]! * rows[y * LOWEST + u]!
        const multiple = Math.round(sum / steps[k + 1]!)
        if (Math.abs(multiple) <= REACH) counts[k]![multiple + REACH]!++
      }
    }
  return counts
}

/** The lowest frequencies of the luma of one row of a block. */
function transformRow(
  data: Uint8Array,
  from: number,
  line: Float64Array,
  rows: Float64Array,
  to: number,
): void {
  for (let x = 0, at = from; x < SIDE; x++, at += 3)
    line[x] = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!
  for (let u = 0; u < LOWEST; u++) {
    const wave = BASIS[u]!
    let sum = 0
    for (let x = 0; x < SIDE; x++) sum += wave[x]! * line[x]!
    rows[to + u] = sum
  }
}

/** Of the transform's magnitude above the least before it, as a share of the count; undefined when too little is there. */
function riseOf(counts: Uint32Array): number | undefined {
  // Flat blocks make many zeros, which say nothing: as many as of its neighbours are taken.
  const zeros = (counts[REACH - 1]! + counts[REACH + 1]!) / 2
  const others = counts.reduce((sum, count) => sum + count, 0) - counts[REACH]!
  if (others < MIN_COUNT) return undefined
  let [least, rise] = [1, 0]
  for (let frequency = FROM; frequency <= TO; frequency++) {
    let [re, im] = [zeros, 0]
    for (let multiple = 1; multiple <= REACH; multiple++) {
      const [plus, minus] = [counts[REACH + multiple]!, counts[REACH - multiple]!]
      if (plus + minus === 0) continue
      const turn = (frequency * multiple) % 100
      re += (plus + minus) * COSINE[turn]!
      // A quarter of a cycle back is the sine.
      im += (plus - minus) * COSINE[(turn + 75) % 100]!
    }
    const magnitude = Math.hypot(re, im) / (others + zeros)
    least = Math.min(least, magnitude)
    rise = Math.max(rise, magnitude - least)
  }
  return rise
}

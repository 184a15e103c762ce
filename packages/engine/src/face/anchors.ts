/** Centres of BlazeFace's anchors for a 256-pixel input. Source: @vladmandic/human src/face/facemeshutil.ts */

export const DETECTOR_SIDE = 256

/** Grid step in pixels and anchors per cell, in the order of the network's outputs. */
const GRIDS = [
  { step: 16, perCell: 2 },
  { step: 32, perCell: 6 },
] as const

function generate(): Float32Array {
  const centres: number[] = []
  for (const { step, perCell } of GRIDS) {
    for (let y = step / 2; y < DETECTOR_SIDE; y += step) {
      for (let x = step / 2; x < DETECTOR_SIDE; x += step) {
        for (let n = 0; n < perCell; n++) centres.push(x, y)
      }
    }
  }
  return Float32Array.from(centres)
}

/** x, y of 896 anchors: 512 of the fine grid, then 384 of the coarse one. */
export const ANCHORS: Float32Array = generate()

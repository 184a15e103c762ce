/** Centres of BlazeFace's anchors. Source: @vladmandic/human src/face/facemeshutil.ts */

/** Sides of the largest input, pixels. */
export const DETECTOR_SIDE = 256

/** Grid step in pixels and anchors per cell, in the order of the network's outputs. */
export const GRIDS = [
  { step: 16, perCell: 2 },
  { step: 32, perCell: 6 },
] as const

export interface InputSize {
  readonly width: number
  readonly height: number
}

const generated = new Map<string, Float32Array>()

/** x, y of the anchors of an input, those of the fine grid first. There are few sizes, and they are kept. */
export function anchorsOf({ width, height }: InputSize): Float32Array {
  const key = `${width}x${height}`
  const known = generated.get(key)
  if (known) return known
  const centres: number[] = []
  for (const { step, perCell } of GRIDS) {
    for (let y = step / 2; y < height; y += step) {
      for (let x = step / 2; x < width; x += step) {
        for (let n = 0; n < perCell; n++) centres.push(x, y)
      }
    }
  }
  const anchors = Float32Array.from(centres)
  generated.set(key, anchors)
  return anchors
}

/**
 * Corners worth tracking: places where the grey changes in two directions.
 * Source: J. Shi, C. Tomasi, "Good features to track", CVPR 1994.
 */
import type { Pyramid } from './pyramid.ts'

/** Smallest strength as a share of the strongest corner's (docs/evaluation.md). */
const QUALITY = 0.005
/** How many corners are kept, and how far apart in outer-eye distances. */
export interface Spacing {
  readonly most: number
  readonly distance: number
}

/** The face wants all that carry its shape (docs/evaluation.md). */
export const FACE_SPACING: Spacing = { most: 150, distance: 0.045 }
/** The surround only votes: fewer do, and they should not all lie on one edge. */
export const SURROUND_SPACING: Spacing = { most: 36, distance: 0.1 }
/** Corners keep this far from the border of the crop: the flow window must see picture. */
const BORDER_PX = 8

/**
 * Finds the strongest corners of a region.
 * @param mask 1 where corners may lie, one byte per pixel of the crop
 * @param eyeDistancePx outer-eye distance in track pixels
 * @returns x, y of each corner in track pixels, strongest first
 */
export function findCorners(
  pyramid: Pyramid,
  mask: Uint8Array,
  eyeDistancePx: number,
  spacing: Spacing = FACE_SPACING,
): Float64Array {
  const { width, height } = pyramid.levels[0]
  const strength = cornerStrength(pyramid.levels[0].data, width, height, mask)
  let strongest = 0
  for (let i = 0; i < strength.length; i++) if (strength[i] > strongest) strongest = strength[i]
  const peaks = localPeaks(strength, width, height, Math.max(QUALITY * strongest, Number.MIN_VALUE))
  peaks.sort((a, b) => strength[b] - strength[a] || a - b)
  const local = spread(peaks, width, Math.max(1, spacing.distance * eyeDistancePx), spacing.most)
  const out = new Float64Array(local.length)
  for (let i = 0; i < local.length; i += 2) {
    out[i] = local[i] + pyramid.crop.left
    out[i + 1] = local[i + 1] + pyramid.crop.top
  }
  return out
}

/** Smaller eigenvalue of the 3 × 3 sum of gradient products (Sobel), where the mask is set. */
function cornerStrength(data: Float32Array, width: number, height: number, mask: Uint8Array): Float32Array {
  const xx = new Float32Array(data.length)
  const xy = new Float32Array(data.length)
  const yy = new Float32Array(data.length)
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * width + 1, end = (y + 1) * width - 1; i < end; i++) {
      const a = data[i + width + 1] - data[i - width - 1]
      const b = data[i - width + 1] - data[i + width - 1]
      const dx = a + b + 2 * (data[i + 1] - data[i - 1])
      const dy = a - b + 2 * (data[i + width] - data[i - width])
      xx[i] = dx * dx
      xy[i] = dx * dy
      yy[i] = dy * dy
    }
  }
  const out = new Float32Array(data.length)
  for (let y = BORDER_PX; y < height - BORDER_PX; y++) {
    for (let i = y * width + BORDER_PX, end = (y + 1) * width - BORDER_PX; i < end; i++) {
      if (mask[i] === 0) continue
      const a = boxSum(xx, i, width)
      const b = boxSum(xy, i, width)
      const c = boxSum(yy, i, width)
      out[i] = (a + c) / 2 - Math.sqrt(((a - c) / 2) ** 2 + b * b)
    }
  }
  return out
}

function boxSum(values: Float32Array, i: number, width: number): number {
  const above = i - width
  const below = i + width
  return (
    values[above - 1] +
    values[above] +
    values[above + 1] +
    values[i - 1] +
    values[i] +
    values[i + 1] +
    values[below - 1] +
    values[below] +
    values[below + 1]
  )
}

/** Pixels that no neighbour exceeds. */
function localPeaks(strength: Float32Array, width: number, height: number, least: number): number[] {
  const peaks: number[] = []
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * width + 1, end = (y + 1) * width - 1; i < end; i++) {
      const s = strength[i]
      if (
        s >= least &&
        s >= strength[i - 1] &&
        s >= strength[i + 1] &&
        s >= strength[i - width - 1] &&
        s >= strength[i - width] &&
        s >= strength[i - width + 1] &&
        s >= strength[i + width - 1] &&
        s >= strength[i + width] &&
        s >= strength[i + width + 1]
      )
        peaks.push(i)
    }
  }
  return peaks
}

/** The strongest first, each at least `distance` from those before. */
function spread(peaks: readonly number[], width: number, distance: number, most: number): number[] {
  const kept: number[] = []
  const squared = distance * distance
  for (const peak of peaks) {
    const x = peak % width
    const y = (peak - x) / width
    let free = true
    for (let i = 0; i < kept.length && free; i += 2) {
      free = (kept[i] - x) ** 2 + (kept[i + 1] - y) ** 2 >= squared
    }
    if (free) kept.push(x, y)
    if (kept.length >= 2 * most) break
  }
  return kept
}

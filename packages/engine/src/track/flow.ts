/**
 * Where points of one frame are in the next: pyramidal Lucas–Kanade, and back again as a check.
 * Source: J.-Y. Bouguet, "Pyramidal implementation of the Lucas Kanade feature tracker", Intel 2000;
 * Z. Kalal et al., "Forward-backward error", ICPR 2010.
 */
import type { Grey } from './grey.ts'
import type { Pyramid } from './pyramid.ts'

/** Side of the window in track pixels, about .16 outer-eye distances (docs/evaluation.md). */
const WINDOW = 15
const HALF = 7
const AREA = WINDOW * WINDOW
/** A patch with one more pixel on each side, for its gradient. */
const PATCH = WINDOW + 2
const MAX_ITERATIONS = 12
/** Iterations end below this step, pixels of the level; the levels above the last only have to come near. */
const STOP_STEP_PX = 0.01
const NEAR_STEP_PX = 0.05
/** Smallest eigenvalue of the mean gradient product, (grey/pixel)²: the customary 10⁻⁴ of OpenCV in its unit. */
const MIN_EIGENVALUE = 0.1
/** A point must come home to max(.5 px, .012 outer-eye distances) (docs/evaluation.md). */
const RETURN_PX = 0.5
const RETURN_SHARE = 0.012

/** Scratch memory; one call uses it at a time and nothing in it outlives a call. */
const patch = new Float32Array(PATCH * PATCH)
const template = new Float32Array(AREA)
const slopeX = new Float32Array(AREA)
const slopeY = new Float32Array(AREA)
const found = new Float64Array(2)
const against = new Float64Array(4)

/**
 * Follows points from one frame to the next. Both pyramids have the same scale.
 * @param points x, y pairs in track pixels; NaN pairs are passed over
 * @param eyeDistancePx outer-eye distance in track pixels
 * @returns x, y pairs in track pixels, NaN for a point that left the picture, has no texture or did not come home
 */
export function followPoints(
  from: Pyramid,
  to: Pyramid,
  points: Float64Array,
  eyeDistancePx: number,
): Float64Array {
  const out = new Float64Array(points.length).fill(Number.NaN)
  const tolerance = Math.max(RETURN_PX, RETURN_SHARE * eyeDistancePx) ** 2
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i]
    const y = points[i + 1]
    if (!isInside(from, x, y) || !track(from, to, x, y)) continue
    const [nextX, nextY] = found
    if (!track(to, from, nextX, nextY)) continue
    if ((found[0] - x) ** 2 + (found[1] - y) ** 2 < tolerance) {
      out[i] = nextX
      out[i + 1] = nextY
    }
  }
  return out
}

function isInside({ crop, levels }: Pyramid, x: number, y: number): boolean {
  const { width, height } = levels[0]
  return x >= crop.left && y >= crop.top && x <= crop.left + width - 1 && y <= crop.top + height - 1
}

/** One point, coarse to fine; the place goes to `found`. False when it is lost. */
function track(from: Pyramid, to: Pyramid, x: number, y: number): boolean {
  const levels = Math.min(from.levels.length, to.levels.length)
  let [dx, dy] = [0, 0]
  for (let level = levels - 1; level >= 0; level--) {
    const unit = 2 ** -level
    const atX = (x - from.crop.left) * unit
    const atY = (y - from.crop.top) * unit
    const offsetX = (x - to.crop.left) * unit
    const offsetY = (y - to.crop.top) * unit
    found[0] = offsetX + dx * unit
    found[1] = offsetY + dy * unit
    const textured = refine(
      from.levels[level],
      to.levels[level],
      atX,
      atY,
      level === 0 ? STOP_STEP_PX : NEAR_STEP_PX,
    )
    if (level === 0 && !textured) return false
    if (!textured) continue
    dx = (found[0] - offsetX) / unit
    dy = (found[1] - offsetY) / unit
  }
  found[0] = x + dx
  found[1] = y + dy
  return isInside(to, found[0], found[1])
}

/**
 * Gauss–Newton on one level, from the place in `found` to the place in `found`. False where there is no texture.
 * Brightness and contrast of the window are unknowns like the shift and are eliminated: paper that turns in the light
 * and a camera that adapts would otherwise drag every point.
 */
function refine(from: Grey, to: Grey, x: number, y: number, stopPx: number): boolean {
  sample(from, x - HALF - 1, y - HALF - 1, PATCH, patch)
  let mean = 0
  for (let v = 0, i = 0; v < WINDOW; v++) {
    for (let u = 0, p = (v + 1) * PATCH + 1; u < WINDOW; u++, i++, p++) {
      const gx = (patch[p + 1] - patch[p - 1]) / 2
      const gy = (patch[p + PATCH] - patch[p - PATCH]) / 2
      template[i] = patch[p]
      slopeX[i] = gx
      slopeY[i] = gy
      mean += patch[p] / AREA
    }
  }
  let [xx, xy, yy, x1, y1, xt, yt, tt] = [0, 0, 0, 0, 0, 0, 0, 0]
  for (let i = 0; i < AREA; i++) {
    const gx = slopeX[i]
    const gy = slopeY[i]
    const t = template[i] - mean
    template[i] = t
    xx += gx * gx
    xy += gx * gy
    yy += gy * gy
    x1 += gx
    y1 += gy
    xt += gx * t
    yt += gy * t
    tt += t * t
  }
  if (!(tt > 0)) return false
  xx -= (x1 * x1) / AREA + (xt * xt) / tt
  xy -= (x1 * y1) / AREA + (xt * yt) / tt
  yy -= (y1 * y1) / AREA + (yt * yt) / tt
  const smaller = (xx + yy) / 2 - Math.sqrt(((xx - yy) / 2) ** 2 + xy * xy)
  if (!(smaller / AREA >= MIN_EIGENVALUE)) return false
  const determinant = xx * yy - xy * xy
  let [atX, atY] = found
  for (let round = 0; round < MAX_ITERATIONS; round++) {
    /** A place this far outside only repeats border pixels; its way back leads nowhere. */
    if (atX < -WINDOW || atY < -WINDOW || atX > to.width + WINDOW || atY > to.height + WINDOW) break
    difference(to, atX - HALF, atY - HALF, mean)
    const bx = against[0] - (x1 * against[2]) / AREA - (xt * against[3]) / tt
    const by = against[1] - (y1 * against[2]) / AREA - (yt * against[3]) / tt
    const stepX = (yy * bx - xy * by) / determinant
    const stepY = (xx * by - xy * bx) / determinant
    atX += stepX
    atY += stepY
    if (stepX * stepX + stepY * stepY < stopPx * stopPx) break
  }
  found[0] = atX
  found[1] = atY
  return true
}

/** Template minus window at (x, y), multiplied with both slopes, with 1 and with the template: goes to `against`. */
function difference(image: Grey, x: number, y: number, mean: number): void {
  sample(image, x, y, WINDOW, patch)
  let [bx, by, b1, bt] = [0, 0, 0, 0]
  for (let i = 0; i < AREA; i++) {
    const t = template[i]
    const d = t - patch[i] + mean
    bx += d * slopeX[i]
    by += d * slopeY[i]
    b1 += d
    bt += d * t
  }
  against[0] = bx
  against[1] = by
  against[2] = b1
  against[3] = bt
}

/** Bilinear patch of side × side pixels whose first pixel lies at (x, y); border pixels repeat. */
function sample({ width, height, data }: Grey, x: number, y: number, side: number, out: Float32Array): void {
  const left = Math.floor(x)
  const top = Math.floor(y)
  const fx = x - left
  const fy = y - top
  const inside = left >= 0 && top >= 0 && left + side < width && top + side < height
  for (let v = 0, o = 0; v < side; v++) {
    let upper = width * (inside ? top + v : clamp(top + v, height))
    let lower = inside ? upper + width : width * clamp(top + v + 1, height)
    if (inside) {
      upper += left
      lower += left
      let near = data[upper] + fy * (data[lower] - data[upper])
      for (let u = 0; u < side; u++, o++) {
        const p = data[++upper]
        const far = p + fy * (data[++lower] - p)
        out[o] = near + fx * (far - near)
        near = far
      }
      continue
    }
    for (let u = 0; u < side; u++, o++) {
      const near = clamp(left + u, width)
      const far = clamp(left + u + 1, width)
      const a = data[upper + near] + fy * (data[lower + near] - data[upper + near])
      const b = data[upper + far] + fy * (data[lower + far] - data[upper + far])
      out[o] = a + fx * (b - a)
    }
  }
}

function clamp(value: number, length: number): number {
  return value < 0 ? 0 : value < length ? value : length - 1
}

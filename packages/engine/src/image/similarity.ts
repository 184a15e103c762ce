/** Similarity transforms (scale, rotation, shift) between a square crop and the image it is read from. */
import type { Point } from '../types.ts'

/**
 * Crop → image: x' = a·x − b·y + tx, y' = b·x + a·y + ty. Coordinates are continuous: the first pixel covers [0, 1].
 */
export interface Similarity {
  readonly a: number
  readonly b: number
  readonly tx: number
  readonly ty: number
}

/** The square of side `side` around a centre, turned clockwise by `angle` radians, read as `size` × `size` pixels. */
export function squareCrop(centre: Point, side: number, angle: number, size: number): Similarity {
  const scale = side / size
  const a = scale * Math.cos(angle)
  const b = scale * Math.sin(angle)
  const half = size / 2
  return { a, b, tx: centre.x - a * half + b * half, ty: centre.y - b * half - a * half }
}

export function apply(t: Similarity, x: number, y: number): Point {
  return { x: t.a * x - t.b * y + t.tx, y: t.b * x + t.a * y + t.ty }
}

/** Image → crop. */
export function invert({ a, b, tx, ty }: Similarity): Similarity {
  const square = a * a + b * b
  const [c, d] = [a / square, -b / square]
  return { a: c, b: d, tx: d * ty - c * tx, ty: -d * tx - c * ty }
}

/** How many image pixels one crop pixel spans. */
export function scaleOf(t: Similarity): number {
  return Math.hypot(t.a, t.b)
}

/**
 * The similarity that carries the points `from` nearest to the points `to` (least squares).
 * Source: S. Umeyama, IEEE TPAMI 13(4), 1991, in its closed form for the plane.
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Similarity {
  const n = from.length
  let fx = 0
  let fy = 0
  let gx = 0
  let gy = 0
  for (let i = 0; i < n; i++) {
    fx += from[i]!.x / n
    fy += from[i]!.y / n
    gx += to[i]!.x / n
    gy += to[i]!.y / n
  }
  let dot = 0
  let cross = 0
  let norm = 0
  for (let i = 0; i < n; i++) {
    const x = from[i]!.x - fx
    const y = from[i]!.y - fy
    const u = to[i]!.x - gx
    const v = to[i]!.y - gy
    dot += x * u + y * v
    cross += x * v - y * u
    norm += x * x + y * y
  }
  const a = dot / norm
  const b = cross / norm
  return { a, b, tx: gx - a * fx + b * fy, ty: gy - b * fx - a * fy }
}

/**
 * What coming nearer changes in the shape of a face, pinhole camera: a point of depth z behind the middle of the face, at
 * x from the optical axis, moves from x to g·x / (1 + (g − 1)·z / f) when the face grows by g, f being the focal length in
 * pixels. A plane stays similar to itself. Least squares over all mesh points, with the small turns and the similarity that
 * the person makes meanwhile taken out. The mesh is a regression and shows only part of it: see docs/evaluation.md.
 */
import type { ApproachObservation } from './capture-record.ts'

/** Points of a mesh, x y z in pixels, z away from the camera. */
export type Shape = Float32Array

/** Focal length in picture widths: a horizontal field of view of 52°, usual for webcams. */
const FOCAL_WIDTHS = 1.03
/** Frames at each distance, so that the median is quieter than one mesh: what the shortest hold gives. */
const MIN_SHAPES = 8
/** A smaller approach changes too little. */
const MIN_GROWN = 1.15
/** Shift in x and y, two of scale and rotation, yaw, pitch, perspective. */
const UNKNOWNS = 7

/**
 * @param widthPx width of the pictures that the shapes are from
 * @returns undefined when there are too few shapes or the face hardly grew
 */
export function approachOf(
  far: readonly Shape[],
  near: readonly Shape[],
  widthPx: number,
): ApproachObservation | undefined {
  if (Math.min(far.length, near.length) < MIN_SHAPES) return undefined
  const [from, to] = [medianShape(far), medianShape(near)]
  const grown = sizeOf(to) / sizeOf(from)
  if (!(grown >= MIN_GROWN)) return undefined
  const expected = (grown * (grown - 1)) / (FOCAL_WIDTHS * widthPx)
  const equations = new NormalEquations(UNKNOWNS)
  for (let at = 0; at < from.length; at += 3) {
    const [x, y, z] = [from[at] ?? 0, from[at + 1] ?? 0, from[at + 2] ?? 0]
    equations.add([1, 0, x, -y, z, 0, -expected * x * z], to[at] ?? 0)
    equations.add([0, 1, y, x, 0, z, -expected * y * z], to[at + 1] ?? 0)
  }
  const perspective = equations.solve()?.at(-1)
  if (perspective === undefined || !Number.isFinite(perspective)) return undefined
  return { perspective, grown, frames: Math.min(far.length, near.length) }
}

/** Every coordinate's median over the shapes, each about its own middle. */
function medianShape(shapes: readonly Shape[]): Float64Array {
  const centred = shapes.map((shape) => {
    const middle = [0, 1, 2].map((part) => {
      let sum = 0
      for (let at = part; at < shape.length; at += 3) sum += shape[at] ?? 0
      return sum / (shape.length / 3)
    })
    return shape.map((value, at) => value - (middle[at % 3] ?? 0))
  })
  return Float64Array.from({ length: shapes[0]?.length ?? 0 }, (_, at) => {
    const values = Float64Array.from(centred, (shape) => shape[at] ?? Number.NaN).sort()
    return values[values.length >> 1] ?? Number.NaN
  })
}

/** RMS distance of the points from their middle, in the picture. */
function sizeOf(shape: Float64Array): number {
  let sum = 0
  for (let at = 0; at < shape.length; at += 3) sum += (shape[at] ?? 0) ** 2 + (shape[at + 1] ?? 0) ** 2
  return Math.sqrt(sum / (shape.length / 3))
}

/** Least squares of a few unknowns by Gauss–Jordan with pivots. */
class NormalEquations {
  private readonly rows: number[][]

  private readonly size: number

  constructor(size: number) {
    this.size = size
    this.rows = Array.from({ length: size }, () => Array<number>(size + 1).fill(0))
  }

  add(factors: readonly number[], value: number): void {
    for (const [i, row] of this.rows.entries()) {
      const factor = factors[i] ?? 0
      for (let j = 0; j < this.size; j++) row[j] = (row[j] ?? 0) + factor * (factors[j] ?? 0)
      row[this.size] = (row[this.size] ?? 0) + factor * value
    }
  }

  /** Undefined when the equations do not determine the unknowns. */
  solve(): number[] | undefined {
    const rows = this.rows.map((row) => [...row])
    const size = (row: readonly number[] | undefined, i: number) => Math.abs(row?.[i] ?? 0)
    for (let i = 0; i < this.size; i++) {
      let pivot = i
      for (let j = i; j < this.size; j++) if (size(rows[j], i) > size(rows[pivot], i)) pivot = j
      const [chosen, first] = [rows[pivot], rows[i]]
      if (!chosen || !first || !(size(chosen, i) > 0)) return undefined
      rows[pivot] = first
      rows[i] = chosen
      for (const [j, row] of rows.entries()) {
        if (j === i) continue
        const share = (row[i] ?? 0) / (chosen[i] ?? Number.NaN)
        for (let k = i; k <= this.size; k++) row[k] = (row[k] ?? 0) - share * (chosen[k] ?? 0)
      }
    }
    return rows.map((row, i) => (row[this.size] ?? 0) / (row[i] ?? Number.NaN))
  }
}

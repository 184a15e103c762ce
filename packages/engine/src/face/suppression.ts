/** Non-maximum suppression that averages what it merges, as BlazeFace's authors do (arXiv:1907.05047 §4). */

/** A candidate: score, then x, y, width, height and six points (right eye, left eye, nose, mouth, ears), in pixels. */
export interface Candidate {
  readonly score: number
  /** x, y, width, height, then 12 numbers of points. */
  readonly values: Float32Array
}

/** Intersection over union. */
export function overlap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const width = Math.min(a[0]! + a[2]!, b[0]! + b[2]!) - Math.max(a[0]!, b[0]!)
  const height = Math.min(a[1]! + a[3]!, b[1]! + b[3]!) - Math.max(a[1]!, b[1]!)
  if (width <= 0 || height <= 0) return 0
  const shared = width * height
  return shared / (a[2]! * a[3]! + b[2]! * b[3]! - shared)
}

/** What overlaps more than this is one face (MediaPipe face_detection, `min_suppression_threshold`). */
export const SAME_FACE = 0.3

/** One candidate per face, best first: the mean of all that overlap the best one, weighted by score. */
export function suppress(candidates: readonly Candidate[]): Candidate[] {
  let rest = candidates.toSorted((a, b) => b.score - a.score)
  const out: Candidate[] = []
  while (rest.length > 0) {
    const best = rest[0]!
    const same = rest.filter((other) => overlap(best.values, other.values) > SAME_FACE || other === best)
    const values = new Float32Array(best.values.length)
    const total = same.reduce((sum, other) => sum + other.score, 0)
    for (const other of same) {
      const weight = other.score / total
      for (let i = 0; i < values.length; i++) values[i]! += weight * other.values[i]!
    }
    out.push({ score: best.score, values })
    rest = rest.filter((other) => !same.includes(other))
  }
  return out
}

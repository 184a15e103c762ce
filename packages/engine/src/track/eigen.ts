/**
 * Eigenvectors of small symmetric matrices by cyclic Jacobi rotations.
 * Source: G. Golub, C. Van Loan, Matrix Computations, §8.5.
 */

/** Sweeps; 9 × 9 matrices are diagonal to rounding after about seven. */
const MAX_SWEEPS = 30

/**
 * The eigenvector of the smallest eigenvalue, of unit length.
 * @param matrix symmetric, size × size, row-major; left as it was
 */
export function smallestEigenvector(
  matrix: Float64Array,
  size: number,
): { value: number; vector: Float64Array } {
  const a = Float64Array.from(matrix)
  const v = new Float64Array(size * size)
  for (let i = 0; i < size; i++) v[i * size + i] = 1
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    if (isDiagonal(a, size)) break
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, v, size, p, q)
  }
  let least = 0
  for (let i = 1; i < size; i++) if (a[i * size + i] < a[least * size + least]) least = i
  const vector = new Float64Array(size)
  for (let i = 0; i < size; i++) vector[i] = v[i * size + least]
  return { value: a[least * size + least], vector }
}

function isDiagonal(a: Float64Array, size: number): boolean {
  let off = 0
  let on = 0
  for (let p = 0; p < size; p++) {
    on += a[p * size + p] ** 2
    for (let q = p + 1; q < size; q++) off += a[p * size + q] ** 2
  }
  return !(off > on * Number.EPSILON ** 2)
}

/** Turns the plane of axes p and q so that a[p, q] becomes 0. */
function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]
  if (apq === 0) return
  const theta = (a[q * size + q] - a[p * size + p]) / (2 * apq)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  for (let k = 0; k < size; k++) {
    const kp = a[k * size + p]
    const kq = a[k * size + q]
    a[k * size + p] = c * kp - s * kq
    a[k * size + q] = s * kp + c * kq
  }
  for (let k = 0; k < size; k++) {
    const pk = a[p * size + k]
    const qk = a[q * size + k]
    a[p * size + k] = c * pk - s * qk
    a[q * size + k] = s * pk + c * qk
    const vp = v[k * size + p]
    const vq = v[k * size + q]
    v[k * size + p] = c * vp - s * vq
    v[k * size + q] = s * vp + c * vq
  }
}

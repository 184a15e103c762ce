/** Two-dimensional Fourier transform of small squares. Source: J. Cooley, J. Tukey, Math. Comp. 19, 1965. */

/** A complex square of side × side, row-major. */
export interface Spectrum {
  readonly side: number
  readonly re: Float64Array
  readonly im: Float64Array
}

/** In place, rows then columns. @param side a power of two */
export function transform({ side, re, im }: Spectrum): void {
  for (let line = 0; line < side; line++) transformLine(re, im, line * side, 1, side)
  for (let line = 0; line < side; line++) transformLine(re, im, line, side, side)
}

const tables = new Map<number, { readonly cos: Float64Array; readonly sin: Float64Array }>()

function tableOf(side: number): { readonly cos: Float64Array; readonly sin: Float64Array } {
  const known = tables.get(side)
  if (known) return known
  const angle = (k: number): number => (-2 * Math.PI * k) / side
  const made = {
    cos: Float64Array.from({ length: side / 2 }, (_, k) => Math.cos(angle(k))),
    sin: Float64Array.from({ length: side / 2 }, (_, k) => Math.sin(angle(k))),
  }
  tables.set(side, made)
  return made
}

function transformLine(re: Float64Array, im: Float64Array, start: number, stride: number, n: number): void {
  const { cos, sin } = tableOf(n)
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i >= j) continue
    const a = start + i * stride
    const b = start + j * stride
    const [heldRe, heldIm] = [re[a], im[a]]
    re[a] = re[b]
    im[a] = im[b]
    re[b] = heldRe
    im[b] = heldIm
  }
  for (let length = 2; length <= n; length <<= 1) {
    const half = length >> 1
    const step = n / length
    for (let i = 0; i < n; i += length) {
      for (let k = 0; k < half; k++) {
        const upper = start + (i + k) * stride
        const lower = upper + half * stride
        const c = cos[k * step]
        const s = sin[k * step]
        const tr = re[lower] * c - im[lower] * s
        const ti = re[lower] * s + im[lower] * c
        re[lower] = re[upper] - tr
        im[lower] = im[upper] - ti
        re[upper] += tr
        im[upper] += ti
      }
    }
  }
}

/**
 * Unlinkability of protected templates by ISO/IEC 30136: how much a comparison score of two protected copies under different
 * keys tells whether they are of one person. D_sys after Gomez-Barrero et al. (IEEE TIFS 2018), 0 for nothing, 1 for all.
 */

/**
 * @param mated scores of copies of one person, `nonMated` of different people; priors are taken as equal
 * @param bins of the histograms; few, so that chance differences of small samples do not look like a link
 */
export function dSys(mated: readonly number[], nonMated: readonly number[], bins = 20): number {
  const all = [...mated, ...nonMated]
  const low = Math.min(...all)
  const width = (Math.max(...all) - low) / bins || 1
  const shares = (scores: readonly number[]) => {
    const counts = new Float64Array(bins)
    for (const score of scores) {
      const bin = Math.min(bins - 1, Math.floor((score - low) / width))
      counts[bin] = (counts[bin] ?? 0) + 1 / scores.length
    }
    return counts
  }
  const [ofMated, ofNonMated] = [shares(mated), shares(nonMated)]
  return ofMated.reduce((sum, share, bin) => {
    const other = ofNonMated[bin] ?? 0
    const linked = share > other ? (2 * share) / (share + other) - 1 : 0
    return sum + share * linked
  }, 0)
}

export function meanAndDeviation(values: readonly number[]): {
  readonly mean: number
  readonly deviation: number
} {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / values.length) }
}

/** Of two vectors of the same length, in 64-bit numbers. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0]
    dot += x * y
    aa += x * x
    bb += y * y
  }
  return dot / Math.sqrt(aa * bb)
}

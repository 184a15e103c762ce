/** Draws for fuzzing that a seed repeats. */

export interface Dice {
  /** Whole number, 0 ≤ n < below. */
  below(below: number): number
  /** True so many times out of a hundred. */
  chance(percent: number): boolean
  one<T>(list: readonly T[]): T
  /** One of the weighted entries. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T
  bytes(length: number): Buffer
}

/** xorshift32 (Marsaglia 2003): not for secrets. */
export function createDice(seed: number): Dice {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  const below = (limit: number) => next() % limit
  return {
    below,
    chance: (percent) => below(100) < percent,
    one<T>(list: readonly T[]): T {
      if (list.length === 0) throw new RangeError('nothing to choose from')
      return list[below(list.length)] as T
    },
    weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
      const entries = Object.entries(weights) as [T, number][]
      let left = below(entries.reduce((sum, [, weight]) => sum + weight, 0))
      for (const [name, weight] of entries) {
        if (left < weight) return name
        left -= weight
      }
      throw new RangeError('no weights')
    },
    bytes: (length) => Buffer.from(Uint8Array.from({ length }, () => next() & 255)),
  }
}

/** Numbers 0 ≤ x < 1 that a seed repeats. */
export function randomFrom(seed: number): () => number {
  const { below } = createDice(seed)
  return () => below(2 ** 30) / 2 ** 30
}

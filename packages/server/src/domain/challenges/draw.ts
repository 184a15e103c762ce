/** Fair draws from a CSPRNG: what cannot be foreseen about a challenge comes from here. */

/** Returns that many bytes from a CSPRNG. */
export type Bytes = (length: number) => Uint8Array

export interface Draw {
  /** A whole number below `n` (1 to 256), every one equally likely. */
  below(n: number): number
  /** One of the list. @throws TypeError when it is empty */
  pick<T>(list: readonly T[]): T
  /** The list in random order, every order equally likely. */
  shuffle<T>(list: readonly T[]): T[]
  /** A number from least to most in 256 steps. */
  between(least: number, most: number): number
}

export function createDraw(bytes: Bytes): Draw {
  /** Bytes beyond the last whole multiple of n are drawn again. */
  function below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 256) throw new TypeError('nothing to draw from')
    const limit = 256 - (256 % n)
    for (;;) {
      const byte = bytes(1)[0]
      if (byte === undefined) throw new TypeError('no random bytes')
      if (byte < limit) return byte % n
    }
  }
  return {
    below,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    shuffle(list) {
      const out = [...list]
      for (let i = out.length - 1; i > 0; i--) {
        const j = below(i + 1)
        const swapped = out[i] as (typeof out)[number]
        out[i] = out[j] as (typeof out)[number]
        out[j] = swapped
      }
      return out
    },
    between: (least, most) => least + (below(256) / 255) * (most - least),
  }
}

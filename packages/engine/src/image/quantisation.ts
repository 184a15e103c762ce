/** Reads from a JPEG how coarsely its brightness was quantised. Source: ITU-T T.81, B.2.4.1. */

const DEFINE_QUANTISATION = 0xdb
const START_OF_SCAN = 0xda
/** Entries of a table: one for each coefficient of a block. */
const ENTRIES = 64

/**
 * Quantisation steps of table 0, in zigzag order; every encoder gives it to luma.
 * @param jpeg bytes that a stranger chose
 * @returns undefined when there is no such table before the first scan, or a step is 0
 */
export function lumaSteps(jpeg: Uint8Array): Uint16Array | undefined {
  const word = (at: number): number => (jpeg[at]! << 8) | jpeg[at + 1]!
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff; at += 2 + word(at + 2)) {
    const marker = jpeg[at + 1]
    if (marker === START_OF_SCAN) return undefined
    if (marker !== DEFINE_QUANTISATION) continue
    const end = Math.min(jpeg.length, at + 2 + word(at + 2))
    for (let table = at + 4; table < end; ) {
      const bytes = jpeg[table]! >> 4 === 0 ? 1 : 2
      const next = table + 1 + bytes * ENTRIES
      if (next > end) return undefined
      if ((jpeg[table]! & 15) === 0) {
        const from = table + 1
        const steps = Uint16Array.from({ length: ENTRIES }, (_, i) =>
          bytes === 1 ? jpeg[from + i]! : word(from + 2 * i),
        )
        return steps.includes(0) ? undefined : steps
      }
      table = next
    }
  }
  return undefined
}

/** Reads from a JPEG how coarsely its brightness was quantised. Source: ITU-T T.81, B.2.4.1. */
import { QUANTISATION_TABLES, segments } from './jpeg.ts'

/** Entries of a table: one for each coefficient of a block. */
const ENTRIES = 64

/**
 * Quantisation steps of table 0, in zigzag order; every encoder gives it to luma.
 * @param jpeg bytes that a stranger chose
 * @returns undefined when there is no such table before the first scan, or a step is 0
 */
export function lumaSteps(jpeg: Uint8Array): Uint16Array | undefined {
  for (const segment of segments(jpeg)) {
    if (segment.marker !== QUANTISATION_TABLES) continue
    const end = Math.min(jpeg.length, segment.end)
    for (let table = segment.from; table < end; ) {
      const bytes = jpeg[table]! >> 4 === 0 ? 1 : 2
      const next = table + 1 + bytes * ENTRIES
      if (next > end) return undefined
      if ((jpeg[table]! & 15) === 0) {
        const from = table + 1
        const steps = Uint16Array.from({ length: ENTRIES }, (_, i) =>
          bytes === 1 ? jpeg[from + i]! : (jpeg[from + 2 * i]! << 8) | jpeg[from + 2 * i + 1]!,
        )
        return steps.includes(0) ? undefined : steps
      }
      table = next
    }
  }
  return undefined
}

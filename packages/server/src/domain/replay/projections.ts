/**
 * The fixed random directions that words are made with. Drawn once, by a generator that is written down here, so that every
 * process and every later version of the program has the same ones; they are no secret, the key of the index is.
 */
import { CHANNELS } from './path.ts'

/** Cosines that describe a channel in a segment; the constant one is left out: neutral pose and place do not count. */
export const COSINES = 4
/** Words a segment, and projections in each. */
const TABLE_COUNT = 4
const PROJECTIONS = 24

/** What is told of a segment, in order: cosine `order` of channel `channel`. */
export const FEATURES = CHANNELS.flatMap(({ told, odd }, channel) =>
  told ? Array.from({ length: COSINES }, (_, order) => ({ channel, order: order + 1, odd })) : [],
)

export interface Projection {
  /** Of length one. */
  readonly direction: readonly number[]
  /** Where the buckets begin, as a share of their width. */
  readonly shift: number
}

const random = mulberry32(0x69707365)

export const TABLES: readonly (readonly Projection[])[] = Array.from({ length: TABLE_COUNT }, () =>
  Array.from({ length: PROJECTIONS }, () => ({ direction: unitVector(), shift: random() })),
)
/** Which of a motion and its mirror image stands for both: only what a mirror turns around is in it. */
export const MIRROR_DIRECTION: readonly number[] = unitVector(({ odd }) => odd)

function unitVector(has: (feature: (typeof FEATURES)[number]) => boolean = () => true): number[] {
  const values = FEATURES.map((feature) => {
    const value = gaussian()
    return has(feature) ? value : 0
  })
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
}

/** Box–Muller. */
function gaussian(): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Tommy Ettinger's generator of 32 bits of state: [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

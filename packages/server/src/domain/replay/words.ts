/**
 * From a segment to words: short texts that are the same for the same motion measured again and differ for another one.
 * Locality-sensitive hashing for Euclidean distance (Datar, Immorlica, Indyk, Mirrokni, SoCG 2004), with words for the
 * neighbouring buckets on the looking side (Lv, Josephson, Wang, Charikar, Li, VLDB 2007).
 */
import { FEATURES, MIRROR_DIRECTION, type Projection, TABLES } from './projections.ts'
import type { Segment } from './segments.ts'

/** Changes with anything in this folder that changes words: words of two versions never meet. */
export const WORDS_VERSION = 'motion/1'
/** Width of a bucket, in units of noise. */
const BUCKET = 5
/** Projections that lie closest to the edge of their bucket and are also looked up beyond it: 2⁴ words a table. */
const UNSURE = 4
/** Wide movements are measured less exactly than small ones: from about here on, values count by their logarithm. */
const KNEE = 16
/** A side that is told by less than this, in units of noise, may be the other one in a mirror: both are looked up. */
const SIDE_TOLD = 2

export interface SegmentWords {
  /** For the index: one a table. */
  readonly kept: readonly string[]
  /** To look up: those, and what a little noise or a mirror would have made of them. */
  readonly sought: readonly string[]
}

export function wordsOf(segment: Segment): SegmentWords {
  const values = featuresOf(segment)
  const mirrored = values.map((value, i) => (FEATURES[i]?.odd ? -value : value))
  // Of a motion and its mirror image, the one that lies on a fixed side stands for both.
  const side = dot(MIRROR_DIRECTION, values)
  const [own, other] = side < 0 ? [mirrored, values] : [values, mirrored]
  const word = (table: number, cells: readonly number[]) =>
    `${WORDS_VERSION} ${segment.channel} ${segment.span} ${table} ${cells.join(' ')}`
  return {
    kept: TABLES.map((projections, table) => word(table, project(projections, own).map(Math.floor))),
    sought: (Math.abs(side) < SIDE_TOLD ? [own, other] : [own]).flatMap((told) =>
      TABLES.flatMap((projections, table) =>
        cellsAround(project(projections, told)).map((cells) => word(table, cells)),
      ),
    ),
  }
}

/** The cosine transform of every channel that is told, wide values compressed. */
function featuresOf({ places }: Segment): number[] {
  return FEATURES.map(({ channel, order }) => {
    const turn = (Math.PI * order) / places.length
    const sum = places.reduce(
      (total, place, i) => total + (place[channel] ?? 0) * Math.cos(turn * (i + 0.5)),
      0,
    )
    return KNEE * Math.asinh((sum * Math.sqrt(2 / places.length)) / KNEE)
  })
}

/** Places along the projections, counted in buckets. */
function project(projections: readonly Projection[], values: readonly number[]): number[] {
  return projections.map(({ direction, shift }) => dot(direction, values) / BUCKET + shift)
}

/** The buckets of those places, and every mixture of them with the nearest neighbours of the least sure ones. */
function cellsAround(places: readonly number[]): number[][] {
  const fromMiddle = (place: number) => place - Math.floor(place) - 0.5
  const unsure = places
    .map((place, i) => ({ i, off: fromMiddle(place) }))
    .sort((a, b) => Math.abs(b.off) - Math.abs(a.off))
    .slice(0, UNSURE)
  const all = [places.map(Math.floor)]
  for (const { i, off } of unsure)
    all.push(...all.map((cells) => cells.with(i, (cells[i] ?? 0) + Math.sign(off))))
  return all
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
}

/**
 * The path of the dot: from the middle through random places, smooth, back to the middle; and how many such paths there
 * are. Every path visits both sides and both heights, so that both axes of the head's answer can be correlated.
 */
import type { DotPlace, PlannedCue } from '@ipse/protocol'
import type { Draw } from './draw.ts'

/** The eight places around the middle of a three by three grid. */
const PLACES: readonly DotPlace[] = [-1, 0, 1].flatMap((y) =>
  [-1, 0, 1].flatMap((x) => (x === 0 && y === 0 ? [] : [{ x, y }])),
)
/** Places that a path visits, and the time from one to the next, milliseconds: about as slow as heads turn at ease. */
export const VISITS = 7
export const STRIDE_MS = 700
/** Time between cues, milliseconds: three to five a second, drawn, so that nobody knows when the next one comes. */
const CUE_MS = [210, 320] as const

/** The places of one path, none twice in a row. */
export function drawPlaces(draw: Draw): DotPlace[] {
  for (;;) {
    const places: DotPlace[] = []
    while (places.length < VISITS) {
      const last = places.at(-1)
      places.push(draw.pick(PLACES.filter((place) => place !== last)))
    }
    if (sidesOf(places) === ALL_SIDES) return places
  }
}

/** The cues that lead along the places, the last one to the middle again. */
export function cuesAlong(places: readonly DotPlace[], draw: Draw): PlannedCue[] {
  const middle = { x: 0, y: 0 }
  const knots = [middle, ...places, middle]
  const endMs = (knots.length - 1) * STRIDE_MS
  const cues: PlannedCue[] = []
  for (let ms = draw.between(...CUE_MS); ms < endMs - CUE_MS[0] / 2; ms += draw.between(...CUE_MS))
    cues.push({ afterMs: Math.round(ms), at: rounded(placeAt(knots, ms / STRIDE_MS)) })
  return [...cues, { afterMs: endMs, at: middle }]
}

/** Catmull–Rom through the knots, at most 1 from the middle. */
function placeAt(knots: readonly DotPlace[], position: number): DotPlace {
  const i = Math.min(Math.floor(position), knots.length - 2)
  const t = position - i
  const knot = (at: number) => knots[Math.max(0, Math.min(knots.length - 1, at))] ?? { x: 0, y: 0 }
  const along = (axis: 'x' | 'y') => {
    const [a, b, c, d] = [knot(i - 1)[axis], knot(i)[axis], knot(i + 1)[axis], knot(i + 2)[axis]]
    const value = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return Math.max(-1, Math.min(1, value))
  }
  return { x: along('x'), y: along('y') }
}

function rounded({ x, y }: DotPlace): DotPlace {
  return { x: Math.round(x * 100) / 100, y: Math.round(y * 100) / 100 }
}

const ALL_SIDES = 15

/** Bits: visited left, right, below, above. */
function sidesOf(places: readonly DotPlace[]): number {
  return places.reduce((bits, place) => bits | sidesOfPlace(place), 0)
}

function sidesOfPlace({ x, y }: DotPlace): number {
  return (x < 0 ? 1 : 0) | (x > 0 ? 2 : 0) | (y < 0 ? 4 : 0) | (y > 0 ? 8 : 0)
}

/** How many sequences of places `drawPlaces` can give, all as likely. Counted place by place. */
export function countPaths(): number {
  let counts = new Map<string, number>()
  for (const [last, place] of PLACES.entries()) counts.set(`${last} ${sidesOfPlace(place)}`, 1)
  for (let visit = 1; visit < VISITS; visit++) {
    const next = new Map<string, number>()
    for (const [key, count] of counts) {
      const [last, sides] = key.split(' ').map(Number) as [number, number]
      for (const [index, place] of PLACES.entries()) {
        if (index === last) continue
        const state = `${index} ${sides | sidesOfPlace(place)}`
        next.set(state, (next.get(state) ?? 0) + count)
      }
    }
    counts = next
  }
  return [...counts].reduce((sum, [key, count]) => sum + (key.endsWith(` ${ALL_SIDES}`) ? count : 0), 0)
}

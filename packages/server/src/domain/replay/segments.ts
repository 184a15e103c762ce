/**
 * A path is cut where a movement is half done: those moments are found again in another recording of the same motion, at
 * another speed, rate and beginning. Between two of them time is counted in shares, so speed has no part in it.
 */
import { CHANNELS, type PathPoint, placeAt } from './path.ts'

/** A segment reaches over so many movements; over one alone, people are too much alike. */
const SPANS = [2, 3, 4] as const
/** How far a segment reaches beyond its bounds to either side, as a share of what is between them. */
const MARGIN = 0.25
/** Fewer points tell too little about the shape between them. */
const MIN_POINTS = 5
/** Longest time between two points as a share of the segment. */
const MAX_GAP = 0.34
/** Places at which a segment is read. */
const READINGS = 16
/** Segments of one capture that are kept or looked up; captures of the longest policy have about thirty. */
const MAX_SEGMENTS = 60

export interface Segment {
  /** Index of the channel whose movements bound it, and over how many it reaches. */
  readonly channel: number
  readonly span: number
  /** `READINGS` places, even in time. */
  readonly places: readonly (readonly number[])[]
}

export function segmentsOf(paths: readonly (readonly PathPoint[])[]): Segment[] {
  return paths.flatMap(cutPath).slice(0, MAX_SEGMENTS)
}

function cutPath(path: readonly PathPoint[]): Segment[] {
  return CHANNELS.flatMap(({ swing, noise }, channel) => {
    if (swing === undefined) return []
    const halves = halfwayTimes(path, channel, swing / noise)
    return SPANS.flatMap((span) =>
      halves.flatMap((beginS, i) => {
        const endS = halves[i + span]
        if (endS === undefined) return []
        const margin = MARGIN * (endS - beginS)
        const places = readings(path, beginS - margin, endS + margin)
        return places === undefined ? [] : [{ channel, span, places }]
      }),
    )
  })
}

/** The places between two times; undefined where the path does not reach that far or has too few points. */
function readings(path: readonly PathPoint[], fromS: number, toS: number): Segment['places'] | undefined {
  const [first, last] = [path[0], path.at(-1)]
  if (first === undefined || last === undefined || first.atS > fromS || last.atS < toS) return undefined
  const times = path.map(({ atS }) => atS).filter((atS) => atS > fromS && atS < toS)
  const largestS = [...times, toS].reduce((gap, atS, i) => Math.max(gap, atS - (times[i - 1] ?? fromS)), 0)
  if (times.length < MIN_POINTS || largestS > MAX_GAP * (toS - fromS)) return undefined
  return Array.from({ length: READINGS }, (_, i) =>
    placeAt(path, fromS + ((i + 0.5) / READINGS) * (toS - fromS)),
  )
}

/** When the channel passed the middle between one turning point and the next, seconds. */
function halfwayTimes(path: readonly PathPoint[], channel: number, swing: number): number[] {
  const values = path.map((point) => point.values[channel] ?? 0)
  const turns = turningPoints(values, swing)
  return turns.slice(1).flatMap((to, i) => {
    const from = turns[i] ?? 0
    const middle = ((values[from] ?? 0) + (values[to] ?? 0)) / 2
    return crossing(path.slice(from, to + 1), channel, middle) ?? []
  })
}

/** Indices of the extremes between which the values go at least `swing` far; the last movement may be under way. */
function turningPoints(values: readonly number[], swing: number): number[] {
  const found: number[] = []
  let [low, high] = [0, 0]
  let rising: boolean | undefined
  for (const [i, value] of values.entries()) {
    if (value > (values[high] ?? 0)) high = i
    if (value < (values[low] ?? 0)) low = i
    const fell = rising !== false && (values[high] ?? 0) - value >= swing
    const rose = rising !== true && value - (values[low] ?? 0) >= swing
    if (!fell && !rose) continue
    found.push(fell ? high : low)
    rising = !fell
    low = i
    high = i
  }
  if (rising !== undefined) found.push(rising ? high : low)
  return found
}

/** When the channel first reached the level, seconds. */
function crossing(path: readonly PathPoint[], channel: number, level: number): number | undefined {
  for (const [i, after] of path.entries()) {
    const before = path[i - 1]
    if (before === undefined) continue
    const [a, b] = [(before.values[channel] ?? 0) - level, (after.values[channel] ?? 0) - level]
    if (a * b <= 0 && a !== b) return before.atS + (a / (a - b)) * (after.atS - before.atS)
  }
  return undefined
}

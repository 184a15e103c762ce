/**
 * Keeps points alive from a reference frame over consecutive frames. A point that is lost once stays lost, so that
 * what arrives at the target was seen all the way: exchanged photographs and reordered frames break the track.
 */
import { followPoints } from './flow.ts'
import type { Pyramid } from './pyramid.ts'

/**
 * Fewer survivors of one step than this share are a cut: another picture, not a motion. Measured on rendered faces
 * (docs/evaluation.md): cuts to another person in the same place keep up to .23, a blurred turn of 160°/s seen eight
 * times a second keeps at least .62.
 */
export const CUT_SURVIVAL = 0.3

export interface StepReport {
  /** Points still followed since the reference. */
  readonly survivors: number
  /** Share of the points before this step that survived it, [0, 1]. */
  readonly survival: number
  /** The track is cut, here or before; it never mends. */
  readonly broken: boolean
  /** Median way of this step in outer-eye distances; NaN without survivors. Over time: the speed of the head. */
  readonly way: number
  /** Median way from the reference in outer-eye distances; NaN without survivors. */
  readonly displacement: number
}

/** Where the surviving points were in the reference and where they are: x, y pairs in track pixels, same order. */
export interface TrackPairs {
  readonly from: Float64Array
  readonly to: Float64Array
}

export class Tracker {
  /** Points at the start. */
  readonly started: number
  private readonly eyeDistancePx: number
  private last: Pyramid
  private from: Float64Array
  private to: Float64Array
  private cut = false

  /**
   * @param points x, y pairs in track pixels of the reference frame
   * @param eyeDistancePx outer-eye distance in track pixels
   */
  constructor(reference: Pyramid, points: Float64Array, eyeDistancePx: number) {
    this.started = points.length / 2
    this.eyeDistancePx = eyeDistancePx
    this.last = reference
    this.from = points.slice()
    this.to = points.slice()
  }

  get broken(): boolean {
    return this.cut
  }

  get survivors(): number {
    return this.to.length / 2
  }

  get pairs(): TrackPairs {
    return { from: this.from, to: this.to }
  }

  /**
   * Follows all points into the next frame.
   * @throws TypeError when the frame was read at another scale than the reference
   */
  step(next: Pyramid): StepReport {
    if (next.crop.scale !== this.last.crop.scale) throw new TypeError('The frames have different scales.')
    const before = this.survivors
    let way = Number.NaN
    if (!this.cut) {
      const places = followPoints(this.last, next, this.to, this.eyeDistancePx)
      way = this.keep(places) / this.eyeDistancePx
      this.last = next
      this.cut = before > 0 && this.survivors < CUT_SURVIVAL * before
    }
    return {
      survivors: this.survivors,
      survival: before === 0 ? 0 : this.survivors / before,
      broken: this.cut,
      way,
      displacement: medianDistance(this.pairs) / this.eyeDistancePx,
    }
  }

  /** Ends the track from outside: a frame is missing or has another size. */
  breakOff(): void {
    this.cut = true
  }

  /** Keeps what was followed; the median way of the survivors, track pixels. */
  private keep(places: Float64Array): number {
    const alive: number[] = []
    for (let i = 0; i < places.length; i += 2) if (!Number.isNaN(places[i])) alive.push(i)
    const pick = (all: Float64Array): Float64Array =>
      Float64Array.from({ length: 2 * alive.length }, (_, k) => all[alive[k >> 1] + (k & 1)])
    const before = pick(this.to)
    this.from = pick(this.from)
    this.to = pick(places)
    return medianDistance({ from: before, to: this.to })
  }
}

/** Median distance between the two places of a point, in their unit; NaN without points. */
export function medianDistance({ from, to }: TrackPairs): number {
  const count = from.length / 2
  if (count === 0) return Number.NaN
  const distances = Float64Array.from({ length: count }, (_, i) =>
    Math.hypot(to[2 * i] - from[2 * i], to[2 * i + 1] - from[2 * i + 1]),
  ).sort()
  return (distances[(count - 1) >> 1] + distances[count >> 1]) / 2
}

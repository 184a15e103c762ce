/**
 * How people move: bell-shaped speed, overlapping movements, small motion that never stops.
 * Turns of real people measured .42–.87 s, peak speed 1.35–2.2 times the mean and at .38–.50 of the movement, see
 * docs/evaluation.md.
 */
import { between, type Random } from './random.ts'

/** Peak angular speed that people did not exceed, degrees per second. */
const PEAK_SPEED = 160
/** Peak ÷ mean speed of the profile below. */
const PEAK_TO_MEAN = 1.88
/** Exponent that moves the peak of speed to about .45 of the movement. */
const SKEW = 0.88

/** The travelled share of a movement at a share of its duration: minimum jerk, the peak a little early. */
export function travelled(share: number): number {
  const t = Math.max(0, Math.min(1, share)) ** SKEW
  return t * t * t * (10 - 15 * t + 6 * t * t)
}

/** A duration for a turn of that many degrees: drawn from the range, lengthened where it would be faster than people. */
export function turnDuration(random: Random, rangeMs: readonly [number, number], degrees: number): number {
  const least = (1000 * PEAK_TO_MEAN * Math.abs(degrees)) / PEAK_SPEED
  return Math.max(least, between(random, rangeMs[0], rangeMs[1]))
}

/** One quantity that is moved to targets. Movements that overlap add up, so nothing jumps. */
export interface Channel {
  /** Starts a movement to `target`. */
  moveTo(target: number, startMs: number, durationMs: number): void
  at(tMs: number): number
  /** Where it will rest when all movements are over. */
  readonly target: number
}

export function createChannel(initial: number): Channel {
  const movements: { startMs: number; durationMs: number; by: number }[] = []
  let target = initial
  return {
    get target() {
      return target
    },
    moveTo(next, startMs, durationMs) {
      if (next !== target) movements.push({ startMs, durationMs, by: next - target })
      target = next
    },
    at(tMs) {
      let value = initial
      for (const { startMs, durationMs, by } of movements) {
        value += by * travelled((tMs - startMs) / durationMs)
      }
      return value
    },
  }
}

/** A smooth wandering around zero of about the given standard deviation: a few sines of random phase. */
export type Wander = (tMs: number) => number

/** @param bands frequency ranges in hertz with the share of the amplitude that each has */
export function createWander(
  random: Random,
  deviation: number,
  bands: readonly (readonly [low: number, high: number, share: number])[],
): Wander {
  const power = Math.hypot(...bands.map((band) => band[2])) / Math.SQRT2
  const waves = bands.map(([low, high, share]) => ({
    perMs: (2 * Math.PI * between(random, low, high)) / 1000,
    phase: between(random, 0, 2 * Math.PI),
    amplitude: (deviation * share) / power,
  }))
  return (tMs) =>
    waves.reduce((sum, wave) => sum + wave.amplitude * Math.sin(wave.perMs * tMs + wave.phase), 0)
}

/** Lid closure at a time, 0 open to 1 closed. */
export type Blinks = (tMs: number) => number

/** Blinks every 2 to 6 s, 160 to 260 ms long, closing faster than opening. Drawn once, in order, as time goes on. */
export function createBlinks(random: Random): Blinks {
  const drawn: { startMs: number; durationMs: number }[] = []
  let next = between(random, 600, 4000)
  return (tMs) => {
    while (next <= tMs) {
      drawn.push({ startMs: next, durationMs: between(random, 160, 260) })
      next += between(random, 2000, 6000)
    }
    for (const { startMs, durationMs } of drawn) {
      const share = (tMs - startMs) / durationMs
      if (share > 0 && share < 1)
        return share < 0.5 ? travelled(share / 0.35) : 1 - travelled((share - 0.5) / 0.5)
    }
    return 0
  }
}

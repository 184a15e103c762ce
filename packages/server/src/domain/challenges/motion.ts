/**
 * How turns are made. People begin and end gently: peak speed 1.35 to 2.2 times the mean, at most some 160° a second; an
 * animation at constant speed reads 1.0, a jump between two pictures far more (docs/evaluation.md). Eased animations read
 * like people, so this is a small sign only.
 */
import type { FrameObservation } from '../capture-record.ts'

/** Peak ÷ mean speed below which a movement counts as constant, and speed beyond which it is a jump, degrees a second. */
export const LEAST_PEAK_TO_MEAN = 1.2
export const MOST_SPEED = 600
/** Shares of the way between which a movement is looked at: its ends are lost in the jitter of the pose. */
const INNER = [0.1, 0.9] as const
/** Shorter ways and fewer frames say nothing, degrees and count. */
const LEAST_WAY_DEG = 12
const LEAST_FRAMES = 4

export interface Movement {
  readonly peakDegPerS: number
  readonly meanDegPerS: number
}

type Pointed = { readonly atMs: number; readonly deg: number }

/** The movement towards the farthest angle of one step's frames; undefined when there are too few or it is too short. */
export function movementOf(
  frames: readonly FrameObservation[],
  angle: 'yawDeg' | 'pitchDeg',
): Movement | undefined {
  const points = frames.flatMap(({ face, capturedUs }): Pointed[] =>
    face === undefined ? [] : [{ atMs: capturedUs / 1000, deg: face.pose[angle] }],
  )
  const first = points[0]
  if (!first || points.some(({ atMs }, i) => i > 0 && !(atMs > (points[i - 1]?.atMs ?? 0)))) return undefined
  const ways = points.map(({ deg }) => Math.abs(deg - first.deg))
  const way = Math.max(...ways)
  if (!(way >= LEAST_WAY_DEG)) return undefined
  const from = ways.findLastIndex((share, i) => share <= INNER[0] * way && i < ways.indexOf(way))
  const to = ways.findIndex((share) => share >= INNER[1] * way)
  const inner = points.slice(Math.max(0, from), to + 1)
  const [begin, end] = [inner[0], inner.at(-1)]
  if (!begin || !end || inner.length < LEAST_FRAMES) return undefined
  const speeds = inner.slice(1).map((point, i) => speedOf(inner[i] ?? point, point))
  return { peakDegPerS: Math.max(...speeds), meanDegPerS: speedOf(begin, end) }
}

function speedOf(a: Pointed, b: Pointed): number {
  return b.atMs > a.atMs ? (1000 * Math.abs(b.deg - a.deg)) / (b.atMs - a.atMs) : 0
}

/** 1 at the limits that people keep, more for smoother and slower movements. */
export function naturalnessOf({ peakDegPerS, meanDegPerS }: Movement): number {
  return Math.min(peakDegPerS / meanDegPerS / LEAST_PEAK_TO_MEAN, MOST_SPEED / peakDegPerS)
}

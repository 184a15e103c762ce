/**
 * The path of a head: where it was in every measured frame, in units of the measurement's own noise, so that a difference
 * of one means the same in every channel. Distances are in widths of the face: cropping and resizing do not change them.
 */
import type { FrameObservation } from '../capture-record.ts'
import { medianOf } from '../signals/native.ts'

type SeenFace = NonNullable<FrameObservation['face']>

export interface Channel {
  /**
   * Standard deviation between the same motion and its recording, compressed again and mirrored, in the unit of what is
   * read: degrees, face widths, logarithm, mouth aspect ratio (docs/evaluation.md, "Replay across sessions").
   */
  readonly noise: number
  /** Mirroring the picture changes the sign. */
  readonly odd: boolean
  /** What turns around after at least so much is a movement, in the same unit; without it the channel bounds no segment. */
  readonly swing?: number
  /** Told of a segment; the mouth's opening bounds segments, but is too alike from person to person to tell them apart. */
  readonly told: boolean
  /** @param faceShare usual width of the face / width of the frame: the width of one frame changes with every turn */
  read(frame: FrameObservation, face: SeenFace, faceShare: number): number
}

export const CHANNELS: readonly Channel[] = [
  { noise: 1.4, odd: true, swing: 6, told: true, read: (_, { pose }) => pose.yawDeg },
  { noise: 2.2, odd: false, swing: 6, told: true, read: (_, { pose }) => pose.pitchDeg },
  { noise: 0.6, odd: true, told: true, read: (_, { pose }) => pose.rollDeg },
  { noise: 0.007, odd: true, told: true, read: (_, { centre }, faceShare) => (centre.x - 0.5) / faceShare },
  {
    noise: 0.009,
    odd: false,
    told: true,
    read: ({ width, height }, { centre }, faceShare) => ((centre.y - 0.5) * height) / width / faceShare,
  },
  {
    noise: 0.013,
    odd: false,
    told: true,
    read: ({ width }, { outerEyeDistancePx }) => Math.log(outerEyeDistancePx / width),
  },
  { noise: 0.02, odd: false, swing: 0.12, told: false, read: (_, { mouthOpenness }) => mouthOpenness },
]

/** A longer time without a measured face ends a path: what happened in it is not known. Microseconds. */
const MAX_GAP_US = 700_000

export interface PathPoint {
  /** Device's clock, seconds. */
  readonly atS: number
  /** One value a channel, in units of its noise. */
  readonly values: readonly number[]
}

/** Unbroken paths, in order of time. Another size of the picture begins another path. */
export function pathsOf(frames: readonly FrameObservation[]): PathPoint[][] {
  const runs: { readonly frame: FrameObservation; readonly face: SeenFace }[][] = []
  let last: FrameObservation | undefined
  for (const frame of frames) {
    const { face } = frame
    if (face === undefined || (last !== undefined && frame.capturedUs <= last.capturedUs)) continue
    if (last === undefined || !goesOn(last, frame)) runs.push([])
    runs.at(-1)?.push({ frame, face })
    last = frame
  }
  return runs.map((run) => {
    const faceShare = medianOf(run.map(({ face }) => face.widthShare))
    return run.map(({ frame, face }) => ({
      atS: frame.capturedUs / 1e6,
      values: CHANNELS.map(({ read, noise }) => read(frame, face, faceShare) / noise),
    }))
  })
}

function goesOn(last: FrameObservation, next: FrameObservation): boolean {
  const sameSize = last.width === next.width && last.height === next.height
  return sameSize && next.capturedUs - last.capturedUs <= MAX_GAP_US
}

/** The path at a time between two of its points; before and after all of them, the point at that end. */
export function placeAt(path: readonly PathPoint[], atS: number): readonly number[] {
  const next = path.findIndex((point) => point.atS > atS)
  const [before, after] = [path[next - 1], path[next]]
  if (before === undefined || after === undefined) return path.at(next < 0 ? -1 : 0)?.values ?? []
  const share = (atS - before.atS) / (after.atS - before.atS)
  return before.values.map((value, i) => value + share * ((after.values[i] ?? value) - value))
}

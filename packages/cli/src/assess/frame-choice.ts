/** Which frames of a recording are looked at closely: some of each kind, spread over the clip. */
import type { FrameObservation, PoseDeg } from '@ipse/server'
import { distanceDeg } from './turn-finder.ts'

/** From the person's own neutral, degrees: frontal within the first, turned from there to the second. */
const FRONTAL_DEG = 8
const TURNED_MOST_DEG = 35

export interface Choice {
  /** The pose that the others are measured from; absent without a face. */
  readonly neutral: PoseDeg | undefined
  /** Indices of frames with one face, in order. */
  readonly frontal: readonly number[]
  readonly turned: readonly number[]
  /** Frontal again after the first turn. */
  readonly returned: readonly number[]
}

/** @param still the neutral pose where one was found; otherwise the middle of all poses stands for it */
export function choose(frames: readonly FrameObservation[], still: PoseDeg | undefined): Choice {
  const faces = frames.flatMap(({ faces, face }, at) =>
    faces === 1 && face ? [{ at, pose: face.pose }] : [],
  )
  const neutral = still ?? middlePose(faces.map(({ pose }) => pose))
  if (!neutral) return { neutral, frontal: [], turned: [], returned: [] }
  const angled = faces.map(({ at, pose }) => ({ at, angleDeg: distanceDeg(pose, neutral) }))
  const frontal = angled.filter(({ angleDeg }) => angleDeg <= FRONTAL_DEG).map(({ at }) => at)
  const turned = angled
    .filter(({ angleDeg }) => angleDeg > FRONTAL_DEG && angleDeg <= TURNED_MOST_DEG)
    .map(({ at }) => at)
  const [first = Number.POSITIVE_INFINITY] = turned
  return { neutral, frontal, turned, returned: frontal.filter((at) => at > first) }
}

function middlePose(poses: readonly PoseDeg[]): PoseDeg | undefined {
  if (poses.length === 0) return undefined
  const middle = (of: (pose: PoseDeg) => number) =>
    poses.map(of).toSorted((a, b) => a - b)[poses.length >> 1] ?? 0
  return {
    yawDeg: middle(({ yawDeg }) => yawDeg),
    pitchDeg: middle(({ pitchDeg }) => pitchDeg),
    rollDeg: middle(({ rollDeg }) => rollDeg),
  }
}

/** At most so many of the list, at even distances, the first among them. */
export function evenly<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list]
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)] as T)
}

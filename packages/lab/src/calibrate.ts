/** Measures how a subject answers commands, so that a command of 20° is seen as 20°. */
import { createFrame, type Frame } from './frame.ts'
import { NEUTRAL, type Response, renderSubject, type Subject } from './subject.ts'

/** The head pose that somebody (the engine) sees in a frame; nothing when no face is found. */
export type MeasurePose = (
  frame: Frame,
) => Promise<{ readonly yawDeg: number; readonly pitchDeg: number } | undefined>

/** Commands that are tried, degrees; inside the range where the mesh is trustworthy. */
const YAW = 20
const PITCH = 12
/** Gains outside this range are a failed measurement rather than a subject. */
const PLAUSIBLE = [0.6, 1.6] as const

/**
 * Returns the subject with commands corrected by what was measured at ±20° of yaw and ±12° of pitch.
 * @throws RangeError when a face is not found or the answer is implausible
 */
export async function calibrateSubject(subject: Subject, measure: MeasurePose): Promise<Subject> {
  const plain: Subject = { ...subject, response: { yaw: { gain: 1, offsetDeg: 0 }, pitch: { gain: 1 } } }
  const seen = async (yawDeg: number, pitchDeg: number) => {
    const frame = createFrame(subject.width, subject.height)
    renderSubject(plain, { ...NEUTRAL, yawDeg, pitchDeg }, frame)
    const pose = await measure(frame)
    if (pose === undefined) throw new RangeError('No face was found in the rendered subject.')
    return pose
  }
  const [left, right, up, down] = [
    await seen(YAW, 0),
    await seen(-YAW, 0),
    await seen(0, PITCH),
    await seen(0, -PITCH),
  ]
  const response: Response = {
    yaw: { gain: (left.yawDeg - right.yawDeg) / (2 * YAW), offsetDeg: (left.yawDeg + right.yawDeg) / 2 },
    pitch: { gain: (up.pitchDeg - down.pitchDeg) / (2 * PITCH) },
  }
  for (const { gain } of [response.yaw, response.pitch]) {
    if (!(gain >= PLAUSIBLE[0] && gain <= PLAUSIBLE[1]))
      throw new RangeError(`Implausible gain ${gain.toFixed(2)}.`)
  }
  return { ...subject, response }
}

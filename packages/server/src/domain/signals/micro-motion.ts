/**
 * micro-motion: nobody keeps perfectly still, and nobody trembles at the rate of the pictures. Read from the pose, because
 * a hand that holds a photograph moves the face in the picture but hardly turns it. The mesh wanders by itself about as
 * much as people sway, so this hardly separates anything (docs/evaluation.md): reported.
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord, PoseDeg } from '../capture-record.ts'

const MIN_FRAMES = 8
/**
 * Slow turning of a head that keeps still, degrees: simulated people .26 to .63 when every frame is searched. Change beyond
 * a straight line from frame to frame, degrees: people to .5, with the noise of the mesh in it.
 */
const LEAST_SWAY_DEG = 0.25
const MOST_JITTER_DEG = 1.5
/** Square of the factors of a second difference: 1² + 2² + 1². */
const SECOND_DIFFERENCE = 6
/** A head without any jitter is as good as one with this much, degrees: rounding. */
const LEAST_JITTER_DEG = 0.01

/** Native: the smaller of sway ÷ its least and the most jitter ÷ its own, over the hold; 1 is within what people do. */
export function microMotion({ frames, steps }: CaptureRecord): Signal {
  const poses = frames.flatMap(({ step, face }) =>
    steps[step]?.step.kind === 'hold' && face !== undefined ? [face.pose] : [],
  )
  const jitter = turnOf(poses, secondDifferences)
  const sway = Math.sqrt(Math.max(0, turnOf(poses, centred) ** 2 - jitter ** 2))
  const native = Math.min(sway / LEAST_SWAY_DEG, MOST_JITTER_DEG / Math.max(jitter, LEAST_JITTER_DEG))
  return {
    name: 'micro-motion',
    measurement:
      poses.length < MIN_FRAMES
        ? failed('too-few-frames')
        : assessed(native, Math.max(0, Math.min(1, native))),
    samples: poses.length,
  }
}

/** RMS of yaw and pitch together after a transformation. */
function turnOf(poses: readonly PoseDeg[], change: (values: readonly number[]) => number[]): number {
  return Math.hypot(
    rms(change(poses.map(({ yawDeg }) => yawDeg))),
    rms(change(poses.map(({ pitchDeg }) => pitchDeg))),
  )
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}

/** Scaled so that independent noise keeps its deviation. */
function secondDifferences(values: readonly number[]): number[] {
  return values
    .slice(2)
    .map((value, i) => (value - 2 * (values[i + 1] ?? 0) + (values[i] ?? 0)) / Math.sqrt(SECOND_DIFFERENCE))
}

function rms(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}

/**
 * blink: how far the eyes closed by themselves. A small sign of life: its absence proves nothing, and recordings blink
 * too. Reported only (docs/evaluation.md).
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'
import { medianOf } from './native.ts'

/** Change from the median pose within which lids are seen alike, degrees. */
const STEADY_DEG = 5
const MIN_FRAMES = 12
/** Where the open eye lies in its own distribution. */
const OPEN_SHARE = 0.8

/** Native: largest drop of the eye aspect ratio below the own 80th percentile, as a share of it, pose steady. */
export function blink({ frames }: CaptureRecord): Signal {
  const faces = frames.flatMap(({ face }) => (face === undefined ? [] : [face]))
  const yaw = medianOf(faces.map(({ pose }) => pose.yawDeg))
  const pitch = medianOf(faces.map(({ pose }) => pose.pitchDeg))
  const steady = faces
    .filter(
      ({ pose }) => Math.abs(pose.yawDeg - yaw) < STEADY_DEG && Math.abs(pose.pitchDeg - pitch) < STEADY_DEG,
    )
    .map(({ eyeOpenness }) => eyeOpenness)
    .sort((a, b) => a - b)
  const open = steady[Math.floor(OPEN_SHARE * (steady.length - 1))] ?? Number.NaN
  const drop = 1 - (steady[0] ?? Number.NaN) / open
  return {
    name: 'blink',
    measurement:
      steady.length < MIN_FRAMES ? failed('too-few-frames') : assessed(drop, Math.min(1, drop / 0.5)),
    samples: steady.length,
  }
}

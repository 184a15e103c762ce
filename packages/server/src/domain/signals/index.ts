/** From the record of a capture to its signals, every one of them every time. */
import type { Purpose, Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'
import { cameraConstraint } from './camera-constraint.ts'
import { captureDevice } from './capture-device.ts'
import { captureQuality } from './capture-quality.ts'
import { challengePace, challengeResponse } from './challenge.ts'
import { frameCadence } from './frame-cadence.ts'
import { identityContinuity } from './identity-continuity.ts'
import { match } from './match.ts'
import { motionNaturalness } from './motion-naturalness.ts'
import { captureVariety, frameFreshness } from './repetition.ts'
import { singleFace } from './single-face.ts'
import { texture } from './texture.ts'

const LIVENESS = [
  challengeResponse,
  challengePace,
  singleFace,
  identityContinuity,
  frameFreshness,
  captureVariety,
  frameCadence,
  captureDevice,
  captureQuality,
  cameraConstraint,
  motionNaturalness,
  texture,
] as const

export function signalsOf(record: CaptureRecord, purpose: Purpose): Signal[] {
  const liveness = LIVENESS.map((signal) => signal(record))
  return purpose === 'verification' ? [...liveness, match(record)] : liveness
}

export { virtualCameraSigns } from './capture-device.ts'

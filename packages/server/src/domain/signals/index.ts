/** From the record of a capture to its signals, every one of them every time. */
import type { Purpose, Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'
import { attestation } from './attestation.ts'
import { blink } from './blink.ts'
import { cameraConstraint } from './camera-constraint.ts'
import { captureDevice } from './capture-device.ts'
import { captureQuality } from './capture-quality.ts'
import { challengePace, challengeResponse } from './challenge.ts'
import { coMotion } from './co-motion.ts'
import { colourLight, colourRelief, coloursShown } from './colour-light.ts'
import { distance } from './distance.ts'
import { frameCadence } from './frame-cadence.ts'
import { identityContinuity } from './identity-continuity.ts'
import { match } from './match.ts'
import { microMotion } from './micro-motion.ts'
import { motionNaturalness } from './motion-naturalness.ts'
import { doubleCompression, halftone, moire, resolutionTruth, specular, surfaceColour } from './picture.ts'
import { planarity } from './planarity.ts'
import { pulse } from './pulse.ts'
import { puppet } from './puppet.ts'
import { captureVariety, frameFreshness } from './repetition.ts'
import { captureNovelty } from './replay.ts'
import { sensorNoise } from './sensor-noise.ts'
import { singleFace } from './single-face.ts'
import { texture } from './texture.ts'
import { trackUnbroken } from './track-unbroken.ts'
import { visibility } from './visibility.ts'
import { weakSigns } from './weak-signs.ts'

const LIVENESS = [
  challengeResponse,
  challengePace,
  singleFace,
  identityContinuity,
  frameFreshness,
  captureVariety,
  captureNovelty,
  frameCadence,
  captureDevice,
  captureQuality,
  visibility,
  cameraConstraint,
  motionNaturalness,
  planarity,
  coMotion,
  trackUnbroken,
  puppet,
  weakSigns,
  moire,
  sensorNoise,
  resolutionTruth,
  doubleCompression,
  surfaceColour,
  specular,
  halftone,
  coloursShown,
  colourLight,
  colourRelief,
  distance,
  microMotion,
  pulse,
  blink,
  attestation,
] as const

export function signalsOf(record: CaptureRecord, purpose: Purpose): Signal[] {
  const liveness = [...LIVENESS.map((signal) => signal(record)), ...texture(record)]
  return purpose === 'verification' ? [...liveness, match(record)] : liveness
}

export { attestationLevel } from './attestation.ts'
export { virtualCameraSigns } from './device-signs.ts'

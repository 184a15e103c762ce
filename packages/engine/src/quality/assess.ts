/** All quality components of a frame. */
import {
  failed,
  type Measurement,
  QUALITY_COMPONENTS,
  type Quality,
  type QualityComponent,
} from '@ipse/protocol'
import { cropMargins } from './crop-margins.ts'
import { dynamicRange } from './dynamic-range.ts'
import { overExposurePrevention, underExposurePrevention } from './exposure.ts'
import { eyesOpen } from './eyes-open.ts'
import { headPosePitch, headPoseRoll, headPoseYaw } from './head-pose.ts'
import { interEyeDistance } from './inter-eye-distance.ts'
import { luminanceMean } from './luminance-mean.ts'
import { mouthClosed } from './mouth-closed.ts'
import { sharpness } from './sharpness.ts'
import { singleFacePresent } from './single-face-present.ts'
import type { Subject } from './subject.ts'

const COMPONENTS: Readonly<Record<QualityComponent, (subject: Subject) => Measurement>> = {
  singleFacePresent,
  interEyeDistance,
  headPoseYaw,
  headPosePitch,
  headPoseRoll,
  sharpness,
  luminanceMean,
  underExposurePrevention,
  overExposurePrevention,
  dynamicRange,
  cropMargins,
  eyesOpen,
  mouthClosed,
}

/** @param subject undefined when no face was found: then no component can be assessed, and none is zero */
export function assessQuality(subject: Subject | undefined): Quality {
  const entries = QUALITY_COMPONENTS.map((component): [QualityComponent, Measurement] => [
    component,
    subject ? COMPONENTS[component](subject) : failed('no-face'),
  ])
  return Object.fromEntries(entries) as Record<QualityComponent, Measurement>
}

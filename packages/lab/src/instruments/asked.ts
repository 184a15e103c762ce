/** What a step asks of a face, as a pose: for instruments that set poses instead of acting them. */
import type { ActorStep } from '../actor.ts'
import { poseSigns } from '../directions.ts'

export interface AskedPose {
  readonly yawDeg: number
  readonly pitchDeg: number
  readonly mouth: number
}

export const FRONTAL: AskedPose = { yawDeg: 0, pitchDeg: 0, mouth: 0 }
/** How far beyond a target an instrument goes, degrees. */
const BEYOND_DEG = 4
/** Where the nose points when a dot that is followed is at the edge of its path, degrees. */
const DOT = { yawDeg: 14, pitchDeg: 8 }
const MOUTH_OPEN = 0.7

export function askedPose(step: ActorStep): AskedPose {
  if (step.kind === 'head-pose' || step.kind === 'gaze-hold') {
    const signs = poseSigns(step.direction)
    const angle = step.targetDeg + BEYOND_DEG
    return { yawDeg: signs.yaw * angle, pitchDeg: signs.pitch * angle, mouth: 0 }
  }
  // The view is mirrored: the dot's right is the subject's right, which is the image's left.
  if (step.kind === 'follow')
    return { yawDeg: -DOT.yawDeg * step.at.x, pitchDeg: DOT.pitchDeg * step.at.y, mouth: 0 }
  if (step.kind === 'expression' && step.expression === 'mouth-open') return { ...FRONTAL, mouth: MOUTH_OPEN }
  return FRONTAL
}

/** All kinds of steps. A kind that the protocol knows and this table lacks does not compile. */
import type { ChallengeStep, DotPlace, LightColour } from '@ipse/protocol'
import type { StepText } from '../strings/strings.ts'
import { cameraConstraint } from './camera-constraint.ts'
import { center } from './center.ts'
import { colourLight } from './colour-light.ts'
import { distance } from './distance.ts'
import { expression } from './expression.ts'
import { follow } from './follow.ts'
import { gazeHold } from './gaze-hold.ts'
import { headPose } from './head-pose.ts'
import { hold } from './hold.ts'
import type { Gesture, Side, StepView } from './kind.ts'

export const STEP_VIEWS: { [K in ChallengeStep['kind']]: StepView<Extract<ChallengeStep, { kind: K }>> } = {
  hold,
  center,
  'head-pose': headPose,
  follow,
  expression,
  'gaze-hold': gazeHold,
  'camera-constraint': cameraConstraint,
  distance,
  'colour-light': colourLight,
}

function viewOf(step: ChallengeStep): StepView {
  return STEP_VIEWS[step.kind] as StepView
}

export function stepText(step: ChallengeStep): StepText {
  return viewOf(step).text(step)
}

export function stepSide(step: ChallengeStep): Side | undefined {
  return viewOf(step).side?.(step)
}

export function stepGesture(step: ChallengeStep): Gesture | undefined {
  const view = viewOf(step)
  return view.gesture?.(step) ?? view.side?.(step)
}

export function stepDot(step: ChallengeStep): DotPlace | undefined {
  return viewOf(step).dot?.(step)
}

export function stepLight(step: ChallengeStep): LightColour | undefined {
  return viewOf(step).light?.(step)
}

/** All kinds of steps. A kind that the protocol knows and this table lacks does not compile. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepText } from '../strings/strings.ts'
import { center } from './center.ts'
import { headPose } from './head-pose.ts'
import { hold } from './hold.ts'
import type { Side, StepView } from './kind.ts'

export const STEP_VIEWS: { [K in ChallengeStep['kind']]: StepView<Extract<ChallengeStep, { kind: K }>> } = {
  hold,
  center,
  'head-pose': headPose,
}

function viewOf(step: ChallengeStep): StepView {
  return STEP_VIEWS[step.kind] as StepView
}

export function stepText(step: ChallengeStep): StepText {
  return viewOf(step).text(step)
}

export function stepSide(step: ChallengeStep): Side | undefined {
  return viewOf(step).side(step)
}

/** Turn the head. The view is a mirror, so the person's own left is on the left of the screen. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepView } from './kind.ts'

export const headPose: StepView<Extract<ChallengeStep, { kind: 'head-pose' }>> = {
  text: ({ direction }) => direction,
  side: ({ direction }) => direction,
}

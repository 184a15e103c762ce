/** Keep the eyes on a still dot while the head turns. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepView } from './kind.ts'

export const gazeHold: StepView<Extract<ChallengeStep, { kind: 'gaze-hold' }>> = {
  text: ({ direction }) => `gaze-${direction}`,
  side: ({ direction }) => direction,
  dot: ({ at }) => at,
}

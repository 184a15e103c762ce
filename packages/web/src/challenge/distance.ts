/** Come closer to the camera. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepView } from './kind.ts'

export const distance: StepView<Extract<ChallengeStep, { kind: 'distance' }>> = {
  text: () => 'distance',
  gesture: () => 'nearer',
}

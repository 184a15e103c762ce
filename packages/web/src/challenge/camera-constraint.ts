/** The camera changes its pictures, see effects.ts; the person just keeps still. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepView } from './kind.ts'

export const cameraConstraint: StepView<Extract<ChallengeStep, { kind: 'camera-constraint' }>> = {
  text: () => 'camera-constraint',
}

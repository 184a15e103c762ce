/** Back to looking straight ahead. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepView } from './kind.ts'

export const center: StepView<Extract<ChallengeStep, { kind: 'center' }>> = { text: () => 'center' }

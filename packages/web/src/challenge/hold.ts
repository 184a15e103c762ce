/** Look straight and keep still. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepView } from './kind.ts'

export const hold: StepView<Extract<ChallengeStep, { kind: 'hold' }>> = { text: () => 'hold' }

/** Open the mouth, or blink: the drawn head shows it. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepView } from './kind.ts'

export const expression: StepView<Extract<ChallengeStep, { kind: 'expression' }>> = {
  text: ({ expression }) => expression,
  gesture: ({ expression }) => expression,
}

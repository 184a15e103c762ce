/** Keep still while the element around the picture lights the face; each cue changes the colour. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepView } from './kind.ts'

export const colourLight: StepView<Extract<ChallengeStep, { kind: 'colour-light' }>> = {
  text: () => 'colour-light',
  light: ({ colour }) => colour,
}

/** Follow the dot with the nose. Each cue moves it on. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepView } from './kind.ts'

export const follow: StepView<Extract<ChallengeStep, { kind: 'follow' }>> = {
  text: () => 'follow',
  dot: ({ at }) => at,
}

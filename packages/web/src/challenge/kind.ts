/** What a kind of challenge step brings to the screen. One file a kind, all of this shape. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepText } from '../strings/strings.ts'

/** Side of the mirrored view: the person's left is the viewer's left, as in a mirror. */
export type Side = 'left' | 'right' | 'up' | 'down'

export interface StepView<Step extends ChallengeStep = ChallengeStep> {
  text(step: Step): StepText
  /** Where the arrow beside the oval stands and which way the drawn head turns; none for looking straight. */
  side(step: Step): Side | undefined
}

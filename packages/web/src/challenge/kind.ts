/** What a kind of challenge step brings to the screen. One file a kind, all of this shape. */
import type { ChallengeStep, DotPlace, LightColour } from '@ipse/protocol'
import type { StepText } from '../strings/strings.ts'

/** Side of the mirrored view: the person's left is the viewer's left, as in a mirror. */
export type Side = 'left' | 'right' | 'up' | 'down'

/** What the small drawn head does. */
export type Gesture = Side | 'mouth-open' | 'blink' | 'nearer'

export interface StepView<Step extends ChallengeStep = ChallengeStep> {
  text(step: Step): StepText
  /** Where the arrow beside the oval stands; none for looking straight. */
  side?(step: Step): Side
  /** What the drawn head shows; the side when absent. */
  gesture?(step: Step): Gesture
  /** A dot over the picture, where it is now. */
  dot?(step: Step): DotPlace
  /** The colour in which the element lights the face. */
  light?(step: Step): LightColour
}

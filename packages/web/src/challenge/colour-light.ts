/** Keep still while the screen around the picture lights the face; each cue changes the colour. */
import type { ChallengeStep } from '@ipse/protocol'
import type { StepView } from './kind.ts'

export const colourLight: StepView<Extract<ChallengeStep, { kind: 'colour-light' }>> = {
  text: () => 'colour-light',
  light: ({ colour }) => colour,
}

/** Least time between two colours, milliseconds: at most three changes a second, whatever the service or network does. */
export const LEAST_COLOUR_MS = 340

/** How long the next colour has to wait, milliseconds; colours keep their order. */
export function createColourPace(): (nowMs: number) => number {
  let lastMs = Number.NEGATIVE_INFINITY
  return (nowMs) => {
    lastMs = Math.max(nowMs, lastMs + LEAST_COLOUR_MS)
    return lastMs - nowMs
  }
}

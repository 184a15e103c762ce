/**
 * colour-light: the screen lights the face in a random order of colours. What the face makes of it is measured elsewhere;
 * here the colours are drawn and shown. At most three changes a second, no saturated red (WCAG 2.3.1). Off in every
 * shipped policy, patents and photosensitivity: docs/decisions/0009-challenges-off-by-default.md.
 */
import { type ChallengeStep, LIGHT_COLOURS, type PlannedCue } from '@ipse/protocol'
import { type ChallengeKind, clamp } from './kind.ts'

/** Colours after the first, and time of each, milliseconds: 2.4 changes a second. */
const COLOURS = 6
export const COLOUR_MS = 420

export const colourLight: ChallengeKind<Extract<ChallengeStep, { kind: 'colour-light' }>, null> = {
  strict: false,
  draw({ stepLimitMs: limitMs }, draw) {
    const first = draw.pick(LIGHT_COLOURS)
    let last = first
    const cues = Array.from({ length: COLOURS }, (_, i): PlannedCue => {
      last = draw.pick(LIGHT_COLOURS.filter((colour) => colour !== last))
      return { afterMs: (i + 1) * COLOUR_MS, colour: last }
    })
    return [{ step: { kind: 'colour-light', colour: first }, limitMs, cues }]
  },
  begin: () => null,
  lose: () => null,
  judge({ planned, revealed }, { frame }) {
    const all = planned.cues?.length ?? 0
    const lastMs = revealed.at(-1)?.atMs ?? Number.POSITIVE_INFINITY
    const done = revealed.length >= all && frame.arrivedMs - lastMs >= COLOUR_MS
    return {
      own: null,
      verdict: done ? 'answered' : 'pending',
      hint: done ? 'well-done' : 'hold-still',
      progress: done ? 1 : clamp(revealed.length / (all + 1), 0, 0.95),
      good: false,
    }
  },
}

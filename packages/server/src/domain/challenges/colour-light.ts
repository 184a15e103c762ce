/**
 * colour-light: the screen lights the face in a random order of colours, and the face takes them on. At most three changes
 * a second, no saturated red (WCAG 2.3.1). Off in every shipped policy, patents and photosensitivity:
 * docs/decisions/0009-challenges-off-by-default.md.
 */
import { type ChallengeStep, LIGHT_COLOURS, type LightColour, type PlannedCue } from '@ipse/protocol'
import type { Draw } from './draw.ts'
import { type ChallengeKind, clamp, type StepState } from './kind.ts'
import { responseTo, type SeenLight } from './light-response.ts'

/** Every colour comes so many times, in another order each time. */
const ROUNDS = 2
/** Time of each, milliseconds: 2.4 changes a second. */
export const COLOUR_MS = 420
/** Colours that are late do not hurry: at most three changes a second, milliseconds. */
export const LEAST_COLOUR_MS = 340
/** How long after the last colour frames may still show it: the largest lag that is looked for, milliseconds. */
const SETTLE_MS = 600
/**
 * The answer stands out from noise and drift, and follows the colours. Without any answer, one of thousands of simulated
 * captures reads this; with the answer to another drawing about one in a hundred (docs/evaluation.md, “Coloured light”).
 */
export const LEAST_SNR = 1.5
export const LEAST_AGREEMENT = 0.9

type Step = Extract<ChallengeStep, { kind: 'colour-light' }>

/** Own: the light of the frames. */
export const colourLight: ChallengeKind<Step, readonly SeenLight[]> = {
  strict: false,
  draw({ stepLimitMs }, draw) {
    const [first = 'white', ...others] = drawColours(draw)
    const cues = others.map((colour, i): PlannedCue => ({ afterMs: (i + 1) * COLOUR_MS, colour }))
    const limitMs = stepLimitMs + cues.length * COLOUR_MS
    return [{ step: { kind: 'colour-light', colour: first }, limitMs, cues }]
  },
  begin: () => [],
  lose: (own) => own,
  judge(state, { frame }) {
    const { planned, revealed } = state
    const own = [...state.own, ...(frame.light ? [{ atMs: frame.arrivedMs, light: frame.light }] : [])]
    const all = planned.cues?.length ?? 0
    const sinceMs = frame.arrivedMs - (revealed.at(-1)?.atMs ?? Number.POSITIVE_INFINITY)
    if (revealed.length < all || sinceMs < COLOUR_MS + SETTLE_MS)
      return {
        own,
        verdict: 'pending',
        hint: 'hold-still',
        progress: clamp(revealed.length / (all + 1), 0, 0.95),
        good: false,
      }
    const response = responseOf({ ...state, own })
    const answered =
      response !== undefined && response.snr >= LEAST_SNR && response.agreement >= LEAST_AGREEMENT
    return {
      own,
      verdict: answered ? 'answered' : 'not-answered',
      hint: answered ? 'well-done' : 'brighter-screen',
      progress: answered ? 1 : 0.95,
      good: false,
    }
  },
  measures(state) {
    const light = responseOf(state)
    return light === undefined ? {} : { light }
  },
}

/** Rounds of all colours, none twice in a row, every order equally likely. */
function drawColours(draw: Draw): LightColour[] {
  const colours: LightColour[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const first = draw.pick(LIGHT_COLOURS.filter((colour) => colour !== colours.at(-1)))
    colours.push(first, ...draw.shuffle(LIGHT_COLOURS.filter((colour) => colour !== first)))
  }
  return colours
}

/** Number of orders that may be drawn. */
export function countColourOrders(): number {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
  const rest = factorial(LIGHT_COLOURS.length - 1)
  return LIGHT_COLOURS.length * rest * ((LIGHT_COLOURS.length - 1) * rest) ** (ROUNDS - 1)
}

function responseOf({ step, sentMs, revealed, own }: StepState<Step, readonly SeenLight[]>) {
  const cues = revealed.flatMap(({ atMs, cue }) => ('colour' in cue ? [{ atMs, colour: cue.colour }] : []))
  return responseTo([{ atMs: sentMs, colour: step.colour }, ...cues], own)
}

/** A print in an attacker's hands: follows the prompts as far as paper can, never blinks. */
import { type Actor, createActor } from '../actor.ts'
import { type Feed, frameGrain } from '../feed.ts'
import type { Frame } from '../frame.ts'
import { addSensorNoise } from '../noise.ts'
import { createSheet, renderSheet, type Sheet } from '../sheet.ts'
import type { Subject, SubjectState } from '../subject.ts'

/** The attacker swings the paper further than a head would turn, since a flat face turns only a little. */
const SWING = 1.8
const MAX_YAW = 42
const MAX_PITCH = 28

export interface PrintOptions {
  readonly seed: number
  /** Arc of the bent sheet over its width, radians; 0 is flat. */
  readonly bendRad: number
  /** Whether the paper is turned the way the prompts ask. */
  readonly swung: boolean
  /** Changes the frame after the sheet was drawn and before the sensor's noise. */
  readonly over?: (sheet: Sheet, state: SubjectState, out: Frame, tMs: number) => void
}

export function createPrintFeed(victim: Subject, options: PrintOptions): Feed {
  const { seed, bendRad, swung, over } = options
  const sheet = createSheet(victim)
  const hand = createActor({ seed, handHeld: 1, blinks: false, fixation: 0 })
  return {
    width: victim.width,
    height: victim.height,
    prompt: (step, tMs) => {
      if (swung) hand.prompt(step, tMs)
    },
    render(tMs, out) {
      const state = swing(hand, tMs)
      const grain = frameGrain(seed, tMs)
      renderSheet(sheet, state, bendRad, out, over ? undefined : grain)
      if (!over) return
      over(sheet, state, out, tMs)
      addSensorNoise(out, grain)
    },
  }
}

function swing(hand: Actor, tMs: number): SubjectState {
  const state = hand.stateAt(tMs)
  const limit = (value: number, most: number) => Math.max(-most, Math.min(most, SWING * value))
  return {
    ...state,
    yawDeg: limit(state.yawDeg, MAX_YAW),
    pitchDeg: limit(state.pitchDeg, MAX_PITCH),
    rollDeg: 0,
  }
}

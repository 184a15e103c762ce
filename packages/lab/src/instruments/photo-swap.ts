/** Attack 12: a stack of photographs, frontal and turned; the one that fits is shown when a turn is asked for. */
import { createActor } from '../actor.ts'
import { poseSigns } from '../directions.ts'
import { frameRandom } from '../feed.ts'
import { createFrame } from '../frame.ts'
import { addSensorNoise } from '../photometry.ts'
import { between, createRandom, deriveSeed } from '../random.ts'
import { NEUTRAL, renderSubject, type SubjectState } from '../subject.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['cut', 'dissolve'] as const
/** Pose of the side photographs, degrees: a little beyond what challenges ask for. */
const SIDE = { yawDeg: 24, pitchDeg: 17 }
/** How long the attacker needs to change the photograph, and how long the dissolve takes, milliseconds. */
const CHANGE_MS = [350, 700] as const
const DISSOLVE_MS = 400

interface Shown {
  readonly fromMs: number
  readonly yawDeg: number
  readonly pitchDeg: number
}

export const photoSwap: Instrument = {
  number: 12,
  name: 'photo-swap',
  method: 'injection',
  instrument: 'A frontal photograph and one from each side, above and below',
  recipe:
    'Show the frontal photograph, shaken by hand, and change to the one that the prompt asks for at once (cut) or through a dissolve of .4 s (dissolve).',
  variants: VARIANTS,
  expectation:
    'Every pose is reached, but nothing lies between two photographs: the track of the skin breaks at the change.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const dissolve = chooseVariant(VARIANTS, options) === 'dissolve'
    const seed = options?.seed ?? 1
    const hand = createActor({ seed, idle: 0, handHeld: 1, blinks: false, fixation: 0 })
    const random = createRandom(deriveSeed(seed, 120))
    const stack: Shown[] = [{ fromMs: 0, yawDeg: 0, pitchDeg: 0 }]
    const under = createFrame(victim.width, victim.height)
    return {
      width: victim.width,
      height: victim.height,
      prompt(step, tMs) {
        const signs = step.kind === 'head-pose' ? poseSigns(step.direction) : { yaw: 0, pitch: 0 }
        const fromMs = tMs + between(random, CHANGE_MS[0], CHANGE_MS[1])
        stack.push({ fromMs, yawDeg: signs.yaw * SIDE.yawDeg, pitchDeg: signs.pitch * SIDE.pitchDeg })
      },
      render(tMs, out) {
        const top = stack.findLastIndex(({ fromMs }) => fromMs <= tMs)
        const shown = stack[Math.max(0, top)]
        const { shift, gain } = hand.stateAt(tMs)
        const state = ({ yawDeg, pitchDeg }: Shown): SubjectState => ({
          ...NEUTRAL,
          shift,
          gain,
          yawDeg,
          pitchDeg,
        })
        renderSubject(victim, state(shown), out)
        const share = dissolve ? (tMs - shown.fromMs) / DISSOLVE_MS : 1
        if (top > 0 && share < 1 && under.data.length === out.data.length) {
          renderSubject(victim, state(stack[top - 1]), under)
          for (let i = 0; i < out.data.length; i++)
            out.data[i] = under.data[i] + share * (out.data[i] - under.data[i])
        }
        addSensorNoise(out, frameRandom(seed, tMs), 1)
      },
    }
  },
}

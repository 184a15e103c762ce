/** Attack 12: a stack of photographs, frontal and turned; the one that fits is shown when a turn is asked for. */
import { createActor } from '../actor.ts'
import { frameGrain } from '../feed.ts'
import { createFrame } from '../frame.ts'
import { addSensorNoise } from '../noise.ts'
import { between, createRandom, deriveSeed } from '../random.ts'
import { NEUTRAL, renderSubject, type SubjectState } from '../subject.ts'
import { type AskedPose, askedPose, FRONTAL } from './asked.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['cut', 'dissolve'] as const
/** The stack: a little beyond what challenges ask for, and an open mouth. */
const STACK: readonly AskedPose[] = [
  FRONTAL,
  ...[-24, -9, 9, 24].map((yawDeg) => ({ ...FRONTAL, yawDeg })),
  ...[-17, 17].map((pitchDeg) => ({ ...FRONTAL, pitchDeg })),
  { ...FRONTAL, mouth: 0.7 },
]
/** What a fully open mouth weighs against degrees when the nearest photograph is chosen. */
const MOUTH_DEG = 60
/** How long the attacker needs to change the photograph, and how long the dissolve takes, milliseconds. */
const CHANGE_MS = [350, 700] as const
const DISSOLVE_MS = 400

interface Shown extends AskedPose {
  readonly fromMs: number
}

export const photoSwap: Instrument = {
  number: 12,
  name: 'photo-swap',
  method: 'injection',
  instrument: 'A stack of photographs: frontal, from both sides, above, below, with open mouth',
  recipe:
    'Show the frontal photograph, shaken by hand, and change to the one that is nearest to what the prompt asks for at once (cut) or through a dissolve of .4 s (dissolve).',
  variants: VARIANTS,
  expectation:
    'Every pose is reached, but nothing lies between two photographs: the track of the skin breaks at the change.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const dissolve = chooseVariant(VARIANTS, options) === 'dissolve'
    const seed = options?.seed ?? 1
    const hand = createActor({ seed, idle: 0, handHeld: 1, blinks: false, fixation: 0 })
    const random = createRandom(deriveSeed(seed, 120))
    const shownBy: Shown[] = [{ fromMs: 0, ...FRONTAL }]
    const under = createFrame(victim.width, victim.height)
    return {
      width: victim.width,
      height: victim.height,
      prompt(step, tMs) {
        const fromMs = tMs + between(random, CHANGE_MS[0], CHANGE_MS[1])
        const photograph = nearest(askedPose(step))
        const last = shownBy.at(-1) as Shown
        if (nearest(last) !== photograph)
          shownBy.push({ fromMs: Math.max(fromMs, last.fromMs), ...photograph })
      },
      render(tMs, out) {
        const top = shownBy.findLastIndex(({ fromMs }) => fromMs <= tMs)
        const shown = shownBy[Math.max(0, top)]
        const { shift, gain } = hand.stateAt(tMs)
        const state = ({ yawDeg, pitchDeg, mouth }: Shown): SubjectState => ({
          ...NEUTRAL,
          shift,
          gain,
          yawDeg,
          pitchDeg,
          mouth,
        })
        const grain = frameGrain(seed, tMs)
        const share = dissolve ? (tMs - shown.fromMs) / DISSOLVE_MS : 1
        const dissolving = top > 0 && share < 1 && under.data.length === out.data.length
        renderSubject(victim, state(shown), out, dissolving ? undefined : grain)
        if (!dissolving) return
        renderSubject(victim, state(shownBy[top - 1]), under)
        for (let i = 0; i < out.data.length; i++)
          out.data[i] = under.data[i] + share * (out.data[i] - under.data[i])
        addSensorNoise(out, grain)
      },
    }
  },
}

function nearest(pose: AskedPose): AskedPose {
  const distance = (other: AskedPose) =>
    Math.hypot(
      pose.yawDeg - other.yawDeg,
      pose.pitchDeg - other.pitchDeg,
      MOUTH_DEG * (pose.mouth - other.mouth),
    )
  return STACK.reduce((best, photograph) => (distance(photograph) < distance(best) ? photograph : best))
}

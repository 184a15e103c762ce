/** Attack 18: a machine that answers faster than people can. */
import { createActor } from '../actor.ts'
import { frameGrain } from '../feed.ts'
import { travelled } from '../motion.ts'
import { renderSubject } from '../subject.ts'
import { askedPose, FRONTAL } from './asked.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['teleport', 'reflex'] as const
/** Duration of the movement after the prompt, milliseconds. */
const MOVEMENT_MS = { teleport: 0, reflex: 110 } as const

export const instantAnswers: Instrument = {
  number: 18,
  name: 'instant-answers',
  method: 'injection',
  instrument: 'A re-posed photograph that is moved by a program without any patience',
  recipe:
    'Set the head to the asked pose in the very next frame (teleport), or within .11 s of the prompt (reflex).',
  variants: VARIANTS,
  expectation: 'Answers begin sooner than people react; the head jumps instead of turning.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const movementMs = MOVEMENT_MS[chooseVariant(VARIANTS, options) as keyof typeof MOVEMENT_MS]
    const seed = options?.seed ?? 1
    const idle = createActor({ seed })
    const path = [{ atMs: Number.NEGATIVE_INFINITY, ...FRONTAL }]
    return {
      width: victim.width,
      height: victim.height,
      prompt: (step, tMs) => path.push({ atMs: tMs, ...askedPose(step) }),
      render(tMs, out) {
        const at = Math.max(
          0,
          path.findLastIndex(({ atMs }) => atMs <= tMs),
        )
        const [from, to] = [path[Math.max(0, at - 1)], path[at]]
        const share = movementMs === 0 || at === 0 ? 1 : travelled((tMs - to.atMs) / movementMs)
        const state = idle.stateAt(tMs)
        const yawDeg = state.yawDeg + from.yawDeg + share * (to.yawDeg - from.yawDeg)
        const pitchDeg = state.pitchDeg + from.pitchDeg + share * (to.pitchDeg - from.pitchDeg)
        const mouth = from.mouth + share * (to.mouth - from.mouth)
        renderSubject(victim, { ...state, yawDeg, pitchDeg, mouth }, out, frameGrain(seed, tMs))
      },
    }
  },
}

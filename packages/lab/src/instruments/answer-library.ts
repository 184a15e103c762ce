/** Attack 19: recorded answers, a clip for every kind of prompt, played when it is asked for. */
import { type ActorStep, createActor } from '../actor.ts'
import { ALL_DIRECTIONS } from '../directions.ts'
import { createActorFeed, createRecording, type Feed, frameGrain, type ScriptedStep } from '../feed.ts'
import { createWander } from '../motion.ts'
import { addSensorNoise } from '../noise.ts'
import { between, createRandom, deriveSeed } from '../random.ts'
import type { Subject } from '../subject.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['refreshed', 'verbatim'] as const
const FPS = 30
/** Times in each clip, milliseconds: answer asked, answer surely there, return asked, end. */
const ANSWER = 1500
const ANSWERED = 3000
const RETURN = 4000
const END = 5600
/** A path that was followed is longer. */
const FOLLOW_MS = 8000
const CUE_MS = 250
/** How long the attacker needs to start a clip, milliseconds; the clip's own reaction time comes on top. */
const START_MS = [60, 180] as const

interface Part {
  readonly clip: Feed
  readonly from: number
  /** From here on the end of the part goes to and fro. */
  readonly still: number
  readonly to: number
  readonly startMs: number
}

export const answerLibrary: Instrument = {
  number: 19,
  name: 'answer-library',
  method: 'injection',
  instrument: 'Recordings of the victim turning each way, opening the mouth and following a dot',
  recipe:
    'Cut one clip for each answer out of earlier captures; loop the frontal part, and at a prompt play the clip that it asks for, with fresh noise on every frame (refreshed) or as recorded (verbatim).',
  variants: VARIANTS,
  expectation:
    'Poses and expressions can be answered from clips: only what cannot be recorded beforehand, a path to follow, or the cuts between the clips give it away.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const refreshed = chooseVariant(VARIANTS, options) === 'refreshed'
    const seed = options?.seed ?? 1
    const random = createRandom(deriveSeed(seed, 190))
    const clips = recordAnswers(victim, seed)
    const frontal: Part = { clip: clips('left'), from: 0, still: 0, to: ANSWER, startMs: 0 }
    let [before, playing] = [frontal, frontal]
    let asked = ''
    return {
      width: victim.width,
      height: victim.height,
      prompt(step, tMs) {
        const name = answerTo(step)
        if (name === asked) return
        const startMs = tMs + between(random, START_MS[0], START_MS[1])
        before = playing
        if (name === 'return') playing = { ...playing, from: RETURN, still: END - 400, to: END, startMs }
        else if (name === 'follow')
          playing = { clip: clips(name), from: ANSWER, still: ANSWERED, to: ANSWER + FOLLOW_MS, startMs }
        else if (name === 'hold') playing = { ...frontal, startMs }
        else playing = { clip: clips(name), from: ANSWER, still: ANSWERED, to: RETURN, startMs }
        asked = name
      },
      render(tMs, out) {
        const part = tMs < playing.startMs ? before : playing
        part.clip.render(positionIn(part, tMs), out)
        if (refreshed) addSensorNoise(out, frameGrain(seed + 2, tMs, 0.5))
      },
    }
  },
}

function answerTo(step: ActorStep): string {
  if (step.kind === 'head-pose' || step.kind === 'gaze-hold') return step.direction
  if (step.kind === 'expression') return step.expression
  if (step.kind === 'center') return 'return'
  return step.kind === 'follow' ? 'follow' : 'hold'
}

/** Plays a part once; then its end goes to and fro. */
function positionIn({ from, still, to, startMs }: Part, tMs: number): number {
  const position = from + Math.max(0, tMs - startMs)
  if (position < to) return position
  const span = to - still
  const phase = (position - to) % (2 * span)
  return phase < span ? to - phase - 1 : still + (phase - span)
}

/** One sitting: light, hand and idle motion are alike in all clips, so that the cuts between them show little. */
function recordAnswers(victim: Subject, seed: number): (name: string) => Feed {
  const record = (answer: readonly ScriptedStep[], durationMs: number) =>
    createRecording(createActorFeed({ subject: victim, actor: createActor({ seed, handHeld: 0.1 }), seed }), {
      fps: FPS,
      durationMs,
      script: [{ atMs: 0, step: { kind: 'hold' } }, ...answer],
      loop: false,
    })
  const and = (step: ActorStep): ScriptedStep[] => [
    { atMs: ANSWER, step },
    { atMs: RETURN, step: { kind: 'center' } },
  ]
  const clips = new Map<string, Feed>([
    ...ALL_DIRECTIONS.map(
      (direction) => [direction, record(and({ kind: 'head-pose', direction, targetDeg: 18 }), END)] as const,
    ),
    ['mouth-open', record(and({ kind: 'expression', expression: 'mouth-open' }), END)],
    ['blink', record(and({ kind: 'expression', expression: 'blink' }), END)],
    ['follow', record(somePath(seed), ANSWER + FOLLOW_MS)],
  ])
  return (name) => clips.get(name) ?? (clips.get('left') as Feed)
}

/** A path that an earlier challenge drew. */
function somePath(seed: number): ScriptedStep[] {
  const random = createRandom(deriveSeed(seed, 191))
  const [x, y] = [0, 1].map(() => createWander(random, 0.5, [[0.25, 0.6, 1]]))
  const within = (value: number) => Math.max(-1, Math.min(1, value))
  return Array.from({ length: FOLLOW_MS / CUE_MS }, (_, i) => ({
    atMs: ANSWER + i * CUE_MS,
    step: { kind: 'follow', at: { x: within(x(i * CUE_MS)), y: within(y(i * CUE_MS)) } },
  }))
}

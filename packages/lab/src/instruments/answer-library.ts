/** Attack 19: recorded answers, one clip for each direction, played when they are asked for. */
import { DIRECTIONS, type Direction } from '@ipse/protocol'
import { createActor } from '../actor.ts'
import { createActorFeed, createRecording, type Feed, frameRandom } from '../feed.ts'
import { addSensorNoise } from '../photometry.ts'
import { between, createRandom, deriveSeed } from '../random.ts'
import type { Subject } from '../subject.ts'
import { chooseVariant, type Instrument } from './instrument.ts'

const VARIANTS = ['refreshed', 'verbatim'] as const
const FPS = 30
/** Times in each clip, milliseconds: turn asked, turn surely done, return asked, end. */
const TURN = 1500
const TURNED = 3000
const RETURN = 4000
const END = 5600
/** How long the attacker needs to start a clip, milliseconds; the clip's own reaction time comes on top. */
const START_MS = [60, 180] as const

export const answerLibrary: Instrument = {
  number: 19,
  name: 'answer-library',
  method: 'injection',
  instrument: 'Recordings of the victim turning left, right, up and down',
  recipe:
    'Cut one clip for each direction out of earlier captures; loop the frontal part, and at a prompt play the clip that it asks for, with fresh noise on every frame (refreshed) or as recorded (verbatim).',
  variants: VARIANTS,
  expectation:
    'Every pose step can be answered from four clips: only a step that cannot be recorded beforehand, a path to follow, or the cuts between the clips give it away.',
  expected: 'stopped',
  createFeed({ victim }, options) {
    const refreshed = chooseVariant(VARIANTS, options) === 'refreshed'
    const seed = options?.seed ?? 1
    const random = createRandom(deriveSeed(seed, 190))
    const clips = new Map(DIRECTIONS.map((direction) => [direction, clipOf(victim, direction, seed)]))
    let clip = clips.get('left') as Feed
    let playing = { from: 0, to: TURN, startMs: 0 }
    let before = { clip, playing }
    return {
      width: victim.width,
      height: victim.height,
      prompt(step, tMs) {
        const startMs = tMs + between(random, START_MS[0], START_MS[1])
        before = { clip, playing }
        if (step.kind === 'head-pose') {
          clip = clips.get(step.direction) as Feed
          playing = { from: TURN, to: RETURN, startMs }
        } else
          playing = {
            from: step.kind === 'center' ? RETURN : 0,
            to: step.kind === 'center' ? END : TURN,
            startMs,
          }
      },
      render(tMs, out) {
        const now = tMs < playing.startMs ? before : { clip, playing }
        now.clip.render(positionIn(now.playing, tMs), out)
        if (refreshed) addSensorNoise(out, frameRandom(seed + 2, tMs), 0.5)
      },
    }
  },
}

/** Plays a part once; then what does not move at its end goes to and fro. */
function positionIn(part: { from: number; to: number; startMs: number }, tMs: number): number {
  const still = part.from === TURN ? TURNED : part.from === RETURN ? END - 400 : 0
  const position = part.from + Math.max(0, tMs - part.startMs)
  if (position < part.to) return position
  const span = part.to - still
  const phase = (position - part.to) % (2 * span)
  return phase < span ? part.to - phase - 1 : still + (phase - span)
}

function clipOf(victim: Subject, direction: Direction, seed: number): Feed {
  // One sitting: light, hand and idle motion are the same in all clips, so that cuts between them show little.
  const live = createActorFeed({ subject: victim, actor: createActor({ seed, handHeld: 0.1 }), seed })
  return createRecording(live, {
    fps: FPS,
    durationMs: END,
    script: [
      { atMs: 0, step: { kind: 'hold' } },
      { atMs: TURN, step: { kind: 'head-pose', direction, targetDeg: 18 } },
      { atMs: RETURN, step: { kind: 'center' } },
    ],
    loop: false,
  })
}

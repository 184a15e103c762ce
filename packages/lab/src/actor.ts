/**
 * An actor plays a capture subject: reacts to prompts after a human delay, turns with human speed, holds, blinks,
 * sways. Deterministic: the same seed and prompts give the same states.
 */
import type { ChallengeStep } from '@ipse/protocol'
import { poseSigns } from './directions.ts'
import { createBlinks, createChannel, createWander, travelled, turnDuration } from './motion.ts'
import { between, createRandom, deriveSeed } from './random.ts'
import { NEUTRAL, type SubjectState } from './subject.ts'

/** What an actor can be asked: every step of a challenge, as it is after each cue, and two movements on their own. */
export type ActorStep =
  | ChallengeStep
  | { readonly kind: 'mouth-open'; readonly amount?: number }
  | { readonly kind: 'approach'; readonly near: number }

export interface ActorOptions {
  readonly seed: number
  /** Delay between a prompt and the begin of the movement, milliseconds. */
  readonly reactionMs?: readonly [number, number]
  /** Duration of a turn, milliseconds; very wide turns take longer. */
  readonly turnMs?: readonly [number, number]
  /** How many degrees people go beyond what was asked. */
  readonly overshootDeg?: readonly [number, number]
  /** Strength of idle motion: 0 none, 1 as measured on people. */
  readonly idle?: number
  /** Strength of a hand-held camera's motion: 0 fixed webcam, 1 phone in the hand. */
  readonly handHeld?: number
  /** How far the eyes stay on the camera while the head turns: 0 not at all, 1 perfectly. */
  readonly fixation?: number
  /** The same in steps that ask for it. */
  readonly askedFixation?: number
  /** Delay of the nose behind a dot that it follows already, milliseconds: shorter than the first reaction. */
  readonly pursuitMs?: readonly [number, number]
  /** Slow change of light, as a share. */
  readonly lightDrift?: number
  readonly blinks?: boolean
}

export interface Actor {
  /** Asks for a step at a time; times must not run backwards. */
  prompt(step: ActorStep, tMs: number): void
  /** The state at any time, given the prompts so far. */
  stateAt(tMs: number): SubjectState
}

/** Turns that are still seen well; the mesh saturates beyond about 30°. */
const MAX_YAW = 30
const MAX_PITCH = 24
const MOUTH_OPEN = 0.7
/** Where the nose points when it follows a dot to the edge of its path, degrees: people under-reach a little. */
const PURSUIT = { yawDeg: 14, pitchDeg: 8 }
/** Time in which the nose catches up with a dot that has moved on, milliseconds. */
const CATCH_UP_MS = 420
/** A blink that was asked for. */
const ASKED_BLINK_MS = 260
/** How much nearer people come than they are asked to. */
const NEARER_SPARE = 1.25
/** Eye shift that keeps the gaze while the head turns, eye widths per degree. */
const GAZE_PER_DEGREE = 0.007
const MAX_GAZE = 0.16
const DEFAULTS = {
  reactionMs: [250, 450],
  turnMs: [420, 870],
  overshootDeg: [3, 6],
  idle: 1,
  handHeld: 0.4,
  fixation: 0.6,
  askedFixation: 0.95,
  pursuitMs: [150, 260],
  lightDrift: 0.05,
  blinks: true,
} as const
const SLOW = [0.1, 0.25, 1] as const
const MEDIUM = [0.4, 0.8, 0.5] as const
const FAST = [2, 4, 0.06] as const

export function createActor(options: ActorOptions): Actor {
  const settings = { ...DEFAULTS, ...options }
  const random = createRandom(deriveSeed(settings.seed, 0))
  const part = (n: number) => createRandom(deriveSeed(settings.seed, n))
  const idle = (n: number, deviation: number) =>
    createWander(part(n), settings.idle * deviation, [SLOW, MEDIUM, FAST])
  const hand = (n: number, deviation: number) =>
    createWander(part(n), settings.handHeld * deviation, [
      [0.3, 0.6, 1],
      [0.8, 1.6, 0.6],
      [4, 8, 0.1],
    ])
  const wander = {
    yaw: idle(1, 0.8),
    pitch: idle(2, 0.6),
    roll: idle(3, 0.6),
    near: idle(4, 0.006),
    mouth: idle(5, 0.008),
    x: hand(6, 0.007),
    y: hand(7, 0.007),
    light: createWander(part(8), settings.lightDrift / 2, [
      [0.05, 0.15, 1],
      [0.3, 0.5, 0.3],
    ]),
  }
  const blinks = createBlinks(part(9))
  const leaning = between(random, -0.12, 0.04)
  const yaw = createChannel(0)
  const pitch = createChannel(0)
  const mouth = createChannel(0)
  const near = createChannel(1)
  const fixation = createChannel(settings.fixation)
  const asked: { readonly startMs: number }[] = []

  /** The dot has moved: the nose goes after it, without a new decision. */
  const pursue = ({ x, y }: { readonly x: number; readonly y: number }, tMs: number): void => {
    const startMs = tMs + between(random, settings.pursuitMs[0], settings.pursuitMs[1])
    yaw.moveTo(-x * PURSUIT.yawDeg, startMs, CATCH_UP_MS)
    pitch.moveTo(y * PURSUIT.pitchDeg, startMs, CATCH_UP_MS)
  }

  let kind: ActorStep['kind'] | undefined
  const prompt = (step: ActorStep, tMs: number): void => {
    if (step.kind === 'follow' && kind === 'follow') {
      pursue(step.at, tMs)
      return
    }
    kind = step.kind
    const startMs = tMs + between(random, settings.reactionMs[0], settings.reactionMs[1])
    const beyond = between(random, settings.overshootDeg[0], settings.overshootDeg[1])
    let [toYaw, toPitch, toMouth] = [0, 0, 0]
    if (step.kind === 'head-pose' || step.kind === 'gaze-hold') {
      const signs = poseSigns(step.direction)
      toYaw = signs.yaw * Math.min(MAX_YAW, step.targetDeg + beyond)
      toPitch = signs.pitch * Math.min(MAX_PITCH, step.targetDeg + beyond)
    } else if (step.kind === 'mouth-open') toMouth = step.amount ?? MOUTH_OPEN
    else if (step.kind === 'expression') {
      if (step.expression === 'mouth-open') toMouth = MOUTH_OPEN
      else asked.push({ startMs })
    }
    const wide = Math.max(Math.abs(toYaw - yaw.target), Math.abs(toPitch - pitch.target))
    const durationMs = turnDuration(random, settings.turnMs, wide)
    yaw.moveTo(toYaw, startMs, durationMs)
    pitch.moveTo(toPitch, startMs, durationMs)
    mouth.moveTo(toMouth, startMs, durationMs)
    fixation.moveTo(step.kind === 'gaze-hold' ? settings.askedFixation : settings.fixation, tMs, 200)
    if (step.kind === 'approach') near.moveTo(step.near, startMs, 1.6 * durationMs)
    else if (step.kind === 'distance')
      near.moveTo(1 + NEARER_SPARE * (step.nearer - 1), startMs, 1.6 * durationMs)
    else if (step.kind !== 'hold' && near.target !== 1) near.moveTo(1, startMs, 1.6 * durationMs)
  }

  const stateAt = (tMs: number): SubjectState => {
    const turned = yaw.at(tMs)
    const aside = -fixation.at(tMs) * GAZE_PER_DEGREE * turned
    return {
      ...NEUTRAL,
      yawDeg: turned + wander.yaw(tMs),
      pitchDeg: pitch.at(tMs) + wander.pitch(tMs),
      rollDeg: leaning * turned + wander.roll(tMs),
      mouth: Math.max(0, mouth.at(tMs) + wander.mouth(tMs)),
      blink: Math.max(settings.blinks ? blinks(tMs) : 0, ...asked.map(({ startMs }) => lidAt(tMs - startMs))),
      near: near.at(tMs) + wander.near(tMs),
      shift: { x: wander.x(tMs), y: wander.y(tMs) },
      gain: 1 + wander.light(tMs),
      gaze: { x: Math.max(-MAX_GAZE, Math.min(MAX_GAZE, aside)), y: 0 },
    }
  }
  return { prompt, stateAt }
}

/** Lid closure of a blink that began so many milliseconds ago. */
function lidAt(sinceMs: number): number {
  const share = sinceMs / ASKED_BLINK_MS
  if (share <= 0 || share >= 1) return 0
  return share < 0.5 ? travelled(share / 0.35) : 1 - travelled((share - 0.5) / 0.5)
}

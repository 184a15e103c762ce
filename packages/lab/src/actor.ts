/**
 * An actor plays a capture subject: reacts to prompts after a human delay, turns with human speed, holds, blinks,
 * sways. Deterministic: the same seed and prompts give the same states.
 */
import type { ChallengeStep } from '@ipse/protocol'
import { poseSigns } from './directions.ts'
import { createBlinks, createChannel, createWander, turnDuration } from './motion.ts'
import { between, createRandom, deriveSeed } from './random.ts'
import { NEUTRAL, type SubjectState } from './subject.ts'

/** What an actor can be asked: every step of a challenge, and two movements that challenges do not ask for yet. */
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

  const prompt = (step: ActorStep, tMs: number): void => {
    const startMs = tMs + between(random, settings.reactionMs[0], settings.reactionMs[1])
    const beyond = between(random, settings.overshootDeg[0], settings.overshootDeg[1])
    let [toYaw, toPitch, toMouth] = [0, 0, 0]
    if (step.kind === 'head-pose') {
      const signs = poseSigns(step.direction)
      toYaw = signs.yaw * Math.min(MAX_YAW, step.targetDeg + beyond)
      toPitch = signs.pitch * Math.min(MAX_PITCH, step.targetDeg + beyond)
    } else if (step.kind === 'mouth-open') toMouth = step.amount ?? MOUTH_OPEN
    const wide = Math.max(Math.abs(toYaw - yaw.target), Math.abs(toPitch - pitch.target))
    const durationMs = turnDuration(random, settings.turnMs, wide)
    yaw.moveTo(toYaw, startMs, durationMs)
    pitch.moveTo(toPitch, startMs, durationMs)
    mouth.moveTo(toMouth, startMs, durationMs)
    if (step.kind === 'approach') near.moveTo(step.near, startMs, 1.6 * durationMs)
  }

  const stateAt = (tMs: number): SubjectState => {
    const turned = yaw.at(tMs)
    const aside = -settings.fixation * GAZE_PER_DEGREE * turned
    return {
      ...NEUTRAL,
      yawDeg: turned + wander.yaw(tMs),
      pitchDeg: pitch.at(tMs) + wander.pitch(tMs),
      rollDeg: leaning * turned + wander.roll(tMs),
      mouth: Math.max(0, mouth.at(tMs) + wander.mouth(tMs)),
      blink: settings.blinks ? blinks(tMs) : 0,
      near: near.at(tMs) + wander.near(tMs),
      shift: { x: wander.x(tMs), y: wander.y(tMs) },
      gain: 1 + wander.light(tMs),
      gaze: { x: Math.max(-MAX_GAZE, Math.min(MAX_GAZE, aside)), y: 0 },
    }
  }
  return { prompt, stateAt }
}

/**
 * A feed is what a camera delivers: prompts go in, frames come out. A live actor is one feed, every attack instrument
 * is another. Frames depend on time, seed and prompts only.
 */
import type { LightColour } from '@ipse/protocol'
import type { Actor, ActorStep } from './actor.ts'
import type { Frame } from './frame.ts'
import { createLamp, type Lit } from './lamp.ts'
import type { Grain } from './noise.ts'
import { createRandom, deriveSeed } from './random.ts'
import { blurSubject, renderSubject, type Subject } from './subject.ts'

export interface Feed {
  readonly width: number
  readonly height: number
  /** Tells whoever is in front of the camera what is asked; recordings do not listen. */
  prompt(step: ActorStep, tMs: number): void
  /** Writes the frame of a time into `out` (RGB or RGBA of the feed's size). */
  render(tMs: number, out: Frame): void
}

export interface ActorFeedOptions {
  readonly subject: Subject
  readonly actor: Actor
  readonly seed: number
  /** Level of sensor noise, default 1, a usual webcam. */
  readonly noise?: number
  /** Exposure time for motion blur, milliseconds; default 0, none. Three renderings instead of one. */
  readonly exposureMs?: number
  /** How the screen lights what is before it when it shows colours; not at all by default, as it is with what software shows. */
  readonly screen?: ScreenOptions
}

export interface ScreenOptions {
  readonly lit: Lit
  /** Light of a white screen as a share of the room's. */
  readonly share?: number
  /** From the message to the light in the picture, milliseconds: display and exposure. */
  readonly delayMs?: number
}

/** Display and exposure of a usual laptop, milliseconds. */
const SCREEN_DELAY_MS = 70

/** A live person in front of the camera. */
export function createActorFeed(options: ActorFeedOptions): Feed {
  const { subject, actor, seed, noise = 1, exposureMs = 0, screen } = options
  const lamp = screen && createLamp(subject, screen.lit, screen.share)
  const shown: { readonly fromMs: number; readonly colour: LightColour | undefined }[] = []
  return {
    width: subject.width,
    height: subject.height,
    prompt(step, tMs) {
      actor.prompt(step, tMs)
      const colour = step.kind === 'colour-light' ? step.colour : undefined
      if (lamp && colour !== shown.at(-1)?.colour)
        shown.push({ fromMs: tMs + (screen.delayMs ?? SCREEN_DELAY_MS), colour })
    },
    render(tMs, out) {
      const grain = frameGrain(seed, tMs, noise)
      const colour = shown.findLast(({ fromMs }) => fromMs <= tMs)?.colour
      // Whoever keeps still while the screen changes its colours has no motion blur.
      if (lamp && colour) lamp(actor.stateAt(tMs), colour, out, grain)
      else if (exposureMs > 0) {
        const at = (offset: number) => actor.stateAt(tMs + offset * exposureMs)
        blurSubject(subject, [at(-0.5), at(0), at(0.5)], out, grain)
      } else renderSubject(subject, actor.stateAt(tMs), out, grain)
    },
  }
}

/** The noise of one moment: the same moment rendered twice has the same noise, as a recording has. */
export function frameGrain(seed: number, tMs: number, level = 1): Grain {
  return { random: createRandom(deriveSeed(seed, Math.round(tMs * 16))), level }
}

export interface ScriptedStep {
  readonly atMs: number
  readonly step: ActorStep
}

/** A recording of a feed: frames at a fixed rate, repeated bit by bit when `loop` is set, else the last one stays. */
export function createRecording(
  feed: Feed,
  options: {
    readonly fps: number
    readonly durationMs: number
    readonly script: readonly ScriptedStep[]
    readonly loop: boolean
  },
): Feed {
  const count = Math.max(1, Math.round((options.durationMs * options.fps) / 1000))
  for (const { step, atMs } of options.script) feed.prompt(step, atMs)
  return {
    width: feed.width,
    height: feed.height,
    prompt: () => {},
    render(tMs, out) {
      const index = Math.max(0, Math.floor((tMs * options.fps) / 1000 + 1e-6))
      const kept = options.loop ? index % count : Math.min(index, count - 1)
      feed.render((kept * 1000) / options.fps, out)
    },
  }
}

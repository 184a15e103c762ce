/** A clip: the frames of a feed at a fixed rate while a script of prompts runs. */
import type { Feed, ScriptedStep } from './feed.ts'
import { createFrame, type Frame } from './frame.ts'

export interface ClipOptions {
  readonly feed: Feed
  readonly fps: number
  readonly durationMs: number
  /** Prompts in order of time; none by default. */
  readonly script?: readonly ScriptedStep[]
  /** 3 for RGB (default), 4 for RGBA. */
  readonly channels?: 3 | 4
}

export interface TimedFrame extends Frame {
  readonly tMs: number
}

/** Yields every frame of the clip in a buffer of its own; a prompt takes effect at the first frame not before it. */
export function* createClip(options: ClipOptions): Generator<TimedFrame, void, void> {
  const { feed, fps, durationMs, channels = 3 } = options
  const waiting = [...(options.script ?? [])]
  const count = Math.floor((durationMs * fps) / 1000)
  for (let i = 0; i < count; i++) {
    const tMs = (i * 1000) / fps
    while (waiting.length > 0 && waiting[0].atMs <= tMs) {
      const { step, atMs } = waiting.shift() as ScriptedStep
      feed.prompt(step, atMs)
    }
    const frame = createFrame(feed.width, feed.height, channels)
    feed.render(tMs, frame)
    yield { ...frame, tMs }
  }
}

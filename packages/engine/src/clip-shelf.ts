/**
 * The open clips of one worker thread: the last picture of each and the track that is running. Bounded: a clip that is
 * not closed is forgotten when many newer ones have been used since.
 */
import { failed } from '@ipse/protocol'
import { decode } from './image/decode.ts'
import { release } from './image/release.ts'
import { frameChange } from './injection/frame-change.ts'
import type { Pipeline, RawFrame } from './pipeline.ts'
import { type Meter, NO_METER } from './runtime/meter.ts'
import { TurnTrack } from './track/turn-track.ts'
import type { ClipOptions, FaceMesh, Image, TrackEvidence } from './types.ts'

/** Clips of one thread; each keeps two pictures at most (0.9 MB each at 640 × 480) and some pyramids. */
const MAX_CLIPS = 32

interface OpenClip {
  last: { readonly image: Image; readonly mesh: FaceMesh | undefined } | undefined
  track: TurnTrack | undefined
}

const NO_TRACK: TrackEvidence = { turns: [], gazeCoupling: failed('no-face') }

export class ClipShelf {
  /** The least recently used first. */
  private readonly clips = new Map<number, OpenClip>()
  private readonly meter: Meter

  constructor(meter: Meter = NO_METER) {
    this.meter = meter
  }

  /** Measures the next frame of a clip and carries its track on. */
  async measure(
    id: number,
    pipeline: Pipeline,
    encoded: Uint8Array,
    options: ClipOptions,
  ): Promise<RawFrame> {
    const clip = this.use(id)
    const before = clip.last
    const trail = before?.mesh && { image: before.image, mesh: before.mesh }
    /** A frame that cannot be measured is a gap: nothing may be compared across it. */
    clip.last = undefined
    let measured: RawFrame | undefined
    try {
      const image = await decode(encoded)
      this.meter.lap('decode')
      measured = await pipeline.measureNext(image, options, trail)
      clip.last = { image, mesh: measured.mesh }
      clip.track?.follow(image, measured.mesh)
      this.meter.lap('track')
      const change = before && frameChange(before.image, image)
      this.meter.lap('change')
      /** A track may hold any frame that it has seen. */
      if (before && !clip.track) release(before.image)
      return change ? { ...measured, change } : measured
    } finally {
      if (measured === undefined) clip.track?.breakOff()
    }
  }

  beginTrack(id: number): void {
    const clip = this.use(id)
    const { last } = clip
    clip.track = last?.mesh ? new TurnTrack(last.image, last.mesh) : undefined
    this.meter.lap('track')
  }

  endTrack(id: number): TrackEvidence {
    const clip = this.use(id)
    const evidence = clip.track?.evidence() ?? NO_TRACK
    clip.track = undefined
    this.meter.lap('track')
    return evidence
  }

  forget(id: number): void {
    this.clips.delete(id)
  }

  private use(id: number): OpenClip {
    const clip = this.clips.get(id) ?? { last: undefined, track: undefined }
    this.clips.delete(id)
    this.clips.set(id, clip)
    const [oldest] = this.clips.keys()
    if (this.clips.size > MAX_CLIPS && oldest !== undefined) this.clips.delete(oldest)
    return clip
  }
}

/**
 * From the pictures of a recording to the record that every signal reads. Nothing was asked and nobody answered: there are
 * no steps, no facts about the device and no times of arrival. What turned by itself is followed as in a capture.
 */
import type { ClipFrame, Engine, Template } from '@ipse/engine'
import { IpseError } from '@ipse/protocol'
import {
  type CaptureRecord,
  type ContinuityScore,
  continuityLimits,
  type FrameObservation,
  observe,
  observeTurns,
  type PoseDeg,
  type TurnObservation,
} from '@ipse/server'
import { FRAMES_PER_SECOND } from './clip-frames.ts'
import { choose, evenly } from './frame-choice.ts'
import { createTurnFinder } from './turn-finder.ts'

/** Frames whose templates make the probe, and that the PAD networks see (docs/evaluation.md; eight carry a clip's mean). */
const PROBE_FRAMES = 5
const TEXTURE_FRAMES = 8
/** Frames that are looked at for lines and enlargement, as in captures. */
const PICTURE_FRAMES = 2
/** Turned frames that are compared with the probe, and frames after a turn. */
const TURNED_FRAMES = 6
const RETURNED_FRAMES = 3

export interface Recording {
  readonly record: CaptureRecord
  /** Pictures that there were, and those that could be decoded. */
  readonly frames: number
  readonly measured: number
}

/**
 * @param reference for the match; without one there is none
 * @throws IpseError `image_unreadable` when no picture can be decoded
 */
export async function recordOf(
  engine: Engine,
  frames: readonly Uint8Array[],
  reference?: Template,
): Promise<Recording> {
  const { seen, turns, neutral } = await follow(engine, frames)
  if (seen.length === 0)
    throw new IpseError('image_unreadable', `none of the ${frames.length} pictures can be decoded`)
  const chosen = choose(
    seen.map(({ observation }) => observation),
    neutral,
  )
  const probe = new Set(evenly(chosen.frontal, PROBE_FRAMES))
  const wishes = {
    texture: new Set(evenly(chosen.frontal, TEXTURE_FRAMES)),
    picture: new Set(evenly(chosen.frontal, PICTURE_FRAMES)),
    turned: evenly(chosen.turned, TURNED_FRAMES),
    returned: evenly(
      chosen.returned.filter((at) => !probe.has(at)),
      RETURNED_FRAMES,
    ),
  }
  const templates = new Map<number, Template>()
  const observations = seen.map(({ observation }) => observation)
  for (const at of new Set([...probe, ...wishes.texture, ...wishes.turned, ...wishes.returned])) {
    const options = {
      template: probe.has(at) || !wishes.texture.has(at),
      texture: wishes.texture.has(at),
      picture: wishes.picture.has(at),
    }
    const { template, texture, picture } = await engine.measure(seen[at]!.bytes, options)
    if (template) templates.set(at, template)
    const found = { ...(texture ? { texture } : {}), ...(picture ? { picture } : {}) }
    observations[at] = { ...observations[at]!, ...found }
  }
  const compared = compare(engine, templates, probe, reference)
  const changes = { observations, templates, neutral: chosen.neutral, probe: compared.probe }
  const record: CaptureRecord = {
    frames: observations,
    settledFrame: observations.find(({ face }) => face !== undefined)?.frame,
    steps: [],
    planned: 0,
    facts: undefined,
    turns,
    continuity: [
      ...continuityOf(engine, 'head-pose', wishes.turned, changes),
      ...continuityOf(engine, 'center', wishes.returned, changes),
    ],
    probePairs: compared.probePairs,
    continuityLimits: continuityLimits(engine.operatingPoints),
    probeFrames: compared.frames.map((at) => observations[at]!.frame),
    match: compared.match,
    replay: { missing: 'not-supported' },
  }
  return { record, frames: frames.length, measured: seen.length }
}

interface Seen {
  readonly bytes: Uint8Array
  readonly observation: FrameObservation
}

/** Every picture once, in order; what cannot be decoded is a gap. */
async function follow(engine: Engine, frames: readonly Uint8Array[]) {
  const clip = engine.openClip()
  const finder = createTurnFinder()
  const seen: Seen[] = []
  const turns: TurnObservation[] = []
  let tracks = 0
  const endTrack = async () => {
    turns.push(...observeTurns(await clip.endTrack(), tracks++, 'head-pose'))
  }
  let tracking = false
  try {
    for (const [frame, bytes] of frames.entries()) {
      const measured = await clip.measure(bytes).catch(asGap)
      if (!measured) continue
      const observation = observationOf(measured, bytes, frame)
      seen.push({ bytes, observation })
      const found = finder.see(observation)
      if (found === 'none') continue
      if (tracking) await endTrack()
      await clip.beginTrack()
      tracking = true
    }
    if (tracking) await endTrack()
  } finally {
    clip.close()
  }
  return { seen, turns, neutral: finder.neutral }
}

function asGap(cause: unknown): undefined {
  if (cause instanceof IpseError && cause.code === 'image_unreadable') return undefined
  throw cause
}

function observationOf(measured: ClipFrame, bytes: Uint8Array, frame: number): FrameObservation {
  const atMs = (1000 * frame) / FRAMES_PER_SECOND
  const { width, height } = measured
  const header = { frame, capturedUs: Math.round(1000 * atMs), step: 0, width, height }
  return observe(measured, bytes, header, { step: 0, arrivedMs: atMs })
}

function compare(
  engine: Engine,
  templates: ReadonlyMap<number, Template>,
  wanted: ReadonlySet<number>,
  reference: Template | undefined,
) {
  const frames = [...templates.keys()].filter((at) => wanted.has(at))
  const own = frames.map((at) => templates.get(at)!)
  const probe = own.length === 0 ? undefined : engine.merge(own)
  const match: CaptureRecord['match'] =
    probe && reference
      ? { score: engine.compare(probe, reference).score }
      : { missing: reference ? 'too-few-frames' : 'no-reference' }
  const probePairs = own.flatMap((a, i) => own.slice(i + 1).map((b) => engine.compare(a, b).score))
  return { frames, probe, match, probePairs }
}

function continuityOf(
  engine: Engine,
  kind: ContinuityScore['kind'],
  list: readonly number[],
  given: {
    readonly observations: readonly FrameObservation[]
    readonly templates: ReadonlyMap<number, Template>
    readonly neutral: PoseDeg | undefined
    readonly probe: Template | undefined
  },
): ContinuityScore[] {
  const { observations, templates, neutral, probe } = given
  return list.flatMap((at) => {
    const [pose, template] = [observations[at]?.face?.pose, templates.get(at)]
    if (!pose || !template || !neutral || !probe) return []
    return {
      frame: at,
      kind,
      yawChangeDeg: pose.yawDeg - neutral.yawDeg,
      pitchChangeDeg: pose.pitchDeg - neutral.pitchDeg,
      score: engine.compare(template, probe).score,
    }
  })
}

/**
 * pulse: a heartbeat in the colour of the skin while the person keeps still. A weak sign: the shipped policies keep people
 * still for less than six seconds, video codecs destroy it, and forgeries made from a video keep the pulse of whoever was
 * filmed. Reported only (docs/evaluation.md).
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord, FrameObservation, LightPatch } from '../capture-record.ts'
import { pulseOf, type SkinSample } from './pulse-wave.ts'

/** Less says nothing, milliseconds. */
const MIN_MS = 6_000
/** A longer gap ends a run: fewer than four pictures a second cannot show a heartbeat, milliseconds. */
const MAX_GAP_MS = 250
/** Change of pose from frame to frame, degrees, up to which the skin is seen alike. */
const STEADY_DEG = 3
const SKIN: readonly LightPatch[] = ['forehead', 'rightCheek', 'leftCheek']
/** Ratio at which the line is as strong as all else ten times over, decibels. */
const CLEAR_DB = 10

/** Native: the strongest line of the band and its harmonic against the rest, decibels. */
export function pulse({ frames, steps }: CaptureRecord): Signal {
  const coloured = new Set(steps.flatMap(({ step }, index) => (step.kind === 'colour-light' ? [index] : [])))
  const run = longestRun(frames.filter(({ step }) => !coloured.has(step)))
  const lasted = (run.at(-1)?.atMs ?? 0) - (run[0]?.atMs ?? 0)
  const found = lasted >= MIN_MS ? pulseOf(run) : undefined
  return {
    name: 'pulse',
    measurement:
      found === undefined
        ? failed('too-few-frames')
        : assessed(found.snrDb, Math.max(0, Math.min(1, 0.5 + found.snrDb / (2 * CLEAR_DB)))),
    samples: run.length,
  }
}

/** The longest time without a gap or a movement. */
function longestRun(frames: readonly FrameObservation[]): readonly SkinSample[] {
  let longest: SkinSample[] = []
  let run: SkinSample[] = []
  let before: FrameObservation | undefined
  const lasts = (samples: readonly SkinSample[]) => (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0)
  for (const frame of frames) {
    const colour = skinOf(frame)
    if (colour === undefined || !goesOn(before, frame)) run = []
    if (colour !== undefined) run.push({ atMs: frame.capturedUs / 1000, colour })
    if (lasts(run) > lasts(longest)) longest = run
    before = frame
  }
  return longest
}

function goesOn(before: FrameObservation | undefined, frame: FrameObservation): boolean {
  if (!before?.face || !frame.face) return false
  const ms = (frame.capturedUs - before.capturedUs) / 1000
  const [a, b] = [before.face.pose, frame.face.pose]
  const moved = Math.max(Math.abs(a.yawDeg - b.yawDeg), Math.abs(a.pitchDeg - b.pitchDeg))
  return ms > 0 && ms <= MAX_GAP_MS && moved <= STEADY_DEG
}

function skinOf({ light }: FrameObservation): SkinSample['colour'] | undefined {
  const patches = SKIN.flatMap((patch) => {
    const colour = light?.[patch]
    return colour === undefined ? [] : [colour]
  })
  if (patches.length < SKIN.length) return undefined
  const middle = (part: 0 | 1 | 2) => patches.reduce((sum, colour) => sum + colour[part], 0) / patches.length
  return [middle(0), middle(1), middle(2)]
}

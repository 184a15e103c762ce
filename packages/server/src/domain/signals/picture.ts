/**
 * moire, halftone, specular, resolution-truth, surface-colour, double-compression: how the pictures were made. Only the first has
 * a limit, and it finds little: one of eight spoof photographs and none of four real replays. The others are reported
 * (docs/evaluation.md).
 */
import { assessed, failed, type Measurement, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'
import type { PictureObservation } from '../turn-observation.ts'
import { assessedNatives, medianOf } from './native.ts'

/** Prominence of a spectral line from which a display close to the camera is likely; live clips stay below 5.3. */
const DISPLAY = 6

function median(
  { frames }: CaptureRecord,
  pick: (picture: PictureObservation) => Measurement,
): { readonly value: number; readonly samples: number } {
  const values = assessedNatives(frames.map(({ picture }) => picture && pick(picture)))
  return { value: medianOf(values), samples: values.length }
}

/** Native: 6 − the spectral line's prominence; below 0 a display is likely, above nothing is known. */
export function moire(record: CaptureRecord): Signal {
  const { value, samples } = median(record, ({ spectralPeak }) => spectralPeak)
  const native = DISPLAY - value
  return {
    name: 'moire',
    measurement: samples === 0 ? failed('too-few-frames') : assessed(native, clamp(native / DISPLAY)),
    samples,
  }
}

/** Native: 6 − the prominence of crossed lines, as the dots of a print make them. */
export function halftone(record: CaptureRecord): Signal {
  const { value, samples } = median(record, ({ halftonePeak }) => halftonePeak)
  const native = DISPLAY - value
  return {
    name: 'halftone',
    measurement: samples === 0 ? failed('too-few-frames') : assessed(native, clamp(native / DISPLAY)),
    samples,
  }
}

/** Native: share of the face that mirrors light. */
export function specular(record: CaptureRecord): Signal {
  const { value, samples } = median(record, (picture) => picture.specular)
  return {
    name: 'specular',
    measurement: samples === 0 ? failed('too-few-frames') : assessed(value, clamp(value)),
    samples,
  }
}

/** Native: ln(finest / middle) detail; an enlarged picture lacks the finest. */
export function resolutionTruth(record: CaptureRecord): Signal {
  const { value, samples } = median(record, ({ fineDetail }) => fineDetail)
  return {
    name: 'resolution-truth',
    measurement: samples === 0 ? failed('too-few-frames') : assessed(value, clamp(1 + value / 4)),
    samples,
  }
}

/** Native: spread of the skin's red, of 255. */
export function surfaceColour(record: CaptureRecord): Signal {
  const { value, samples } = median(record, ({ redSpread }) => redSpread)
  return {
    name: 'surface-colour',
    measurement: samples === 0 ? failed('too-few-frames') : assessed(value, clamp(value / 16)),
    samples,
  }
}

/** Native: 1 − the trace of an earlier JPEG coding on the same grid; browsers' cameras leave one too. */
export function doubleCompression({ frames }: CaptureRecord): Signal {
  const seen = frames.flatMap(({ picture }) => picture?.singleCompression ?? [])
  const values = assessedNatives(seen)
  const value = medianOf(values)
  const why = seen.find((one) => one.status === 'failure-to-assess') ?? failed('too-few-frames')
  return {
    name: 'double-compression',
    measurement: values.length === 0 ? why : assessed(value, clamp(value)),
    samples: values.length,
  }
}

function clamp(value: number): number {
  return Math.max(0, Math.min(1, value))
}

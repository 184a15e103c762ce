/**
 * capture-device: signs of a virtual camera in what the device says about itself. All of it is the device's own account:
 * it can lower trust, never raise it, and a device that leaves something out has not been assessed.
 */
import { assessed, type CaptureFacts, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord, FrameObservation } from '../capture-record.ts'
import { virtualCameraSigns } from './device-signs.ts'

/** Every browser states these. */
const STATED = ['label', 'trackType', 'settings', 'mediaApiNative', 'userAgent'] as const

/** Shares by which rounding lets two sizes or aspects differ. */
const ROUNDING = 0.02

/** Pictures larger than what the camera says it delivers, or of another shape: long side against short side. */
function contradictsPictures({ settings }: CaptureFacts, frames: readonly FrameObservation[]): boolean {
  const [first] = frames
  const { width, height } = settings ?? {}
  if (!first || typeof width !== 'number' || typeof height !== 'number') return false
  const [long, short] = [Math.max(width, height), Math.min(width, height)]
  const [seenLong, seenShort] = [Math.max(first.width, first.height), Math.min(first.width, first.height)]
  if (!(short > 0 && seenShort > 0)) return false
  const aspect = seenLong / seenShort / (long / short)
  return seenLong > long * (1 + ROUNDING) || Math.abs(aspect - 1) > ROUNDING
}

/**
 * Native: 0 with any sign, 1 without; not assessed when the device leaves out what every browser states. A device that
 * describes itself otherwise than in an attempt before is a sign as well.
 */
export function captureDevice({ facts, frames, describedOtherwise = false }: CaptureRecord): Signal {
  const silent = STATED.some((name) => facts?.[name] === undefined)
  const found =
    facts !== undefined &&
    (describedOtherwise || virtualCameraSigns(facts).length > 0 || contradictsPictures(facts, frames))
  return {
    name: 'capture-device',
    measurement: found ? assessed(0, 0) : silent ? failed('not-supported') : assessed(1, 1),
    samples: facts === undefined ? 0 : 1,
    ...(found ? { finding: 'virtual_camera' } : {}),
  }
}

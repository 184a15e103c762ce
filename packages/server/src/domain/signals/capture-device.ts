/**
 * capture-device: signs of a virtual camera in what the device says about itself. All of it is the device's own account:
 * it can lower trust, and silence about the track is itself a sign.
 */
import { assessed, type CaptureFacts, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord, FrameObservation } from '../capture-record.ts'

/** Labels of virtual cameras and of Chromium's fake and file cameras. `OBSBOT` is a real camera. */
const VIRTUAL_LABELS =
  /\bobs(?!bot)\b|obs[ -]?virtual|manycam|snap ?camera|v4l2[ -]?loopback|dummy video|droidcam|\bndi\b|xsplit|mmhmm|virtual|fake[_ ]device|e2esoft|vcam|iriun|epoccam|\.(mjpe?g|y4m|mp4|webm)\b|^\//i

/** Signs that speak for a virtual camera, in words for reviewers. */
export function virtualCameraSigns(facts: CaptureFacts): string[] {
  const signs: string[] = []
  if (facts.simulated === true) signs.push('says that it is simulated')
  if (facts.label !== undefined && VIRTUAL_LABELS.test(facts.label)) signs.push('label')
  if (facts.trackType !== undefined && facts.trackType !== 'MediaStreamTrack') signs.push('track type')
  if (facts.settings !== undefined && !facts.settings.groupId) signs.push('no device group')
  if (facts.mediaApiNative === false) signs.push('media interface replaced')
  if (facts.webdriver === true) signs.push('automated browser')
  if (contradictsItself(facts)) signs.push('browser and platform contradict each other')
  return signs
}

/** Phones do not run on Windows or macOS, and Windows browsers on nothing else. */
function contradictsItself({ userAgent, platform }: CaptureFacts): boolean {
  if (userAgent === undefined || platform === undefined || platform === '') return false
  if (/Android|iPhone/.test(userAgent)) return /^(Win|Mac)/.test(platform)
  return /Windows NT/.test(userAgent) && !/^Win/.test(platform)
}

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

/** Native: 0 with any sign, 1 without; not assessed when the device says nothing about its track. */
export function captureDevice({ facts, frames }: CaptureRecord): Signal {
  const silent = facts === undefined || facts.label === undefined || facts.settings === undefined
  const found =
    facts !== undefined && (virtualCameraSigns(facts).length > 0 || contradictsPictures(facts, frames))
  return {
    name: 'capture-device',
    measurement: found ? assessed(0, 0) : silent ? failed('not-supported') : assessed(1, 1),
    samples: facts === undefined ? 0 : 1,
    ...(found ? { finding: 'virtual_camera' } : {}),
  }
}

/**
 * capture-device: signs of a virtual camera in what the device says about itself. All of it is the device's own account:
 * it can lower trust, and silence about the track is itself a sign.
 */
import { assessed, type CaptureFacts, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

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
  return signs
}

/** Native: 0 with any sign, 1 without; not assessed when the device says nothing about its track. */
export function captureDevice({ facts }: CaptureRecord): Signal {
  const silent = facts === undefined || facts.label === undefined || facts.settings === undefined
  const found = facts !== undefined && virtualCameraSigns(facts).length > 0
  return {
    name: 'capture-device',
    measurement: found ? assessed(0, 0) : silent ? failed('not-supported') : assessed(1, 1),
    samples: facts === undefined ? 0 : 1,
    ...(found ? { finding: 'virtual_camera' } : {}),
  }
}

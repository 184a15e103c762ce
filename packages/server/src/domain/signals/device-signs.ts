/**
 * Signs of a virtual camera, an automated browser or a changed account in what the device says about itself. Every sign
 * needs a statement that speaks against the device, so further statements never take one away; what a device leaves out is
 * weighed in capture-device.ts. Shapes of tracks: measured with Chromium 156 (docs/evaluation.md, “Capture path”).
 */
import type { CaptureFacts, Json } from '@ipse/protocol'

/** Labels of virtual cameras and of Chromium's fake and file cameras. `OBSBOT` is a real camera. */
const VIRTUAL_LABELS =
  /\bobs(?!bot)\b|obs[ -]?virtual|manycam|snap ?camera|v4l2[ -]?loopback|dummy video|droidcam|\bndi\b|xsplit|mmhmm|virtual|fake[_ ]device|e2esoft|vcam|iriun|epoccam|^remote video$|\.(mjpe?g|y4m|mp4|webm)\b|^\//i

/** Identifiers of tracks that are no device: generators and peer connections have a UUID, cameras a hash. */
const UUID = /^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i

/** Share by which a setting may exceed its capability: rounding. */
const ROUNDING = 0.02

type Sign = readonly [name: string, shows: (facts: CaptureFacts) => boolean]

/** Each in words for reviewers. */
const SIGNS: readonly Sign[] = [
  ['says that it is simulated', ({ simulated }) => simulated === true],
  ['label', ({ label }) => label !== undefined && VIRTUAL_LABELS.test(label)],
  ['track type', ({ trackType }) => trackType !== undefined && trackType !== 'MediaStreamTrack'],
  ['no device', ({ settings }) => settings !== undefined && isNoDevice(settings)],
  ['labelled by its identifier', ({ label, settings }) => !!label && label === settings?.deviceId],
  ['capabilities of no camera', lacksCapabilities],
  ['settings beyond its capabilities', exceedsCapabilities],
  ['media interface replaced', ({ mediaApiNative }) => mediaApiNative === false],
  ['automated browser', ({ webdriver }) => webdriver === true],
  ['app with hooks', ({ signs }) => signs?.includes('hook') === true],
  ['emulated device', ({ signs }) => signs?.includes('emulator') === true],
  ['browser without a screen', isHeadless],
  ['browser and platform contradict each other', contradictsItself],
]

/** Signs that speak for a virtual camera or against the device's account, in words for reviewers. */
export function virtualCameraSigns(facts: CaptureFacts): string[] {
  return SIGNS.flatMap(([name, shows]) => (shows(facts) ? [name] : []))
}

function isNoDevice({ groupId, deviceId }: NonNullable<CaptureFacts['settings']>): boolean {
  return !groupId || typeof deviceId !== 'string' || deviceId === '' || UUID.test(deviceId)
}

/** Chromium's cameras tell the range of their sizes; tracks of generators and peer connections cannot. */
function lacksCapabilities({ userAgent, settings, capabilities }: CaptureFacts): boolean {
  if (settings === undefined || userAgent === undefined || !/Chrome\//.test(userAgent)) return false
  return !(mostOf(capabilities?.width) > 0 && mostOf(capabilities?.height) > 0)
}

function exceedsCapabilities({ settings, capabilities }: CaptureFacts): boolean {
  if (settings === undefined || capabilities === undefined) return false
  const beyond = (name: 'width' | 'height' | 'frameRate') => {
    const set = settings[name]
    return typeof set === 'number' && set > mostOf(capabilities[name]) * (1 + ROUNDING)
  }
  // A phone held upright swaps the sides of what it delivers, and of nothing else.
  const upright = Number(settings.height) > Number(settings.width)
  const another =
    typeof capabilities.deviceId === 'string' &&
    typeof settings.deviceId === 'string' &&
    capabilities.deviceId !== settings.deviceId
  return another || beyond('frameRate') || (!upright && (beyond('width') || beyond('height')))
}

/** Upper end of a range, NaN when there is none. */
function mostOf(range: Json | undefined): number {
  if (typeof range !== 'object' || range === null || !('max' in range)) return Number.NaN
  return typeof range.max === 'number' ? range.max : Number.NaN
}

/** A window without size counts on desktops only: embedded views of phones have been seen to say zero. */
function isHeadless({ userAgent = '', screen, languages }: CaptureFacts): boolean {
  if (/Headless/.test(userAgent) || languages === 0) return true
  if (screen === undefined) return false
  const noScreen = !(screen.width > 0 && screen.height > 0 && screen.pixelRatio > 0)
  const noWindow = screen.outerWidth === 0 && screen.outerHeight === 0 && !isPhone(userAgent)
  return noScreen || noWindow
}

function isPhone(userAgent: string): boolean {
  return /iPhone|Android.*Mobile/.test(userAgent)
}

/** Phones do not run on Windows or macOS, have fingers on them, and a browser has one version and one platform. */
function contradictsItself({ userAgent, platform = '', client, touchPoints, screen }: CaptureFacts): boolean {
  if (userAgent === undefined) return false
  const phone = /Android|iPhone/.test(userAgent)
  const onWindows = /Windows NT/.test(userAgent)
  const platforms =
    platform !== '' && (phone ? /^(Win|Mac)/.test(platform) : onWindows && !/^Win/.test(platform))
  const touch = isPhone(userAgent) && touchPoints === 0
  // Every iPhone since 2010 has two pixels and more to a point.
  const sharp = /iPhone/.test(userAgent) && screen !== undefined && screen.pixelRatio < 2
  return platforms || touch || sharp || contradictsHints(userAgent, client)
}

/** User-agent client hints against the user agent: one browser states both. */
function contradictsHints(userAgent: string, client: CaptureFacts['client']): boolean {
  if (client === undefined) return false
  const { platform, version } = client
  const windows = platform !== '' && (platform === 'Windows') !== /Windows NT/.test(userAgent)
  const apple = platform !== '' && (platform === 'macOS') !== /Macintosh/.test(userAgent)
  const stated = /Chrome\/(\d+)/.exec(userAgent)?.[1]
  return windows || apple || (version !== '' && stated !== undefined && version !== stated)
}

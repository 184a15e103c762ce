/**
 * What the browser says about the camera track, the media path and itself. All of it is the device's own account: it can
 * lower trust, never raise it, and any part may be missing.
 */
import type { CaptureFacts, Json } from '@ipse/protocol'
import { accountOf, inFreshRealm, isUntouched, type TrackAccount } from './realm.ts'

const LABEL_LIMIT = 200
const TEXT_LIMIT = 512

/** Plain JSON out of what a browser hands over: nested objects and lists kept, anything else left out. */
export function toPlainJson(value: unknown, depth = 3): Json | undefined {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'string') return value.slice(0, LABEL_LIMIT)
  if (typeof value !== 'object' || depth === 0) return undefined
  if (Array.isArray(value))
    return value.flatMap((item) => {
      const plain = toPlainJson(item, depth - 1)
      return plain === undefined ? [] : [plain]
    })
  return plainMembers(value, depth)
}

function plainMembers(value: object, depth = 3): { [key: string]: Json } {
  const out: { [key: string]: Json } = {}
  for (const [key, member] of Object.entries(value).slice(0, 64)) {
    const plain = toPlainJson(member, depth - 1)
    if (plain !== undefined) out[key] = plain
  }
  return out
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** User-agent client hints, where a browser has them. */
interface ClientHints {
  readonly platform: string
  readonly brands: readonly { readonly brand: string; readonly version: string }[]
}

function clientOf(navigator: Navigator | undefined): CaptureFacts['client'] {
  const hints = (navigator as { readonly userAgentData?: ClientHints } | undefined)?.userAgentData
  if (hints === undefined) return undefined
  const chromium = hints.brands.find(({ brand }) => brand === 'Chromium')
  return {
    platform: hints.platform.slice(0, LABEL_LIMIT),
    version: chromium?.version.slice(0, LABEL_LIMIT) ?? '',
  }
}

function screenOf(view: Window): CaptureFacts['screen'] {
  const { screen, devicePixelRatio, outerWidth, outerHeight } = view
  return { width: screen.width, height: screen.height, pixelRatio: devicePixelRatio, outerWidth, outerHeight }
}

/** Leaves out what the browser does not tell. */
export function collectFacts(page: Document, track: MediaStreamTrack, simulated: boolean): CaptureFacts {
  const view = page.defaultView
  const navigator = view?.navigator
  const seen = inFreshRealm(page, (fresh) => ({
    account: accountOf(track, fresh),
    untouched: view ? isUntouched(view, fresh, [track, view.navigator.mediaDevices]) : false,
  }))
  const account: TrackAccount = seen?.account ?? {
    label: track.label,
    trackType: track.constructor.name,
    settings: attempt(() => track.getSettings()),
    capabilities: attempt(() => track.getCapabilities()),
  }
  const facts: { [K in keyof CaptureFacts]: CaptureFacts[K] | undefined } = {
    label: account.label.slice(0, LABEL_LIMIT),
    trackType: account.trackType.slice(0, LABEL_LIMIT),
    settings: account.settings && plainMembers(account.settings),
    capabilities: account.capabilities && plainMembers(account.capabilities),
    mediaApiNative: seen?.untouched,
    webdriver: attempt(() => navigator?.webdriver === true),
    userAgent: attempt(() => navigator?.userAgent.slice(0, TEXT_LIMIT)),
    platform: attempt(() => navigator?.platform.slice(0, LABEL_LIMIT)),
    client: attempt(() => clientOf(navigator)),
    languages: attempt(() => navigator?.languages.length),
    touchPoints: attempt(() => navigator?.maxTouchPoints),
    screen: view ? screenOf(view) : undefined,
    simulated: simulated ? true : undefined,
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as CaptureFacts
}

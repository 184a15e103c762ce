/**
 * What the browser says about the camera track, the media path and itself. All of it is the device's own account: it can
 * lower trust, never raise it, and any part may be missing.
 */
import type { CaptureFacts, Json } from '@ipse/protocol'

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

/**
 * Whether the page's getUserMedia is the browser's own, as a fresh realm sees it: a script that replaced it in this realm
 * has not yet reached the new one. Undefined when no fresh realm could be made.
 */
export function mediaApiIsNative(page: Document): boolean | undefined {
  const frame = page.createElement('iframe')
  frame.hidden = true
  try {
    page.documentElement.append(frame)
    const fresh = frame.contentWindow as (Window & typeof globalThis) | null
    const devices = page.defaultView?.navigator.mediaDevices
    const own = fresh?.MediaDevices?.prototype.getUserMedia
    if (!fresh || !devices || !own) return undefined
    const source = (fn: unknown) => fresh.Function.prototype.toString.call(fn)
    const used = devices.getUserMedia
    return (
      !Object.hasOwn(devices, 'getUserMedia') &&
      typeof used === 'function' &&
      source(used) === source(own) &&
      /\{\s*\[native code\]\s*\}$/.test(source(used)) &&
      used.name === own.name &&
      used.length === own.length &&
      !Object.hasOwn(used, 'toString')
    )
  } catch {
    return undefined
  } finally {
    frame.remove()
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Leaves out what the browser does not tell. */
export function collectFacts(page: Document, track: MediaStreamTrack, simulated: boolean): CaptureFacts {
  const view = page.defaultView
  const navigator = view?.navigator
  const facts: { [K in keyof CaptureFacts]: CaptureFacts[K] | undefined } = {
    label: track.label.slice(0, LABEL_LIMIT),
    trackType: attempt(() => String(track.constructor.name).slice(0, LABEL_LIMIT)),
    settings: attempt(() => plainMembers(track.getSettings())),
    capabilities: attempt(() => plainMembers(track.getCapabilities())),
    mediaApiNative: mediaApiIsNative(page),
    webdriver: attempt(() => navigator?.webdriver === true),
    userAgent: attempt(() => navigator?.userAgent.slice(0, TEXT_LIMIT)),
    platform: attempt(() => navigator?.platform.slice(0, LABEL_LIMIT)),
    screen: view
      ? { width: view.screen.width, height: view.screen.height, pixelRatio: view.devicePixelRatio }
      : undefined,
    simulated: simulated ? true : undefined,
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as CaptureFacts
}

/**
 * The page as a fresh realm sees it. A script that replaced the way from the camera to the pictures in this realm has not
 * reached the new one: its functions tell whether the page's are the browser's own, and what a track really is. Only
 * lowers trust: a browser that was changed itself, or a hook in every realm, is not seen.
 */

type Realm = Window & typeof globalThis
type Member = (this: unknown, ...rest: unknown[]) => unknown

/** Everything that a picture passes on its way, and everything that is said about its track. */
const MEDIA_PATH: Readonly<Record<string, readonly string[]>> = {
  MediaDevices: ['getUserMedia'],
  MediaStream: ['getVideoTracks'],
  MediaStreamTrack: ['label', 'readyState', 'getSettings', 'getCapabilities', 'applyConstraints'],
  HTMLMediaElement: ['srcObject', 'play'],
  HTMLVideoElement: ['videoWidth', 'videoHeight', 'requestVideoFrameCallback'],
  CanvasRenderingContext2D: ['drawImage'],
  HTMLCanvasElement: ['getContext', 'toBlob'],
}

/** Calls `use` with a realm that no script of the page has seen; undefined when none could be made. */
export function inFreshRealm<T>(page: Document, use: (fresh: Realm) => T): T | undefined {
  const frame = page.createElement('iframe')
  frame.hidden = true
  try {
    page.documentElement.append(frame)
    const fresh = frame.contentWindow as Realm | null
    return fresh?.MediaDevices === undefined ? undefined : use(fresh)
  } catch {
    return undefined
  } finally {
    frame.remove()
  }
}

/** Whether nothing on the way is replaced: neither the functions nor, on top of them, members of these very objects. */
export function isUntouched(page: Realm, fresh: Realm, objects: readonly object[]): boolean {
  const source = (member: Member) => fresh.Function.prototype.toString.call(member)
  return Object.entries(MEDIA_PATH).every(([name, members]) =>
    members.every((member) => {
      const [used, own] = [membersOf(page, name, member), membersOf(fresh, name, member)]
      return (
        objects.every((object) => !Object.hasOwn(object, member)) &&
        used.length === own.length &&
        used.every((fn, i) => isSame(fn, own[i]!, source))
      )
    }),
  )
}

/** A function, or the halves of an accessor; none where the browser does not have it. */
function membersOf(realm: Realm, name: string, member: string): Member[] {
  const made = (realm as unknown as Record<string, { prototype: object } | undefined>)[name]
  const found = made && Object.getOwnPropertyDescriptor(made.prototype, member)
  return [found?.value, found?.get, found?.set].filter((part) => typeof part === 'function')
}

function isSame(used: Member, own: Member, source: (member: Member) => string): boolean {
  return (
    source(used) === source(own) &&
    /\{\s*\[native code\]\s*\}$/.test(source(used)) &&
    used.name === own.name &&
    used.length === own.length &&
    !Object.hasOwn(used, 'toString')
  )
}

/** What the browser itself says about a track, whatever the page's own functions say. */
export interface TrackAccount {
  readonly label: string
  readonly trackType: string
  readonly settings: object | undefined
  readonly capabilities: object | undefined
}

export function accountOf(track: MediaStreamTrack, fresh: Realm): TrackAccount {
  const read = (member: string) => membersOf(fresh, 'MediaStreamTrack', member)[0]?.call(track)
  return {
    label: String(read('label') ?? ''),
    trackType: isCanvasTrack(track, fresh) ? 'CanvasCaptureMediaStreamTrack' : String(track.constructor.name),
    settings: read('getSettings') as object | undefined,
    capabilities: read('getCapabilities') as object | undefined,
  }
}

/** Only the track of a canvas has a canvas to tell of; the name of a constructor can be given to anything. */
function isCanvasTrack(track: MediaStreamTrack, fresh: Realm): boolean {
  const [canvasOf] = membersOf(fresh, 'CanvasCaptureMediaStreamTrack', 'canvas')
  try {
    return canvasOf?.call(track) !== undefined
  } catch {
    return false
  }
}

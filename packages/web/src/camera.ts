/**
 * Opens the camera and names every way in which that fails. Sources: W3C Media Capture and Streams §10.3 (getUserMedia),
 * §10.2 and §4.3 for the exceptions; never asks for the microphone.
 */
import { type ChallengeStep, type ErrorCode, IpseError } from '@ipse/protocol'

/** A page may supply the stream itself; such a camera counts as simulated. */
export type CameraSource = (constraints: MediaStreamConstraints) => Promise<MediaStream>

/** Smallest usable picture, pixels, long and short side: below, faces in the oval have no 64 px between the eyes. */
export const MINIMUM = { long: 480, short: 360 } as const

export const CONSTRAINTS: MediaStreamConstraints = {
  audio: false,
  video: {
    facingMode: 'user',
    width: { ideal: 640 },
    height: { ideal: 480 },
    frameRate: { ideal: 30 },
  },
}

/** Names of exceptions as getUserMedia throws them, old names of some browsers included. */
export const CAMERA_ERRORS: Readonly<Record<string, ErrorCode>> = {
  NotAllowedError: 'camera_denied',
  PermissionDeniedError: 'camera_denied',
  SecurityError: 'camera_denied',
  NotFoundError: 'camera_not_found',
  DevicesNotFoundError: 'camera_not_found',
  NotReadableError: 'camera_busy',
  TrackStartError: 'camera_busy',
  AbortError: 'camera_busy',
  OverconstrainedError: 'camera_insufficient',
  ConstraintNotSatisfiedError: 'camera_insufficient',
  TypeError: 'unsupported_browser',
  NotSupportedError: 'unsupported_browser',
  InvalidStateError: 'camera_ended',
}

/** The code for whatever getUserMedia threw; our own errors keep theirs. */
export function cameraErrorCode(thrown: unknown): ErrorCode {
  if (thrown instanceof IpseError) return thrown.code
  const name = typeof thrown === 'object' && thrown !== null && 'name' in thrown ? String(thrown.name) : ''
  return (Object.hasOwn(CAMERA_ERRORS, name) && CAMERA_ERRORS[name]) || 'internal'
}

/** What of the environment is looked at before anything starts. */
export interface Environment {
  readonly isSecureContext: boolean
  readonly navigator: { readonly mediaDevices?: { readonly getUserMedia?: unknown } }
  readonly crypto?: { readonly subtle?: unknown }
  readonly WebSocket?: unknown
  readonly HTMLCanvasElement?: { readonly prototype: { readonly toBlob?: unknown } }
  /** Permissions Policy as Chromium lets it be asked; elsewhere getUserMedia refuses. */
  readonly document?: { readonly featurePolicy?: { allowsFeature(name: string): boolean } }
}

/** Why nothing can start here, or undefined when everything needed is there. */
export function environmentProblem(where: Environment, ownCamera: boolean): ErrorCode | undefined {
  if (!where.isSecureContext) return 'insecure_context'
  const media = ownCamera || typeof where.navigator.mediaDevices?.getUserMedia === 'function'
  const rest = where.crypto?.subtle && where.WebSocket && where.HTMLCanvasElement?.prototype.toBlob
  if (!media || !rest) return 'unsupported_browser'
  const forbidden = !ownCamera && where.document?.featurePolicy?.allowsFeature('camera') === false
  return forbidden ? 'camera_forbidden' : undefined
}

export function stopStream(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
}

/** @throws IpseError with a `camera_…`, `unsupported_browser` or `internal` code */
export async function openCamera(source: CameraSource): Promise<MediaStream> {
  let stream: MediaStream | undefined
  try {
    stream = await source(CONSTRAINTS)
    const track = stream.getVideoTracks()[0]
    if (!track) throw new IpseError('camera_not_found')
    if (track.readyState === 'ended') throw new IpseError('camera_ended')
    return stream
  } catch (cause) {
    stopStream(stream)
    throw new IpseError(cameraErrorCode(cause), undefined, { cause })
  }
}

/** Whether the picture is large enough; phones held upright deliver portrait pictures. */
export function isLargeEnough(width: number, height: number): boolean {
  return Math.max(width, height) >= MINIMUM.long && Math.min(width, height) >= MINIMUM.short
}

const constrained = new WeakSet<MediaStreamTrack>()

/**
 * Asks the camera for the format of a `camera-constraint` step, and for the usual one again with the step after it. A
 * camera that cannot goes on as it was: the pictures show it, and the service sees the pictures.
 */
export async function constrainCamera(track: MediaStreamTrack, step: ChallengeStep): Promise<void> {
  const asked = step.kind === 'camera-constraint'
  if (!asked && !constrained.has(track)) return
  if (asked) constrained.add(track)
  else constrained.delete(track)
  const usual = CONSTRAINTS.video as MediaTrackConstraints
  const wanted: MediaTrackConstraints = asked
    ? {
        width: { ideal: step.width },
        height: { ideal: step.height },
        frameRate: { ideal: step.framesPerSecond, max: step.framesPerSecond },
      }
    : usual
  await track.applyConstraints(wanted).catch(() => {})
}

/**
 * Records: what travels inside the sealed channel, from the capture device to the server.
 *   record = u8 kind ‖ u32 header length ‖ header (JSON, UTF-8) ‖ body
 * A frame's body is the JPEG as captured. Everything in here is the device's own account: it can lower trust only.
 */
import type { PasskeyHindrance } from './capture-messages.ts'
import { type Bytes, concat, fromUtf8, type Json, u32, utf8 } from './encoding.ts'
import { IpseError } from './errors.ts'
import type { DeviceSign } from './vocabulary.ts'

export const RECORD_KINDS = { facts: 1, frame: 2, seen: 3, submit: 4 } as const
export type RecordKind = keyof typeof RECORD_KINDS

/** Largest JSON header of a record, in bytes; facts about a device need about 2 kB. */
export const MAX_HEADER_BYTES = 16_384

/** What the browser says about camera track, media path and itself. All optional: browsers differ. */
export interface CaptureFacts {
  /** Label of the video track, at most 200 characters. */
  readonly label?: string
  /** Constructor name of the track (`MediaStreamTrack` for cameras, `CanvasCaptureMediaStreamTrack` for canvases). */
  readonly trackType?: string
  readonly settings?: { readonly [key: string]: Json | undefined }
  readonly capabilities?: { readonly [key: string]: Json | undefined }
  /** A fresh realm sees nothing replaced on the way from the camera to the pictures. */
  readonly mediaApiNative?: boolean
  readonly webdriver?: boolean
  readonly userAgent?: string
  readonly platform?: string
  /** User-agent client hints: platform, and Chromium's major version. */
  readonly client?: { readonly platform: string; readonly version: string }
  /** Number of the person's languages, and of fingers that the screen feels. */
  readonly languages?: number
  readonly touchPoints?: number
  readonly screen?: {
    readonly width: number
    readonly height: number
    readonly pixelRatio: number
    readonly outerWidth?: number
    readonly outerHeight?: number
  }
  /** The page knows that the camera is simulated and says so. */
  readonly simulated?: boolean
  /** What a mobile app found against its own device. */
  readonly signs?: readonly DeviceSign[]
  /** What the person said to the notice that the screen will change colours; without `agreed` it does not. */
  readonly colours?: 'agreed' | 'declined'
}

export interface FrameHeader {
  /** Number of the frame, from 0, without gaps. */
  readonly frame: number
  /** Time of capture by the device's monotonic clock, microseconds. */
  readonly capturedUs: number
  /** Index of the step that the person was shown when the frame was taken. */
  readonly step: number
  readonly width: number
  readonly height: number
}

export interface SeenHeader {
  /** Index of the step that is now on screen, and of the cue within it when the step was there already. */
  readonly step: number
  readonly cue?: number
  /** base64url SHA-256 of the step's or cue's message as received. */
  readonly digest: string
  readonly shownUs: number
}

export interface SubmitHeader {
  /** base64url T: transcript head before this record. */
  readonly digest: string
  /** base64url ECDSA over `transcriptStatement(T)` by the device key. */
  readonly signature: string
  readonly attestation?: DeviceAttestation
  /** Why there is no passkey, where `finish` asked for one. */
  readonly passkey?: PasskeyHindrance
}

/**
 * A device's proof over T, of one of five forms; bytes are base64url. What is signed is for App Attest SHA-256(T) as
 * client data hash, for Play Integrity base64url(T) as request hash, for WebAuthn T as challenge.
 */
export type DeviceAttestation =
  | { readonly format: 'app-attest'; readonly keyId: string; readonly attestation: string }
  | { readonly format: 'app-attest-assertion'; readonly keyId: string; readonly assertion: string }
  | { readonly format: 'play-integrity'; readonly token: string }
  | {
      readonly format: 'webauthn-registration'
      readonly id: string
      readonly clientData: string
      readonly attestation: string
    }
  | {
      readonly format: 'webauthn'
      readonly id: string
      readonly clientData: string
      readonly authenticatorData: string
      readonly signature: string
    }
export type AttestationFormat = DeviceAttestation['format']

export interface RecordHeaders {
  readonly facts: CaptureFacts
  readonly frame: FrameHeader
  readonly seen: SeenHeader
  readonly submit: SubmitHeader
}

export interface OpenRecord {
  readonly kind: RecordKind
  /** Not yet checked against the kind's shape. */
  readonly header: unknown
  /** base64url H(i-1) as the device states it. */
  readonly previous: string
  /** A part of the record, not a copy. */
  readonly body: Bytes
}

export function encodeRecord<K extends RecordKind>(
  kind: K,
  header: RecordHeaders[K],
  previous: string,
  body: Uint8Array = new Uint8Array(0),
): Bytes {
  const json = utf8(JSON.stringify({ previous, header }))
  return concat(new Uint8Array([RECORD_KINDS[kind]]), u32(json.length), json, body)
}

/** @throws IpseError `invalid_request` */
export function parseRecord(bytes: Bytes): OpenRecord {
  const refuse = (what: string) => new IpseError('invalid_request', `record: ${what}`)
  if (bytes.length < 5) throw refuse('too short')
  const kind = (Object.keys(RECORD_KINDS) as RecordKind[]).find((name) => RECORD_KINDS[name] === bytes[0])
  if (kind === undefined) throw refuse('unknown kind')
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
  if (length > MAX_HEADER_BYTES || 5 + length > bytes.length) throw refuse('header length')
  let parsed: unknown
  try {
    parsed = JSON.parse(fromUtf8(bytes.subarray(5, 5 + length)))
  } catch {
    throw refuse('header is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw refuse('header is not an object')
  const { previous, header, ...rest } = parsed as Record<string, unknown>
  if (typeof previous !== 'string' || Object.keys(rest).length > 0) throw refuse('header members')
  return { kind, header, previous, body: bytes.subarray(5 + length) }
}

/** Strict reading of what a capture device sends: open messages and record headers. Every function takes `unknown`. */
import {
  type AttestationFormat,
  type CaptureFacts,
  DEVICE_SIGNS,
  type DeviceAttestation,
  type DeviceSign,
  type FrameHeader,
  fromBase64url,
  type Hello,
  HINDRANCES,
  IpseError,
  type Json,
  type Open,
  PASSKEY_HINDRANCES,
  type SeenHeader,
  type SubmitHeader,
} from '@ipse/protocol'
import { parseStrictJson } from '../strict-json.ts'
import { isSdk, isServedProtocol } from '../version.ts'

const refuse = (what: string) => new IpseError('challenge_mismatch', what)

function membersOf(value: unknown, allowed: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('not an object')
  if (Object.keys(value).some((key) => !allowed.includes(key))) throw refuse('unknown member')
  return value as Record<string, unknown>
}

function parseJson(text: string): unknown {
  try {
    return parseStrictJson(text)
  } catch {
    throw refuse('not JSON, or a member twice')
  }
}

function wholeNumber(value: unknown, most: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most)
    throw refuse('number out of range')
  return value
}

function base64url(value: unknown, bytes: number): string {
  if (typeof value !== 'string' || value.length > 2 * bytes + 4) throw refuse('not base64url')
  try {
    if (fromBase64url(value).length === bytes) return value
  } catch {}
  throw refuse('not base64url of the right length')
}

/** `ipse-capture/` and a number. */
const PROTOCOL = /^ipse-capture\/\d{1,4}$/

/**
 * A hello of another protocol is read where it can be, so that the relying party learns of its outdated element; admission
 * refuses it.
 * @throws IpseError `unsupported_version`, `session_token_invalid`
 */
export function parseHello(text: string): Hello {
  let value: unknown
  const wrong = (cause?: unknown) => {
    const code = speaksAnother(value) ? 'unsupported_version' : 'session_token_invalid'
    return new IpseError(code, undefined, { cause })
  }
  let members: Record<string, unknown>
  try {
    value = parseJson(text)
    members = membersOf(value, ['type', 'protocol', 'token', 'proof', 'sdk', 'unable'])
  } catch (cause) {
    throw wrong(cause)
  }
  const { type, protocol, token, proof, sdk, unable } = members
  if (type !== 'hello' || typeof token !== 'string' || typeof proof !== 'string' || typeof sdk !== 'string')
    throw wrong()
  if (typeof protocol !== 'string' || !PROTOCOL.test(protocol) || !isSdk(sdk))
    throw new IpseError('unsupported_version')
  const hello = { type, protocol, token, proof, sdk } as const
  if (unable === undefined) return hello
  const hindrance = HINDRANCES.find((code) => code === unable)
  if (hindrance === undefined) throw wrong()
  return { ...hello, unable: hindrance }
}

/** A hello that we cannot read, of a protocol that is not ours. */
function speaksAnother(value: unknown): boolean {
  const { protocol } = (value ?? {}) as { protocol?: unknown }
  return typeof protocol === 'string' && PROTOCOL.test(protocol) && !isServedProtocol(protocol)
}

/** HPKE encapsulated secret: an uncompressed P-256 point, bytes. */
const ENC_BYTES = 65

export function parseOpen(text: string): Open {
  const { type, enc } = membersOf(parseJson(text), ['type', 'enc'])
  if (type !== 'open') throw refuse('not open')
  return { type, enc: base64url(enc, ENC_BYTES) }
}

/** Largest image side that a device may state, pixels. */
const MAX_SIDE = 8192

export function parseFrameHeader(header: unknown): FrameHeader {
  const { frame, capturedUs, step, width, height } = membersOf(header, [
    'frame',
    'capturedUs',
    'step',
    'width',
    'height',
  ])
  return {
    frame: wholeNumber(frame, 1e6),
    capturedUs: wholeNumber(capturedUs, Number.MAX_SAFE_INTEGER),
    step: wholeNumber(step, 1000),
    width: wholeNumber(width, MAX_SIDE),
    height: wholeNumber(height, MAX_SIDE),
  }
}

export function parseSeenHeader(header: unknown): SeenHeader {
  const { step, cue, digest, shownUs } = membersOf(header, ['step', 'cue', 'digest', 'shownUs'])
  return {
    step: wholeNumber(step, 1000),
    ...(cue === undefined ? {} : { cue: wholeNumber(cue, 1000) }),
    digest: base64url(digest, 32),
    shownUs: wholeNumber(shownUs, Number.MAX_SAFE_INTEGER),
  }
}

export function parseSubmitHeader(header: unknown): SubmitHeader {
  const { digest, signature, attestation, passkey } = membersOf(header, [
    'digest',
    'signature',
    'attestation',
    'passkey',
  ])
  const hindrance = PASSKEY_HINDRANCES.find((code) => code === passkey)
  if (passkey !== undefined && (hindrance === undefined || attestation !== undefined)) throw refuse('passkey')
  return {
    digest: base64url(digest, 32),
    signature: base64url(signature, 64),
    ...(attestation === undefined ? {} : { attestation: parseAttestation(attestation) }),
    ...(hindrance === undefined ? {} : { passkey: hindrance }),
  }
}

/** Members of each form of attestation beside `format`. */
const ATTESTATIONS: Readonly<Record<AttestationFormat, readonly string[]>> = {
  'app-attest': ['keyId', 'attestation'],
  'app-attest-assertion': ['keyId', 'assertion'],
  'play-integrity': ['token'],
  'webauthn-registration': ['id', 'clientData', 'attestation'],
  webauthn: ['id', 'clientData', 'authenticatorData', 'signature'],
}

/** The shape only; whether it proves anything is for the verifiers. The record's header bounds its length. */
function parseAttestation(value: unknown): DeviceAttestation {
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined
  if (typeof format !== 'string' || !Object.hasOwn(ATTESTATIONS, format)) throw refuse('attestation format')
  const names = ATTESTATIONS[format as AttestationFormat]
  const members = membersOf(value, ['format', ...names])
  if (names.some((name) => typeof members[name] !== 'string')) throw refuse('attestation')
  return members as DeviceAttestation
}

/** A JPEG begins so; anything else never reaches a decoder. */
export function assertJpeg(bytes: Uint8Array, maxBytes: number): void {
  if (bytes.length > maxBytes) throw refuse('frame too large')
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) throw refuse('frame is not a JPEG')
}

/** Longest text about a device that is looked at, characters. */
const MAX_FACT_TEXT = 400

/** Facts can only lower trust, so unknown members are passed over, and odd ones count as not said. */
export function parseFacts(header: unknown): CaptureFacts {
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw refuse('facts')
  const facts = header as Record<string, unknown>
  const text = (name: string) => {
    const value = facts[name]
    return typeof value === 'string' ? { [name]: value.slice(0, MAX_FACT_TEXT) } : {}
  }
  const flag = (name: string) => (typeof facts[name] === 'boolean' ? { [name]: facts[name] } : {})
  const object = (name: string) => {
    const value = facts[name]
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { [name]: value as { [key: string]: Json } }
      : {}
  }
  const count = (name: string) => (Number.isSafeInteger(facts[name]) ? { [name]: facts[name] as number } : {})
  return {
    ...text('label'),
    ...text('trackType'),
    ...text('userAgent'),
    ...text('platform'),
    ...object('settings'),
    ...object('capabilities'),
    ...client(facts.client),
    ...screen(facts.screen),
    ...count('languages'),
    ...count('touchPoints'),
    ...flag('mediaApiNative'),
    ...flag('webdriver'),
    ...flag('simulated'),
    ...signs(facts.signs),
    ...(facts.colours === 'agreed' || facts.colours === 'declined' ? { colours: facts.colours } : {}),
  }
}

/** Signs that Ipse knows; a list that names none of them says nothing. */
function signs(given: unknown): Pick<CaptureFacts, 'signs'> {
  const known = (Object.keys(DEVICE_SIGNS) as DeviceSign[]).filter(
    (sign) => Array.isArray(given) && given.includes(sign),
  )
  return known.length === 0 ? {} : { signs: known }
}

function client(given: unknown): Pick<CaptureFacts, 'client'> {
  if (typeof given !== 'object' || given === null) return {}
  const { platform, version } = given as Record<string, unknown>
  if (typeof platform !== 'string' || typeof version !== 'string') return {}
  return { client: { platform: platform.slice(0, MAX_FACT_TEXT), version: version.slice(0, MAX_FACT_TEXT) } }
}

function screen(given: unknown): Pick<CaptureFacts, 'screen'> {
  if (typeof given !== 'object' || given === null) return {}
  const { width, height, pixelRatio, outerWidth, outerHeight } = given as Record<string, unknown>
  if (typeof width !== 'number' || typeof height !== 'number' || typeof pixelRatio !== 'number') return {}
  return {
    screen: {
      width,
      height,
      pixelRatio,
      ...(typeof outerWidth === 'number' ? { outerWidth } : {}),
      ...(typeof outerHeight === 'number' ? { outerHeight } : {}),
    },
  }
}

/**
 * Bytes, base64url, canonical JSON and hashes: strict in both directions, so that one value has one encoding.
 * Sources: RFC 4648 §5 (no padding), RFC 8785 (JSON canonicalization; our values hold no exotic numbers).
 */
import { IpseError } from './errors.ts'

export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function utf8(text: string): Bytes {
  return encoder.encode(text)
}

/** @throws IpseError `invalid_request` for bytes that are not UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new IpseError('invalid_request', 'text is not UTF-8', { cause })
  }
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Unsigned 32-bit integer, big-endian. */
export function u32(value: number): Bytes {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, value)
  return out
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter.charCodeAt(0), value]))

export function toBase64url(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const letters = Math.min(4, bytes.length - i + 1)
    for (let j = 0; j < letters; j++) out += ALPHABET[(word >> (18 - 6 * j)) & 63]
  }
  return out
}

/**
 * Accepts the one canonical encoding only: no padding, no white space, no stray bits.
 * @throws IpseError `invalid_request`
 */
export function fromBase64url(text: string): Bytes {
  if (text.length % 4 === 1) throw new IpseError('invalid_request', 'not base64url: impossible length')
  const out = new Uint8Array((text.length * 3) >> 2)
  let word = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = VALUES.get(text.charCodeAt(i))
    if (value === undefined) throw new IpseError('invalid_request', 'not base64url: foreign character')
    word = (word << 6) | value
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = (word >> bits) & 255
      word &= (1 << bits) - 1
    }
  }
  if (word !== 0) throw new IpseError('invalid_request', 'not base64url: not canonical')
  return out
}

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/** Canonical JSON: keys sorted by UTF-16 code units, no white space, `undefined` members left out. */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('JSON has no such number')
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = value as { readonly [key: string]: Json | undefined }
  let out = ''
  // Without a comparator names are sorted as RFC 8785 §3.2.3 asks.
  for (const key of Object.keys(members).sort()) {
    const member = members[key]
    if (member === undefined) continue
    out += `${out === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return `{${out}}`
}

export async function sha256(bytes: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Bytes))
}

/** base64url of SHA-256 over canonical JSON: how policies, plans and texts are named. */
export async function digestOf(value: Json): Promise<string> {
  return toBase64url(await sha256(utf8(canonicalJson(value))))
}

/** Compares without telling by time where two byte strings differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

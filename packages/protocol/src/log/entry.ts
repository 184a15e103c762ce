/**
 * An entry of the audit log as bytes: canonical JSON, so that one entry has one hash. It says which place of which log it
 * has; what else is in it is the server's affair (store.ts, AuditEntry).
 */
import { type Bytes, canonicalJson, fromUtf8, type Json, utf8 } from '../encoding.ts'
import { IpseError } from '../errors.ts'

/** Of the entries; a reader that does not know it says so instead of guessing. */
export const ENTRY_VERSION = 1

/** What every entry has, in every version to come. */
export interface LogEntry {
  readonly v: number
  /** Place in the log, from 0. */
  readonly index: number
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly tenant: string
  readonly event: string
  readonly [member: string]: unknown
}

/** @param entry plain data without `v` and `index` */
export function encodeEntry(entry: Readonly<Record<string, Json | undefined>>, index: number): Bytes {
  return utf8(canonicalJson({ ...entry, v: ENTRY_VERSION, index }))
}

/** @throws IpseError `log_invalid` unless the bytes are what {@link encodeEntry} makes */
export function parseEntry(bytes: Uint8Array): LogEntry {
  let text: string
  let entry: LogEntry
  try {
    text = fromUtf8(bytes)
    entry = JSON.parse(text) as LogEntry
  } catch (cause) {
    throw new IpseError('log_invalid', 'the entry is not JSON', { cause })
  }
  if (!isEntry(entry)) throw new IpseError('log_invalid', 'the entry lacks what every entry has')
  // What JSON.parse forgives (white space, doubled members, other spellings) does not come back.
  if (JSON.stringify(entry) !== text || !isSorted(entry))
    throw new IpseError('log_invalid', 'the entry is not canonical')
  return entry
}

function isEntry(entry: LogEntry | null): boolean {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    entry.v === ENTRY_VERSION &&
    Number.isSafeInteger(entry.index) &&
    Number.isSafeInteger(entry.time) &&
    [entry.id, entry.tenant, entry.event].every((text) => typeof text === 'string')
  )
}

/** Whether the members of all objects are in the order of RFC 8785. Written for speed: a log has millions of entries. */
function isSorted(value: object): boolean {
  const names = Object.keys(value)
  const members = value as Record<string, unknown>
  const named = !Array.isArray(value)
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string
    if (named && at > 0 && (names[at - 1] as string) >= name) return false
    const member = members[name]
    if (typeof member === 'object' && member !== null && !isSorted(member)) return false
  }
  return true
}

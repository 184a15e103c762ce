/**
 * Signed notes, C2SP signed-note: a text, an empty line, and signatures that name their key.
 *
 *   example.com/log/acme
 *   17
 *   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 *   — example.com/log/acme Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
 *
 * Ed25519 only, as the log's own signature or as a witness's cosignature (C2SP tlog-cosignature), which also says when.
 */
import { type Bytes, concat, equalBytes, fromUtf8, sha256, utf8 } from '../encoding.ts'
import { IpseError } from '../errors.ts'
import { fromBase64, toBase64 } from './base64.ts'

/** What a key signs with it: the note itself, or that it was seen consistent at a time. */
export const NOTE_KEY_TYPES = { note: 1, cosignature: 4 } as const
export type NoteKeyType = keyof typeof NOTE_KEY_TYPES

const KEY_ID_BYTES = 4
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** Seconds since the epoch before a cosignature, big-endian. */
const TIME_BYTES = 8
/** Longest note that is read, characters; a checkpoint has fewer than 500 with a handful of witnesses. */
const MAX_NOTE_LENGTH = 16_384
/** Key names have neither white space nor a plus. */
const KEY_NAME = /^[^\s+\p{Cc}]{1,256}$/u

/** A public key under the name that it signs with. */
export interface NoteVerifier {
  readonly name: string
  readonly type: NoteKeyType
  /** Raw Ed25519 key, 32 bytes. */
  readonly publicKey: Bytes
  /** First 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key). */
  readonly keyId: Bytes
}

export interface NoteSigner {
  readonly verifier: NoteVerifier
  /** Ed25519. */
  sign(message: Uint8Array): Bytes | Promise<Bytes>
}

export interface NoteSignature {
  readonly name: string
  readonly keyId: Bytes
  /** What follows the key's id: of Ed25519 the signature, before it the time of a cosignature. */
  readonly bytes: Bytes
}

/** A note that was read; nobody has verified a signature yet. */
export interface Note {
  /** Ends with a newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** @throws IpseError `log_invalid` for a name that notes cannot have */
export async function createVerifier(
  name: string,
  publicKey: Uint8Array,
  type: NoteKeyType = 'note',
): Promise<NoteVerifier> {
  if (!KEY_NAME.test(name) || publicKey.length !== KEY_BYTES) throw invalid('no key of a signed note')
  const typed = concat(Uint8Array.of(NOTE_KEY_TYPES[type]), publicKey)
  const keyId = (await sha256(concat(utf8(`${name}\n`), typed))).slice(0, KEY_ID_BYTES)
  return { name, type, publicKey: new Uint8Array(publicKey), keyId }
}

/** `<name>+<key id, hex>+<base64 of type and key>`: how a key is handed to others. */
export function toVerifierText({ name, type, publicKey, keyId }: NoteVerifier): string {
  return `${name}+${hex(keyId)}+${toBase64(concat(Uint8Array.of(NOTE_KEY_TYPES[type]), publicKey))}`
}

/** @throws IpseError `log_invalid` */
export async function parseVerifier(text: string): Promise<NoteVerifier> {
  const [name = '', id = '', ...rest] = text.split('+')
  const typed = fromBase64(rest.join('+'))
  const type = (Object.keys(NOTE_KEY_TYPES) as NoteKeyType[]).find((key) => NOTE_KEY_TYPES[key] === typed[0])
  if (!type) throw invalid('a key of another kind')
  const verifier = await createVerifier(name, typed.subarray(1), type)
  if (hex(verifier.keyId) !== id) throw invalid('the id of a key is not its own')
  return verifier
}

/** Signs a text, or adds a signature to those that a note has. */
export async function signNote(note: Note, signer: NoteSigner, nowMs: number): Promise<Note> {
  const { name, keyId, type } = signer.verifier
  const time = type === 'cosignature' ? timeBytes(nowMs) : new Uint8Array()
  const bytes = concat(time, await signer.sign(messageOf(note.text, time)))
  return { text: note.text, signatures: [...note.signatures, { name, keyId, bytes }] }
}

export function formatNote({ text, signatures }: Note): string {
  const lines = signatures.map(({ name, keyId, bytes }) => `— ${name} ${toBase64(concat(keyId, bytes))}\n`)
  return `${text}\n${lines.join('')}`
}

/** Accepts what {@link formatNote} writes and nothing else. @throws IpseError `log_invalid` */
export function parseNote(note: string): Note {
  const end = note.lastIndexOf('\n\n')
  if (note.length > MAX_NOTE_LENGTH || end < 1 || !note.endsWith('\n') || /[\p{Cc}--\n]/v.test(note))
    throw invalid('no signed note')
  const lines = note.slice(end + 2, -1).split('\n')
  const signatures = lines.map((line) => {
    const [, name = '', encoded = ''] = /^— (\S+) (\S+)$/u.exec(line) ?? []
    const bytes = fromBase64(encoded)
    if (!KEY_NAME.test(name) || bytes.length <= KEY_ID_BYTES)
      throw invalid('a signature of the note is damaged')
    return { name, keyId: bytes.slice(0, KEY_ID_BYTES), bytes: bytes.slice(KEY_ID_BYTES) }
  })
  return { text: note.slice(0, end + 1), signatures }
}

/** A signature that holds; of a cosignature also when it was given, seconds since the epoch. */
export interface Signed {
  readonly verifier: NoteVerifier
  readonly time?: number
}

/**
 * The known keys that have signed the note, each once. Signatures of other keys are passed over; one in the name and id
 * of a known key that does not hold makes the note worthless.
 * @throws IpseError `log_invalid`
 */
export async function verifyNote(note: Note, verifiers: readonly NoteVerifier[]): Promise<Signed[]> {
  const signed: Signed[] = []
  for (const { name, keyId, bytes } of note.signatures) {
    const verifier = verifiers.find((known) => known.name === name && equalBytes(known.keyId, keyId))
    if (!verifier) continue
    const time = bytes.subarray(0, verifier.type === 'cosignature' ? TIME_BYTES : 0)
    if (!(await verifyEd25519(verifier.publicKey, bytes.subarray(time.length), messageOf(note.text, time))))
      throw invalid(`a signature of ${name} does not hold`)
    if (signed.every((earlier) => earlier.verifier !== verifier))
      signed.push({ verifier, ...(time.length === 0 ? {} : { time: timeOf(time) }) })
  }
  return signed
}

/** The bytes of a text that came as bytes, strictly UTF-8. @throws IpseError `log_invalid` */
export function noteText(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    throw invalid('no signed note', cause)
  }
}

function messageOf(text: string, time: Uint8Array): Bytes {
  return utf8(time.length === 0 ? text : `cosignature/v1\ntime ${timeOf(time)}\n${text}`)
}

async function verifyEd25519(key: Bytes, signature: Uint8Array, message: Bytes): Promise<boolean> {
  if (signature.length !== SIGNATURE_BYTES) return false
  const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', imported, new Uint8Array(signature), message)
}

function timeBytes(nowMs: number): Bytes {
  const out = new Uint8Array(TIME_BYTES)
  new DataView(out.buffer).setBigUint64(0, BigInt(Math.floor(nowMs / 1000)))
  return out
}

function timeOf(time: Uint8Array): number {
  return Number(new DataView(time.buffer, time.byteOffset, TIME_BYTES).getBigUint64(0))
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

function invalid(what: string, cause?: unknown): IpseError {
  return new IpseError('log_invalid', what, { cause })
}

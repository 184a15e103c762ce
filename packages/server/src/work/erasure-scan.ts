/**
 * The check of an erasure that asks nobody: what must be gone is searched for, byte by byte, in the raw files of the store (tables,
 * free pages, write-ahead log) and whatever else lies beside them. What is searched for is drawn from the store before.
 */
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { utf8 } from '@ipse/protocol'
import type { Keys } from '../keys/keys.ts'
import type { ReferenceRecord, Store } from '../store/store.ts'

/** Bytes that belong to one person and nobody else. */
export interface Marker {
  /** What it is a part of. */
  readonly of: string
  readonly bytes: Uint8Array
}

export interface Hit {
  readonly file: string
  readonly of: string
  /** Of the first one in the file. */
  readonly offset: number
}

export interface Scan {
  readonly files: number
  readonly bytes: number
  readonly hits: readonly Hit[]
}

/** A shorter text stands in a file by chance. */
const SHORTEST = 6
/** Databases cut what is long into pieces: so many bytes stand together somewhere. */
const PIECE = 24
const CHUNK_BYTES = 4 << 20
const MOST_SESSIONS = 10_000

/**
 * What tells that something about a subject is still there: name and keyed hash, pieces of sealed templates and their keys, of
 * sessions, receipts and authenticators. Session ids are left out: the audit log keeps them, and they lead nowhere.
 */
export async function markersOf(
  { store, keys }: { readonly store: Store; readonly keys: Pick<Keys, 'mac'> },
  tenant: string,
  subject: string,
): Promise<readonly Marker[]> {
  const markers: Marker[] = (['subject', 'data-key-owner'] as const).map((context) => ({
    of: 'keyed hash',
    bytes: utf8(keys.mac(context, [tenant, subject])),
  }))
  if (subject.length >= SHORTEST) markers.push({ of: 'subject', bytes: utf8(subject) })
  for (const reference of await store.listReferences(tenant, subject, { withdrawn: true })) {
    markers.push(...piecesOf('template', reference.sealed))
    markers.push(...piecesOf('data key', await wrappedKeyOf(store, reference)))
  }
  for (const session of await store.listSessions(tenant, { subject, limit: MOST_SESSIONS })) {
    markers.push({ of: 'session', bytes: utf8(session.tokenId) })
    if (session.receipt !== undefined) markers.push(...piecesOf('receipt', utf8(session.receipt.slice(-86))))
  }
  for (const { publicKey } of await store.listDeviceKeys(tenant, subject))
    markers.push(...piecesOf('authenticator', publicKey))
  return markers
}

async function wrappedKeyOf(store: Store, { key }: ReferenceRecord): Promise<Uint8Array> {
  if (!('id' in key)) return key.wrapped
  return (await store.findDataKey(key.id))?.wrapped ?? new Uint8Array()
}

/** From begin, middle and end. */
function piecesOf(of: string, bytes: Uint8Array): Marker[] {
  const last = bytes.length - PIECE
  if (last < 0) return []
  return [...new Set([0, Math.floor(last / 2), last])].map((at) => ({
    of,
    bytes: bytes.subarray(at, at + PIECE),
  }))
}

/** Reads files, and all files of folders. Files that go away meanwhile are left out. */
export async function scanFiles(paths: readonly string[], markers: readonly Marker[]): Promise<Scan> {
  const files = (await Promise.all(paths.map(filesOf))).flat()
  const hits: Hit[] = []
  let bytes = 0
  for (const file of files) {
    const found = new Set<Marker>()
    const longest = Math.max(1, ...markers.map((marker) => marker.bytes.length))
    let before = Buffer.alloc(0)
    let at = 0
    for await (const chunk of chunksOf(file)) {
      const window = Buffer.concat([before, chunk])
      for (const marker of markers) {
        const offset = found.has(marker) ? -1 : window.indexOf(marker.bytes)
        if (offset < 0) continue
        found.add(marker)
        hits.push({ file, of: marker.of, offset: at + offset })
      }
      before = window.subarray(Math.max(0, window.length - longest + 1))
      at += window.length - before.length
      bytes += chunk.length
    }
  }
  return { files: files.length, bytes, hits }
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file, { highWaterMark: CHUNK_BYTES })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return []
  if (!found.isDirectory()) return found.isFile() ? [path] : []
  const entries = await readdir(path)
  return (await Promise.all(entries.map((entry) => filesOf(join(path, entry))))).flat()
}

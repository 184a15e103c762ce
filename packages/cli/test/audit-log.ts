/** A log in memory that can be spoiled in every way: its entries, its tiles and its checkpoints lie open. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import {
  appendLeaf,
  type Bytes,
  concat,
  createVerifier,
  EMPTY_FRONTIER,
  encodeBundle,
  encodeEntry,
  type Frontier,
  formatCheckpoint,
  formatNote,
  type Json,
  leafHash,
  type NoteSigner,
  rootOf,
  signNote,
  TILE_HEIGHT,
  TILE_WIDTH,
  toVerifierText,
} from '@ipse/protocol'
import { sha256 } from '@ipse/server'
import type { LogSource } from '../src/audit/source.ts'

export const ORIGIN = 'ipse.test/log/shop'

export async function newSigner(origin = ORIGIN): Promise<NoteSigner> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return {
    verifier: await createVerifier(origin, new Uint8Array(Buffer.from(x, 'base64url'))),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  }
}

/** An entry with every member that entries have. */
export function anEntry(index: number): Readonly<Record<string, Json>> {
  const digest = createHash('sha256').update(String(index)).digest('base64url')
  return {
    id: `aud_${digest.slice(0, 22)}`,
    time: 1_795_000_000_000 + index,
    tenant: 'shop',
    event: 'capture.decided',
    sessionId: `ses_${digest.slice(0, 22)}`,
    subject: `subj_${digest.slice(3, 25)}`,
    decision: 'reject',
    reasons: ['challenge_not_answered', 'face_mismatch'],
    matchScore: 0.31,
    policy: 'standard/4',
    models: ['detector@1', 'embedder@3'],
    transcript: digest,
    receipt: `rcp_${digest.slice(2, 24)}`,
    requestId: `req_${digest.slice(5, 27)}`,
    note: 'none',
    until: 7,
  }
}

export interface OpenLog extends LogSource {
  readonly entries: Uint8Array[]
  /** Hashes of the tiles, by level. */
  readonly rows: Bytes[][]
  readonly notes: string[]
  readonly signer: NoteSigner
  keyTexts: string[]
}

export async function checkpointAt(signer: NoteSigner, frontier: Frontier): Promise<string> {
  const { name } = signer.verifier
  const text = formatCheckpoint({ origin: name, size: frontier.size, root: rootOf(frontier, sha256) })
  return formatNote(await signNote({ text, signatures: [] }, signer, 0))
}

/** @param signedAt sizes at which a checkpoint was signed, the last one that of the log */
export async function openLog(
  signedAt: readonly number[],
  signer?: NoteSigner,
  entryOf: (index: number) => Uint8Array = (index) => encodeEntry(anEntry(index), index),
): Promise<OpenLog> {
  const by = signer ?? (await newSigner())
  const entries: Uint8Array[] = []
  const rows: Bytes[][] = [[]]
  const notes: string[] = []
  let frontier = EMPTY_FRONTIER
  for (const size of signedAt) {
    while (frontier.size < size) {
      const entry = entryOf(frontier.size)
      const leaf = leafHash(entry, sha256)
      entries.push(entry)
      rows[0]?.push(leaf)
      frontier = appendLeaf(frontier, leaf, sha256, (level, index, hash) => {
        if (level % TILE_HEIGHT !== 0) return
        const row = rows[level / TILE_HEIGHT] ?? []
        row[index] = hash
        rows[level / TILE_HEIGHT] = row
      })
    }
    notes.push(await checkpointAt(by, frontier))
  }
  const log: OpenLog = {
    name: 'a log in memory',
    entries,
    rows,
    notes,
    signer: by,
    keyTexts: [toVerifierText(by.verifier)],
    checkpoint: async () => notes.at(-1),
    checkpoints: async () => notes,
    keys: async () => log.keyTexts,
    async tile({ level, index, width }) {
      const row: Uint8Array[] = level === 'entries' ? entries : (rows[level] ?? [])
      const found = row.slice(index * TILE_WIDTH, index * TILE_WIDTH + width)
      if (found.length !== width) return undefined
      return level === 'entries' ? encodeBundle(found) : concat(...found)
    },
  }
  return log
}

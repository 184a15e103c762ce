/**
 * A receipt that somebody kept, held against the log: it says a root, a place, and what the entry there is about. Whether the service
 * has signed it is `verifyReceipt`'s to say (@ipse/client); a receipt that nobody signed accuses nobody.
 */
import {
  assertCompactJws,
  decodeBundle,
  fromBase64url,
  fromUtf8,
  IpseError,
  leafHash,
  parseEntry,
  type ReceiptClaims,
  type Sha256,
  TILE_WIDTH,
  toBase64url,
} from '@ipse/protocol'
import { readNamedFile } from '../files.ts'
import type { Anchor } from './anchors.ts'
import type { LogProblem } from './problems.ts'
import type { LogSource } from './source.ts'

export type KeptClaims = Pick<ReceiptClaims, 'jti' | 'sid' | 'decision'> &
  Required<Pick<ReceiptClaims, 'audit'>>

export interface KeptReceipt {
  readonly claims: KeptClaims
  /** What the log was when the receipt was signed. */
  readonly anchor: Anchor
}

/** @throws IpseError `invalid_request` for a file that is no receipt with a place in a log */
export async function readReceipt(path: string): Promise<KeptReceipt> {
  try {
    const [, payload = ''] = assertCompactJws((await readNamedFile(path)).toString('utf8').trim()).split('.')
    const claims = JSON.parse(fromUtf8(fromBase64url(payload))) as KeptClaims
    const { log: origin, size, root } = claims.audit
    const from = `the receipt ${path}`
    return { claims, anchor: { origin, size, root: fromBase64url(root), from, cosignatures: 0 } }
  } catch (cause) {
    if (cause instanceof IpseError && cause.code === 'invalid_request') throw cause
    throw new IpseError('invalid_request', `${path}: this is no receipt that names a place in a log`, {
      cause,
    })
  }
}

/** Whether the entry at the receipt's place is that of the receipt. */
export async function receiptProblem(
  source: LogSource,
  size: number,
  { claims, anchor }: KeptReceipt,
  sha256: Sha256,
): Promise<LogProblem | undefined> {
  const { index, leaf } = claims.audit
  const refuse = (what: string): LogProblem => ({ kind: 'receipt', index, what: `${anchor.from}: ${what}` })
  const bundle = Math.floor(index / TILE_WIDTH)
  const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH)
  const bytes = index < size ? await source.tile({ level: 'entries', index: bundle, width }) : undefined
  const entry = bytes && decodeBundle(bytes, width)[index % TILE_WIDTH]
  if (!entry) return refuse(`there is no entry ${index}`)
  if (toBase64url(leafHash(entry, sha256)) !== leaf) return refuse(`entry ${index} is another one`)
  const { receipt, sessionId, decision } = parseEntry(entry)
  if (receipt === claims.jti && sessionId === claims.sid && decision === claims.decision) return undefined
  return refuse(`entry ${index} is about something else`)
}

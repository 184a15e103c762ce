/** Appends an entry to its tenant's log: bytes, leaf, completed subtrees and the new head, in the transaction given. */
import {
  appendLeaf,
  type Bytes,
  EMPTY_FRONTIER,
  encodeEntry,
  type Frontier,
  fromUtf8,
  type Json,
  leafHash,
  packHashes,
  TILE_HEIGHT,
  unpackFrontier,
} from '@ipse/protocol'
import { sha256 } from '../node-crypto.ts'
import type { Trx } from './access.ts'
import type { AuditEntry } from './audit-records.ts'
import type { LogPlace } from './log-records.ts'

/** The transactions of one tenant follow one another, so nobody else appends between the reading and the writing. */
export async function appendEntry(trx: Trx, entry: AuditEntry): Promise<LogPlace> {
  const { id, time, tenant, event, sessionId, subject } = entry
  const head = await trx
    .selectFrom('tenants')
    .select(['log_size', 'log_frontier'])
    .where('tenant', '=', tenant)
    .executeTakeFirst()
  const before = head ? frontierOf(head) : EMPTY_FRONTIER
  const index = before.size
  const bytes = encodeEntry(entry as unknown as Readonly<Record<string, Json | undefined>>, index)
  const leaf = leafHash(bytes, sha256)
  const completed: { tenant: string; level: number; position: number; hash: Bytes }[] = []
  const after = appendLeaf(before, leaf, sha256, (level, position, hash) => {
    if (level % TILE_HEIGHT === 0) completed.push({ tenant, level: level / TILE_HEIGHT, position, hash })
  })
  const row = { tenant, position: index, id, time, event, entry: fromUtf8(bytes), leaf }
  await trx
    .insertInto('audit')
    .values({ ...row, session_id: sessionId ?? null, subject: subject ?? null })
    .execute()
  if (completed.length > 0) await trx.insertInto('log_nodes').values(completed).execute()
  const grown = { log_size: after.size, log_frontier: packHashes(after) }
  if (head) await trx.updateTable('tenants').set(grown).where('tenant', '=', tenant).execute()
  else
    await trx
      .insertInto('tenants')
      .values({ tenant, ...grown })
      .execute()
  return { index, leaf, before }
}

export function frontierOf(head: { log_size: number; log_frontier: Uint8Array | null }): Frontier {
  return unpackFrontier(head.log_size, head.log_frontier ?? new Uint8Array())
}

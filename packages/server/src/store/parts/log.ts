/** The part of the store that reads the audit log's trees and keeps their checkpoints. */
import { EMPTY_FRONTIER, utf8 } from '@ipse/protocol'
import { sql } from 'kysely'
import { type Access, guarded } from '../access.ts'
import { frontierOf } from '../append-entry.ts'
import type { CheckpointRecord, LogHead, LogStore } from '../log-records.ts'
import type { Tables } from '../tables.ts'

export function logStore({ db, transaction, write }: Access): LogStore {
  const heads = db.selectFrom('tenants').select(['tenant', 'log_size', 'log_frontier', 'log_signed'])
  const unsigned = sql<boolean>`log_size > log_signed`
  const checkpoints = db.selectFrom('checkpoints').select(['tenant', 'size', 'time', 'note'])
  return {
    logHead: (tenant) =>
      guarded(async () => {
        const row = await heads.where('tenant', '=', tenant).executeTakeFirst()
        return row ? toHead(row) : { tenant, frontier: EMPTY_FRONTIER, signedSize: 0 }
      }),
    listUnsignedHeads: (limit) =>
      guarded(async () => (await heads.where(unsigned).limit(limit).execute()).map(toHead)),
    listLogs: () =>
      guarded(async () => {
        const rows = await db
          .selectFrom('tenants')
          .select('tenant')
          .where('log_size', '>', 0)
          .orderBy('tenant')
          .execute()
        return rows.map(({ tenant }) => tenant)
      }),
    readLogEntries: (tenant, first, count) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('audit')
          .select('entry')
          .where('tenant', '=', tenant)
          .where('position', '>=', first)
          .where('position', '<', first + count)
          .orderBy('position')
          .execute()
        return rows.map(({ entry }) => utf8(entry))
      }),
    readLogHashes: (tenant, level, first, count) =>
      guarded(async () => {
        const row = { tenant, first, end: first + count }
        const rows = level === 0 ? await leaves(row) : await nodes(row, level)
        return rows.map(({ hash }) => new Uint8Array(hash))
      }),

    insertCheckpoint: (checkpoint) =>
      transaction(checkpoint.tenant, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('tenants')
          .set({ log_signed: checkpoint.size })
          .where('tenant', '=', checkpoint.tenant)
          .where('log_signed', '<', checkpoint.size)
          .executeTakeFirst()
        if (numUpdatedRows !== 1n) return false
        await trx.insertInto('checkpoints').values(checkpoint).execute()
        return true
      }),
    lastCheckpoint: (tenant) =>
      guarded(async () => {
        const row = await checkpoints
          .where('tenant', '=', tenant)
          .orderBy('size', 'desc')
          .limit(1)
          .executeTakeFirst()
        return row && { ...row }
      }),
    listCheckpoints: (tenant, after, limit) =>
      guarded(async () => {
        const rows = await checkpoints
          .where('tenant', '=', tenant)
          .where('size', '>', after)
          .orderBy('size')
          .limit(limit)
          .execute()
        return rows.map((row) => ({ ...row }))
      }),
    oldestUnsigned: () =>
      guarded(async () => {
        const { oldest } = await db
          .selectFrom('tenants')
          .innerJoin('audit', (join) =>
            join
              .onRef('audit.tenant', '=', 'tenants.tenant')
              .onRef('audit.position', '=', 'tenants.log_signed'),
          )
          .where(unsigned)
          .select((eb) => eb.fn.min('audit.time').as('oldest'))
          .executeTakeFirstOrThrow()
        return oldest ?? undefined
      }),
    listUnsentCheckpoints: (limit) =>
      guarded(async () => {
        const rows = await checkpoints
          .where('sent_at', 'is', null)
          .orderBy('time')
          .orderBy('size')
          .limit(limit)
          .execute()
        return rows.map((row) => ({ ...row }))
      }),
    markCheckpointSent: ({ tenant, size }: Pick<CheckpointRecord, 'tenant' | 'size'>, at) =>
      write(
        async (trx) =>
          void (await trx
            .updateTable('checkpoints')
            .set({ sent_at: at })
            .where('tenant', '=', tenant)
            .where('size', '=', size)
            .execute()),
      ),
  }

  function leaves({ tenant, first, end }: Run) {
    return db
      .selectFrom('audit')
      .select('leaf as hash')
      .where('tenant', '=', tenant)
      .where('position', '>=', first)
      .where('position', '<', end)
      .orderBy('position')
      .execute()
  }

  function nodes({ tenant, first, end }: Run, level: number) {
    return db
      .selectFrom('log_nodes')
      .select('hash')
      .where('tenant', '=', tenant)
      .where('level', '=', level)
      .where('position', '>=', first)
      .where('position', '<', end)
      .orderBy('position')
      .execute()
  }
}

interface Run {
  readonly tenant: string
  readonly first: number
  readonly end: number
}

function toHead(
  row: Pick<Tables['tenants'], 'tenant'> & Parameters<typeof frontierOf>[0] & { log_signed: number },
): LogHead {
  return { tenant: row.tenant, frontier: frontierOf(row), signedSize: row.log_signed }
}

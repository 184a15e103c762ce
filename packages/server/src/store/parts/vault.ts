/** The part of the store that the vault works on: references of all subjects, and sealed pictures of captures. */
import { sql } from 'kysely'
import { type Access, guarded, type Trx, writeAudit } from '../access.ts'
import { keyColumns, toReference } from '../rows.ts'
import type { Tables } from '../tables.ts'
import type { MediaChange, MediaRecord, VaultStore } from '../vault-records.ts'

type DataVaultStore = Pick<
  VaultStore,
  | 'knownDataKeys'
  | 'listAllReferences'
  | 'resealReference'
  | 'dropReference'
  | 'countKeysBeside'
  | 'listMedia'
  | 'claimMedia'
  | 'copyMedia'
>

export function vaultStore({ db, transaction, among }: Access): DataVaultStore {
  return {
    knownDataKeys: (ids) =>
      guarded(async () => {
        const references = await db
          .selectFrom('reference_templates')
          .select('key_id')
          .where('key_id', 'in', among(ids))
          .execute()
        const media = await db
          .selectFrom('media')
          .select('key_id')
          .where('key_id', 'in', among(ids))
          .execute()
        return [...references, ...media].flatMap(({ key_id }) => (key_id === null ? [] : [key_id]))
      }),
    listAllReferences: ({ after = { tenant: '', id: '' }, limit }) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('reference_templates')
          .selectAll()
          .where(sql<boolean>`(tenant, id) > (${after.tenant}, ${after.id})`)
          .orderBy('tenant')
          .orderBy('id')
          .limit(limit)
          .execute()
        return rows.map(toReference)
      }),
    resealReference: (before, after) =>
      transaction(before.tenant, async (trx) => {
        const { key_id, kek_id } = keyColumns(before)
        const { numUpdatedRows } = await trx
          .updateTable('reference_templates')
          .set({ scheme: after.scheme, sealed: after.sealed, ...keyColumns(after) })
          .where('tenant', '=', before.tenant)
          .where('id', '=', before.id)
          .where('kek_id', '=', kek_id)
          .where((eb) => (key_id === null ? eb('key_id', 'is', null) : eb('key_id', '=', key_id)))
          .executeTakeFirst()
        return numUpdatedRows === 1n
      }),
    dropReference: ({ tenant, id }, audit) =>
      transaction(tenant, async (trx) => {
        await trx
          .deleteFrom('reference_templates')
          .where('id', '=', id)
          .where('tenant', '=', tenant)
          .execute()
        await writeAudit(trx, audit)
      }),
    countKeysBeside: () =>
      guarded(async () => {
        const counts = new Map<string, number>()
        const references = await db
          .selectFrom('reference_templates')
          .select((eb) => ['kek_id', eb.fn.countAll<number>().as('keys')])
          .where('key_id', 'is', null)
          .groupBy('kek_id')
          .execute()
        const sessions = await db
          .selectFrom('sessions')
          .select((eb) => ['reference_kek_id as kek_id', eb.fn.countAll<number>().as('keys')])
          .where('reference_key_id', 'is', null)
          .where('reference_kek_id', 'is not', null)
          .groupBy('reference_kek_id')
          .execute()
        for (const { kek_id, keys } of [...references, ...sessions])
          if (kek_id !== null) counts.set(kek_id, (counts.get(kek_id) ?? 0) + Number(keys))
        return counts
      }),

    listMedia: (tenant, sessionId, now) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('media')
          .select(['tenant', 'session_id', 'n', 'key_id', 'created_at', 'expires_at', 'reader'])
          .where('session_id', '=', sessionId)
          .where('tenant', '=', tenant)
          .where('expires_at', '>', now)
          .orderBy('n')
          .execute()
        return rows.map(describe)
      }),
    claimMedia: (picture, reader, audit) =>
      transaction(picture.tenant, async (trx) => {
        const row = await livePicture(trx, picture, audit.time)
        if (!row) return undefined
        if (row.reader !== null && row.reader !== reader) return 'claimed'
        await trx
          .updateTable('media')
          .set({ reader })
          .where('tenant', '=', row.tenant)
          .where('session_id', '=', row.session_id)
          .where('n', '=', row.n)
          .execute()
        await writeAudit(trx, audit)
        return toPicture({ ...row, reader })
      }),
    copyMedia: (picture, audit) =>
      transaction(picture.tenant, async (trx) => {
        const row = await livePicture(trx, picture, audit.time)
        if (!row) return undefined
        await writeAudit(trx, audit)
        return toPicture(row)
      }),
  }
}

function livePicture(
  trx: Trx,
  { tenant, sessionId, n }: Pick<MediaRecord, 'tenant' | 'sessionId' | 'n'>,
  now: number,
): Promise<Tables['media'] | undefined> {
  return trx
    .selectFrom('media')
    .selectAll()
    .where('session_id', '=', sessionId)
    .where('n', '=', n)
    .where('tenant', '=', tenant)
    .where('expires_at', '>', now)
    .executeTakeFirst()
}

function toPicture(row: Tables['media']): MediaRecord {
  return { ...describe(row), sealed: new Uint8Array(row.sealed) }
}

function describe(row: Omit<Tables['media'], 'sealed'>): Omit<MediaRecord, 'sealed'> {
  return {
    tenant: row.tenant,
    sessionId: row.session_id,
    n: row.n,
    key: { id: row.key_id },
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    ...(row.reader === null ? {} : { reader: row.reader }),
  }
}

/** Within the transaction that changes the session: its pictures are there when the change is, and not otherwise. */
export async function changeMedia(
  trx: Trx,
  tenant: string,
  sessionId: string,
  { keep }: MediaChange,
): Promise<void> {
  await trx.deleteFrom('media').where('tenant', '=', tenant).where('session_id', '=', sessionId).execute()
  for (const { n, key, sealed, createdAt, expiresAt, reader } of keep)
    await trx
      .insertInto('media')
      .values({
        tenant,
        session_id: sessionId,
        n,
        key_id: key.id,
        sealed,
        created_at: createdAt,
        expires_at: expiresAt,
        reader: reader ?? null,
      })
      .execute()
}

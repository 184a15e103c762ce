/** The embedded store: SQLite in one file, write-ahead log, every commit on the disk before it is answered. */
import { Kysely, sql } from 'kysely'
import { accessTo, guarded, writeAudit } from './access.ts'
import { allowanceTaker } from './allowances.ts'
import { callerStore } from './callers.ts'
import { conductStore } from './conduct.ts'
import { deviceKeyStore } from './device-keys.ts'
import { openNodeSqlite } from './node-sqlite-dialect.ts'
import { peopleStore, sweepPeople } from './people.ts'
import { fromReference, fromSession, OPEN_STATES, toReference, toSession } from './rows.ts'
import type { AuditEntry, SessionRecord, Store } from './store.ts'
import { migrate, type Tables } from './tables.ts'

/**
 * Opens, and where needed creates or migrates, the store.
 * @param path file, or `:memory:`
 * @throws IpseError `storage_unavailable`
 */
export async function openSqliteStore(path: string): Promise<Store> {
  const { db, database } = await guarded(async () => {
    const { dialect, database } = openNodeSqlite(path)
    migrate(database)
    return { db: new Kysely<Tables>({ dialect }), database }
  })
  const access = accessTo(db)
  const { transaction } = access
  const takeAllowances = await guarded(async () => allowanceTaker(database))
  return {
    ...callerStore(access),
    ...deviceKeyStore(access),
    ...conductStore(access),
    ...peopleStore(access),
    // The connection is held meanwhile: no other transaction is open on it.
    takeAllowances: (takes) => guarded(() => db.connection().execute(async () => takeAllowances(takes))),

    insertSession: (session, audit, idempotency) =>
      transaction(async (trx) => {
        if (idempotency) {
          const { tenant, key, digest, sessionId, expiresAt } = idempotency
          const earlier = await trx
            .selectFrom('idempotency')
            .selectAll()
            .where('tenant', '=', tenant)
            .where('key', '=', key)
            .executeTakeFirst()
          if (earlier && earlier.expires_at > audit.time)
            return { ...idempotency, digest: earlier.digest, sessionId: earlier.session_id }
          await trx
            .insertInto('idempotency')
            .orReplace()
            .values({ tenant, key, digest, session_id: sessionId, expires_at: expiresAt })
            .execute()
        }
        await trx.insertInto('sessions').values(fromSession(session)).execute()
        await writeAudit(trx, audit)
        return undefined
      }),
    findSession: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
        return row && toSession(row)
      }),
    listSessions: (tenant, { limit, after, subject }) =>
      guarded(async () => {
        let query = db.selectFrom('sessions').selectAll().where('tenant', '=', tenant)
        if (subject !== undefined) query = query.where('subject', '=', subject)
        if (after)
          query = query.where((eb) =>
            eb.or([
              eb('created_at', '<', after.createdAt),
              eb.and([eb('created_at', '=', after.createdAt), eb('id', '<', after.id)]),
            ]),
          )
        const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
        return rows.map(toSession)
      }),
    changeSession: ({ id, version }, change, also = {}) =>
      transaction(async (trx) => {
        const row = await trx
          .selectFrom('sessions')
          .selectAll()
          .where('id', '=', id)
          .where('version', '=', version)
          .executeTakeFirst()
        if (!row) return undefined
        const changed = { ...toSession(row), ...change, version: version + 1 } as SessionRecord
        await trx.updateTable('sessions').set(fromSession(changed)).where('id', '=', id).execute()
        if (also.reference)
          await trx.insertInto('reference_templates').values(fromReference(also.reference)).execute()
        if (also.audit) await writeAudit(trx, also.audit)
        return toSession(fromSession(changed))
      }),
    listOverdueSessions: (now, limit) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('sessions')
          .selectAll()
          .where('state', 'in', OPEN_STATES)
          .where('expires_at', '<=', now)
          .limit(limit)
          .execute()
        return rows.map(toSession)
      }),

    insertReference: (reference, audit) =>
      transaction(async (trx) => {
        await trx.insertInto('reference_templates').values(fromReference(reference)).execute()
        await writeAudit(trx, audit)
      }),
    listReferences: (tenant, subject) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('reference_templates')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('subject', '=', subject)
          .orderBy('created_at', 'desc')
          .orderBy('id', 'desc')
          .execute()
        return rows.map(toReference)
      }),
    eraseSubject: (tenant, subject, audit) =>
      transaction(async (trx) => {
        const erase = (table: 'reference_templates' | 'sessions' | 'device_keys') =>
          trx.deleteFrom(table).where('tenant', '=', tenant).where('subject', '=', subject).executeTakeFirst()
        const references = Number((await erase('reference_templates')).numDeletedRows)
        const sessions = Number((await erase('sessions')).numDeletedRows)
        await erase('device_keys')
        await trx.deleteFrom('standings').where('key', '=', `subject:${audit.subjectMac}`).execute()
        await writeAudit(trx, audit)
        return { references, sessions }
      }),

    useOnce: (kind, value, expiresAt) =>
      guarded(async () => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('used_values')
          .orIgnore()
          .values({ kind, value, expires_at: expiresAt })
          .executeTakeFirstOrThrow()
        return numInsertedOrUpdatedRows === 1n
      }),

    leaveTraces: ({ tenant, sessionId, kept, sought, now, expiresAt }) =>
      transaction(async (trx) => {
        const rows = kept.map((mac) => ({ tenant, mac, session_id: sessionId, expires_at: expiresAt }))
        if (rows.length > 0) await trx.insertInto('traces').orIgnore().values(rows).execute()
        // One parameter, however many are sought.
        const list = sql<string>`(select value from json_each(${JSON.stringify(sought)}))`
        const found = await trx
          .selectFrom('traces')
          .select(['session_id as sessionId', 'mac'])
          .where('tenant', '=', tenant)
          .where('mac', 'in', list)
          .where('session_id', '<>', sessionId)
          .where('expires_at', '>', now)
          .execute()
        return found.map(({ sessionId, mac }) => ({ sessionId, mac }))
      }),

    appendAudit: (entry) => guarded(async () => void (await writeAudit(db, entry))),
    listAudit: (tenant, limit) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('audit')
          .select('entry')
          .where('tenant', '=', tenant)
          .orderBy('position')
          .limit(limit)
          .execute()
        return rows.map(({ entry }) => JSON.parse(entry) as AuditEntry)
      }),

    sweep: (now, sessionsBefore) =>
      transaction(async (trx) => {
        const old = await trx
          .deleteFrom('sessions')
          .where('state', 'not in', OPEN_STATES)
          .where('created_at', '<', sessionsBefore)
          .executeTakeFirst()
        const keys = await trx.deleteFrom('idempotency').where('expires_at', '<=', now).executeTakeFirst()
        const values = await trx.deleteFrom('used_values').where('expires_at', '<=', now).executeTakeFirst()
        const traces = await trx.deleteFrom('traces').where('expires_at', '<=', now).executeTakeFirst()
        const allowances = await trx.deleteFrom('allowances').where('ends_at', '<=', now).executeTakeFirst()
        const standings = await trx.deleteFrom('standings').where('stale_at', '<=', now).executeTakeFirst()
        const others = [keys, values, traces, allowances, standings, ...(await sweepPeople(trx, now))]
        return {
          sessions: Number(old.numDeletedRows),
          others: others.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0),
        }
      }),
    check: () => guarded(async () => void (await db.selectFrom('sessions').select('id').limit(1).execute())),
    close: () =>
      guarded(async () => {
        await db.destroy()
        // Kysely closes only what it has used.
        if (database.isOpen) database.close()
      }),
  }
}

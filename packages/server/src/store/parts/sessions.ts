/** The part of the store that keeps sessions, changed one version at a time. */
import { type Access, guarded, NEWEST_FIRST, onPage, writeAudit } from '../access.ts'
import { fromSession, OPEN_STATES, toSession } from '../rows.ts'
import type { SessionRecord, Store } from '../store.ts'
import { takeConsent } from './consents.ts'
import { claim } from './idempotency.ts'
import { writeDecision } from './rollout.ts'
import { noteUse, writeReference } from './subjects.ts'
import { changeMedia } from './vault.ts'

type SessionStore = Pick<
  Store,
  | 'insertSession'
  | 'findSession'
  | 'findSessionAnywhere'
  | 'listSessions'
  | 'changeSession'
  | 'listOverdueSessions'
>

export function sessionStore({ db, transaction }: Access): SessionStore {
  return {
    insertSession: (session, audit, idempotency, consent) =>
      transaction(session.tenant, async (trx) => {
        const earlier = idempotency && (await claim(trx, idempotency, audit.time))
        if (earlier) return earlier
        await takeConsent(trx, session, audit.time, consent)
        if (session.subject !== undefined) await noteUse(trx, session.tenant, session.subject, audit.time)
        await trx.insertInto('sessions').values(fromSession(session)).execute()
        await writeAudit(trx, audit)
        return undefined
      }),
    findSession: (tenant, id) =>
      guarded(async () => {
        const row = await db
          .selectFrom('sessions')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .executeTakeFirst()
        return row && toSession(row)
      }),
    findSessionAnywhere: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
        return row && toSession(row)
      }),
    listSessions: (tenant, { limit, after, subject }) =>
      guarded(async () => {
        let query = db.selectFrom('sessions').selectAll().where('tenant', '=', tenant)
        if (subject !== undefined) query = query.where('subject', '=', subject)
        const rows = await query.where(onPage(after)).orderBy(NEWEST_FIRST).limit(limit).execute()
        return rows.map(toSession)
      }),
    changeSession: ({ id, tenant, version }, change, also = {}) =>
      transaction(tenant, async (trx) => {
        const row = await trx
          .selectFrom('sessions')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .where('version', '=', version)
          .executeTakeFirst()
        if (!row) return undefined
        const place = also.audit && (await writeAudit(trx, also.audit))
        const receipt = place && also.receipt ? { receipt: also.receipt(place) } : {}
        const after = { ...toSession(row), ...change, ...receipt, version: version + 1 } as SessionRecord
        const changed = fromSession(after)
        await trx
          .updateTable('sessions')
          .set(changed)
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .execute()
        if (also.reference) await writeReference(trx, also.reference)
        if (also.decided) await writeDecision(trx, also.decided)
        if (also.media) await changeMedia(trx, tenant, id, also.media)
        return toSession(changed)
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
  }
}

/** The part of the store that keeps what a second person is asked for. */
import { type Access, guarded, NEWEST_FIRST, onPage, writeAudit } from '../access.ts'
import type { ApprovalRecord, PrivacyStore } from '../privacy-records.ts'
import type { Tables } from '../tables.ts'

type ApprovalStore = Pick<
  PrivacyStore,
  'requestApproval' | 'findApproval' | 'listApprovals' | 'changeApproval' | 'endApprovals'
>

export function approvalStore({ db, transaction }: Access): ApprovalStore {
  return {
    requestApproval: (approval, audit) =>
      transaction(approval.tenant, async (trx) => {
        const { tenant, action, target, requestedBy, createdAt } = approval
        const live = await trx
          .selectFrom('approvals')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('target', '=', target)
          .where('action', '=', action)
          .where('requested_by', '=', requestedBy)
          .where('state', 'in', ['waiting', 'approved'])
          .where('expires_at', '>', createdAt)
          .executeTakeFirst()
        if (live) return toApproval(live)
        await trx.insertInto('approvals').values(fromApproval(approval)).execute()
        await writeAudit(trx, audit)
        return approval
      }),
    findApproval: (tenant, id) =>
      guarded(async () => {
        const row = await db
          .selectFrom('approvals')
          .selectAll()
          .where('id', '=', id)
          .where('tenant', '=', tenant)
          .executeTakeFirst()
        return row && toApproval(row)
      }),
    listApprovals: (tenant, { limit, after }) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('approvals')
          .selectAll()
          .where('tenant', '=', tenant)
          .where(onPage(after))
          .orderBy(NEWEST_FIRST)
          .limit(limit)
          .execute()
        return rows.map(toApproval)
      }),
    changeApproval: ({ tenant, id, state }, change, audit) =>
      transaction(tenant, async (trx) => {
        const { decidedBy, decidedAt } = change
        const { numUpdatedRows } = await trx
          .updateTable('approvals')
          .set({
            state: change.state,
            ...(decidedBy === undefined ? {} : { decided_by: decidedBy }),
            ...(decidedAt === undefined ? {} : { decided_at: decidedAt }),
          })
          .where('id', '=', id)
          .where('tenant', '=', tenant)
          .where('state', '=', state)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) return false
        await writeAudit(trx, audit)
        return true
      }),
    async endApprovals(tenant, now, limit, audit) {
      const ended = db
        .selectFrom('approvals')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('expires_at', '<=', now)
        .limit(limit)
      // Mostly there is none, and to look takes no lock.
      if ((await guarded(() => ended.execute())).length === 0) return 0
      return transaction(tenant, async (trx) => {
        const rows = (await trx.executeQuery(ended)).rows
        for (const row of rows) {
          await trx.deleteFrom('approvals').where('tenant', '=', tenant).where('id', '=', row.id).execute()
          if (row.state === 'waiting' || row.state === 'approved')
            await writeAudit(trx, audit(toApproval(row)))
        }
        return rows.length
      })
    },
  }
}

function fromApproval(approval: ApprovalRecord): Tables['approvals'] {
  return {
    id: approval.id,
    tenant: approval.tenant,
    action: approval.action,
    target: approval.target,
    requested_by: approval.requestedBy,
    created_at: approval.createdAt,
    expires_at: approval.expiresAt,
    state: approval.state,
    decided_by: approval.decidedBy ?? null,
    decided_at: approval.decidedAt ?? null,
  }
}

function toApproval(row: Tables['approvals']): ApprovalRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    action: row.action as ApprovalRecord['action'],
    target: row.target,
    requestedBy: row.requested_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    state: row.state as ApprovalRecord['state'],
    ...(row.decided_by === null ? {} : { decidedBy: row.decided_by }),
    ...(row.decided_at === null ? {} : { decidedAt: row.decided_at }),
  }
}

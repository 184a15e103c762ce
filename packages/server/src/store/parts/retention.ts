/**
 * The part of the store that finds and deletes what is due, a bounded number at a time. What a rule of retention selects stands
 * here once: the report counts the very rows that the sweep deletes.
 */
import type { RetentionRule, TenantRules } from '@ipse/protocol'
import { type RawBuilder, sql } from 'kysely'
import { type Access, guarded, type Trx, writeAudit } from '../access.ts'
import type { PrivacyStore } from '../privacy-records.ts'
import { OPEN_STATES } from '../rows.ts'
import type { Tables } from '../tables.ts'

type RetentionStore = Pick<
  PrivacyStore,
  'findTenantRules' | 'changeTenantRules' | 'countDue' | 'listDueKeys' | 'deleteDue' | 'sweepEnded'
>

interface Selection {
  readonly table: keyof Tables
  readonly key: readonly string[]
  /** When what the rule counts from happened. */
  readonly moment: (tenant: string) => RawBuilder<number>
  readonly due: (tenant: string, before: number) => RawBuilder<boolean>
}

const consentOfReference = (tenant: string) =>
  sql`from consents where tenant = ${tenant} and id = reference_templates.consent`

const SELECTIONS: Readonly<Record<RetentionRule, Selection>> = {
  session: {
    table: 'sessions',
    key: ['tenant', 'id'],
    moment: () => sql`created_at`,
    due: (_tenant, before) => sql`state not in (${sql.join([...OPEN_STATES])}) and created_at < ${before}`,
  },
  'reference-unused': {
    table: 'reference_templates',
    key: ['tenant', 'id'],
    moment: () => sql`last_used_at`,
    due: (_tenant, before) => sql`last_used_at < ${before}`,
  },
  'reference-withdrawn': {
    table: 'reference_templates',
    key: ['tenant', 'id'],
    moment: (tenant) => sql`(select withdrawn_at ${consentOfReference(tenant)})`,
    due: (tenant, before) =>
      sql`consent in (select id from consents where tenant = ${tenant} and withdrawn_at < ${before})`,
  },
  'reference-purpose-ended': {
    table: 'reference_templates',
    key: ['tenant', 'id'],
    moment: (tenant) => sql`(select valid_until ${consentOfReference(tenant)})`,
    due: (tenant, before) =>
      sql`consent in (select id from consents where tenant = ${tenant} and valid_until < ${before})`,
  },
  consent: {
    table: 'consents',
    key: ['tenant', 'id'],
    moment: () => sql`coalesce(withdrawn_at, valid_until, recorded_at)`,
    due: (tenant, before) => sql`recorded_at < ${before}
      and coalesce(withdrawn_at, valid_until, recorded_at) < ${before}
      and not exists (select 1 from reference_templates where tenant = ${tenant} and consent = consents.id)
      and not exists (select 1 from sessions where tenant = ${tenant} and consent = consents.id)`,
  },
  review: {
    table: 'reviews',
    key: ['tenant', 'id'],
    moment: () => sql`created_at`,
    due: (_tenant, before) => sql`state = 'decided' and created_at < ${before}`,
  },
  authenticator: {
    table: 'device_keys',
    key: ['tenant', 'kind', 'id'],
    moment: () => sql`created_at`,
    due: (_tenant, before) => sql`created_at < ${before}`,
  },
  pseudonym: {
    table: 'pseudonyms',
    key: ['tenant', 'subject_mac'],
    moment: () => sql`created_at`,
    due: (_tenant, before) => sql`created_at < ${before}`,
  },
}

/** What has an end of its own, by the column that holds it. */
const ENDED = [
  { table: 'idempotency', key: ['tenant', 'key'], end: 'expires_at' },
  { table: 'used_values', key: ['kind', 'value'], end: 'expires_at' },
  { table: 'traces', key: ['tenant', 'mac', 'session_id'], end: 'expires_at' },
  { table: 'allowances', key: ['key'], end: 'ends_at' },
  { table: 'standings', key: ['tenant', 'key'], end: 'stale_at' },
  { table: 'invitations', key: ['mac'], end: 'expires_at' },
  { table: 'people_sessions', key: ['mac'], end: 'ends_at' },
  { table: 'media', key: ['tenant', 'session_id', 'n'], end: 'expires_at' },
] as const satisfies readonly {
  readonly table: keyof Tables
  readonly key: readonly string[]
  readonly end: string
}[]

export function retentionStore({ db, transaction, write }: Access): RetentionStore {
  return {
    findTenantRules: (tenant) =>
      guarded(async () => {
        const row = await db
          .selectFrom('tenant_rules')
          .selectAll()
          .where('tenant', '=', tenant)
          .executeTakeFirst()
        return row && { ...(JSON.parse(row.body) as TenantRules), changedAt: row.changed_at }
      }),
    changeTenantRules: (tenant, rules, audit) =>
      transaction(tenant, async (trx) => {
        const row = { body: JSON.stringify(rules), changed_at: audit.time }
        await trx
          .insertInto('tenant_rules')
          .values({ tenant, ...row })
          .onConflict((conflict) => conflict.column('tenant').doUpdateSet(row))
          .execute()
        await writeAudit(trx, audit)
      }),
    countDue: (tenant, { rule, before }) =>
      guarded(async () => {
        const { table, moment, due } = SELECTIONS[rule]
        const { rows } = await sql<{ count: number | string; since: number | null }>`
          select count(*) as count, min(${moment(tenant)}) as since from ${sql.table(table)}
          where tenant = ${tenant} and ${due(tenant, before)}`.execute(db)
        const [{ count, since } = { count: 0, since: null }] = rows
        return { count: Number(count), ...(since === null ? {} : { since: Number(since) }) }
      }),
    listDueKeys: (tenant, { rule, before }, limit) =>
      guarded(async () => {
        const { table, key, due } = SELECTIONS[rule]
        if (table !== 'reference_templates') return []
        const { rows } = await sql<{ key_id: string | null }>`select key_id from ${sql.table(table)}
          where tenant = ${tenant} and ${due(tenant, before)} order by ${columnsOf(key)} limit ${limit}`.execute(
          db,
        )
        return rows.flatMap(({ key_id }) => (key_id === null ? [] : [key_id]))
      }),
    deleteDue: (tenant, { rule, before }, limit, audit) =>
      transaction(tenant, async (trx) => {
        const { table, key, due } = SELECTIONS[rule]
        const whose = sql<boolean>`tenant = ${tenant}`
        const count = await deleteSome(trx, table, key, whose, due(tenant, before), limit)
        if (count > 0) await writeAudit(trx, audit(rule, count))
        return count
      }),
    sweepEnded: async (now, limit) => {
      let count = 0
      for (const { table, key, end } of ENDED)
        count += await write((trx) =>
          deleteSome(trx, table, key, ANYBODY, sql`${sql.ref(end)} <= ${now}`, limit),
        )
      return count
    },
  }
}

function columnsOf(key: readonly string[]) {
  return sql.join(key.map((column) => sql.ref(column)))
}

const ANYBODY = sql<boolean>`1 = 1`

/** @param whose narrows to one tenant, and so to one shard, before the limit does */
async function deleteSome(
  trx: Trx,
  table: keyof Tables,
  key: readonly string[],
  whose: RawBuilder<boolean>,
  due: RawBuilder<boolean>,
  limit: number,
): Promise<number> {
  const columns = columnsOf(key)
  const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)}
    where ${whose} and (${columns}) in (select ${columns} from ${sql.table(table)}
      where ${whose} and ${due} order by ${columns} limit ${limit})`.execute(trx)
  return Number(numAffectedRows)
}

/** Standings and reviews in SQL. */
import type { Standing } from '../../domain/abuse/standing.ts'
import { type Access, guarded, NEWEST_FIRST, onPage, type Writer, writeAudit } from '../access.ts'
import type { ConductStore, ReviewRecord } from '../conduct-records.ts'

export function conductStore({
  db,
  transaction,
}: Access): Omit<ConductStore, 'takeAllowances' | 'listSessionAudit'> {
  return {
    findStandings: (tenant, keys) => guarded(() => readStandings(db, tenant, keys)),
    changeStandings: (tenant, keys, change) =>
      transaction(tenant, async (trx) => {
        const { standings, audit = [], reviews = [], result } = change(await readStandings(trx, tenant, keys))
        for (const [key, { staleAt, ...standing }] of standings)
          await writeStanding(trx, tenant, key, standing, staleAt)
        for (const review of reviews) await trx.insertInto('reviews').values(fromReview(review)).execute()
        for (const entry of audit) await writeAudit(trx, entry)
        return result
      }),

    findReview: (tenant, id) =>
      guarded(async () => {
        const row = await db
          .selectFrom('reviews')
          .select('body')
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .executeTakeFirst()
        return row && toReview(row)
      }),
    listReviews: (tenant, state, { limit, after }) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('reviews')
          .select('body')
          .where('tenant', '=', tenant)
          .where('state', '=', state)
          .where(onPage(after))
          .orderBy(NEWEST_FIRST)
          .limit(limit)
          .execute()
        return rows.map(toReview)
      }),
    decideReview: (decided, change, audit) =>
      transaction(decided.tenant, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('reviews')
          .set(fromReview(decided))
          .where('tenant', '=', decided.tenant)
          .where('id', '=', decided.id)
          .where('state', '=', 'open')
          .executeTakeFirst()
        if (numUpdatedRows === 0n) return false
        const before = (await readStandings(trx, decided.tenant, [decided.standing])).get(decided.standing)
        for (const [key, standing] of change(before))
          await writeStanding(trx, decided.tenant, key, standing, undefined)
        await writeAudit(trx, audit)
        return true
      }),
  }
}

async function readStandings(
  db: Writer,
  tenant: string,
  keys: readonly string[],
): Promise<Map<string, Standing>> {
  if (keys.length === 0) return new Map()
  const rows = await db
    .selectFrom('standings')
    .select(['key', 'body'])
    .where('tenant', '=', tenant)
    .where('key', 'in', [...keys])
    .execute()
  return new Map(rows.map(({ key, body }) => [key, JSON.parse(body) as Standing]))
}

async function writeStanding(
  db: Writer,
  tenant: string,
  key: string,
  standing: Standing,
  staleAt: number | undefined,
): Promise<void> {
  const row = { body: JSON.stringify(standing), stale_at: staleAt ?? null }
  await db
    .insertInto('standings')
    .values({ key, tenant, ...row })
    .onConflict((oc) => oc.columns(['tenant', 'key']).doUpdateSet(row))
    .execute()
}

function fromReview(review: ReviewRecord) {
  const { id, tenant, createdAt } = review
  const state = review.decided === undefined ? 'open' : 'decided'
  return { id, tenant, state, created_at: createdAt, body: JSON.stringify(review) }
}

function toReview({ body }: { readonly body: string }): ReviewRecord {
  return JSON.parse(body) as ReviewRecord
}

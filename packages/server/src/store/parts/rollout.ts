/** Policy versions, what candidates decided, decisions to be made again, and the models of every start. */
import type { Policy } from '@ipse/protocol'
import { sql } from 'kysely'
import type { Outcome, OutcomeCount } from '../../domain/rollout/outcomes.ts'
import type { DecisionBasis, DecisionRecord } from '../../domain/rollout/replay.ts'
import type { PolicyVersion, Stage } from '../../domain/rollout/stages.ts'
import { type Access, guarded, type Trx, type Writer, writeAudit } from '../access.ts'
import type { Decided, ModelSet, RolloutStore } from '../rollout-records.ts'
import type { Tables } from '../tables.ts'

type VersionRow = Omit<Tables['policy_versions'], 'body'>

const VERSION = [
  'tenant',
  'name',
  'version',
  'digest',
  'stage',
  'share',
  'replaced',
  'created_at',
  'changed_at',
] as const

export function rolloutStore({ db, transaction, write }: Access): RolloutStore {
  return {
    insertPolicyVersion: (version, policy, audit) =>
      transaction(version.tenant, async (trx) => {
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto('policy_versions')
          .values({ ...fromVersion(version), body: JSON.stringify(policy) })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow()
        if (numInsertedOrUpdatedRows !== 1n) return false
        await writeAudit(trx, audit)
        return true
      }),
    listPolicyVersions: (tenant, name) => guarded(() => readVersions(db, tenant, name)),
    findPublishedPolicy: (tenant, name, version) =>
      guarded(async () => {
        const row = await db
          .selectFrom('policy_versions')
          .select('body')
          .where('tenant', '=', tenant)
          .where('name', '=', name)
          .where('version', '=', version)
          .executeTakeFirst()
        return row && (JSON.parse(row.body) as Policy)
      }),
    changePolicyVersions: (tenant, name, change) =>
      transaction(tenant, async (trx) => {
        const { versions, audit } = change(await readVersions(trx, tenant, name))
        for (const version of versions)
          await trx
            .updateTable('policy_versions')
            .set(fromVersion(version))
            .where('tenant', '=', tenant)
            .where('name', '=', name)
            .where('version', '=', version.version)
            .execute()
        for (const entry of audit) await writeAudit(trx, entry)
        return versions
      }),
    listCanaries: () =>
      guarded(async () => {
        const rows = await db
          .selectFrom('policy_versions')
          .select(['tenant', 'name'])
          .where('stage', '=', 'canary')
          .execute()
        return rows.map(({ tenant, name }) => ({ tenant, name }))
      }),

    countOutcomes: (tenant, name, counts) =>
      write(async (trx) => {
        if (counts.length === 0) return
        await trx
          .insertInto('policy_outcomes')
          .values(inOrder(counts).map((count) => ({ tenant, name, ...fromCount(count) })))
          .onConflict((conflict) =>
            conflict
              .columns([
                'tenant',
                'name',
                'role',
                'candidate',
                'version',
                'purpose',
                'decision',
                'would',
                'reason',
              ])
              .doUpdateSet({ captures: sql<number>`policy_outcomes.captures + excluded.captures` }),
          )
          .execute()
      }),
    listOutcomes: (tenant, name) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('policy_outcomes')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('name', '=', name)
          .execute()
        return rows.map(toCount)
      }),

    findDecisionRecords: (tenant, sessionId) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('decision_records')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('session_id', '=', sessionId)
          .orderBy('attempt')
          .execute()
        return rows.map(toRecord)
      }),
    listDecisionRecords: (tenant, { since, limit, after }) =>
      guarded(async () => {
        const place = after ?? { decidedAt: since, sessionId: '', attempt: 0 }
        const rows = await db
          .selectFrom('decision_records')
          .selectAll()
          .where('tenant', '=', tenant)
          .where(
            sql<boolean>`(decided_at, session_id, attempt) > (${place.decidedAt}, ${place.sessionId}, ${place.attempt})`,
          )
          .orderBy('decided_at')
          .orderBy('session_id')
          .orderBy('attempt')
          .limit(limit)
          .execute()
        return rows.map(toRecord)
      }),
    listSubjectDecisions: (tenant, subject, limit) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('decision_records')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('session_id', 'in', (eb) =>
            eb
              .selectFrom('sessions')
              .select('id')
              .where('tenant', '=', tenant)
              .where('subject', '=', subject),
          )
          .orderBy('decided_at')
          .orderBy('attempt')
          .limit(limit)
          .execute()
        return rows.map(toRecord)
      }),
    findDecisionBasis: (tenant, digest) =>
      guarded(async () => {
        const row = await db
          .selectFrom('decision_bases')
          .select('body')
          .where('tenant', '=', tenant)
          .where('digest', '=', digest)
          .executeTakeFirst()
        return row && (JSON.parse(row.body) as DecisionBasis)
      }),

    noteModelSet: ({ digest, models }, at, audit) =>
      transaction(audit.tenant, async (trx) => {
        const [before] = await readModelSets(trx)
        // Two starts within one millisecond follow one another too.
        const lastAt = before ? Math.max(at, before.lastAt + 1) : at
        await trx
          .insertInto('model_sets')
          .values({ digest, models: JSON.stringify(models), first_at: at, last_at: lastAt })
          .onConflict((conflict) => conflict.column('digest').doUpdateSet({ last_at: lastAt }))
          .execute()
        if (before?.digest === digest) return false
        await writeAudit(trx, audit)
        return true
      }),
    listModelSets: () => guarded(() => readModelSets(db)),
  }
}

/** Within the transaction that ends the attempt. */
export async function writeDecision(trx: Trx, { record, basis }: Decided): Promise<void> {
  const { tenant, sessionId, attempt, decidedAt, basis: digest, ...body } = record
  await trx
    .insertInto('decision_bases')
    .values({ tenant, digest, body: JSON.stringify(basis) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await trx
    .insertInto('decision_records')
    .values({
      tenant,
      session_id: sessionId,
      attempt,
      decided_at: decidedAt,
      basis: digest,
      body: JSON.stringify(body),
    })
    .execute()
}

async function readVersions(db: Writer, tenant: string, name?: string): Promise<PolicyVersion[]> {
  let query = db.selectFrom('policy_versions').select(VERSION).where('tenant', '=', tenant)
  if (name !== undefined) query = query.where('name', '=', name)
  const rows = await query.orderBy('name').orderBy('version').execute()
  return rows.map(toVersion)
}

async function readModelSets(db: Writer): Promise<ModelSet[]> {
  const rows = await db.selectFrom('model_sets').selectAll().orderBy('last_at', 'desc').execute()
  return rows.map(({ digest, models, first_at, last_at }) => ({
    digest,
    models: JSON.parse(models) as ModelSet['models'],
    firstAt: first_at,
    lastAt: last_at,
  }))
}

function fromVersion(version: PolicyVersion): VersionRow {
  const { createdAt, changedAt, share = null, replaced = null, ...same } = version
  return { ...same, share, replaced, created_at: createdAt, changed_at: changedAt }
}

function toVersion({ created_at, changed_at, share, replaced, stage, ...same }: VersionRow): PolicyVersion {
  return {
    ...same,
    stage: stage as Stage,
    ...(share === null ? {} : { share }),
    ...(replaced === null ? {} : { replaced }),
    createdAt: created_at,
    changedAt: changed_at,
  }
}

/** Whoever counts at the same time takes the rows in the same order, so that nobody waits for each other. */
function inOrder(counts: readonly OutcomeCount[]): OutcomeCount[] {
  const keyOf = ({ count: _, ...key }: OutcomeCount) => JSON.stringify(Object.entries(key).toSorted())
  return counts.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

/** Members of a key cannot be absent: an empty text says that there is none. */
function fromCount({ would, reason, count, ...same }: OutcomeCount) {
  return { ...same, would: would ?? '', reason: reason ?? '', captures: count }
}

function toCount(row: Tables['policy_outcomes']): OutcomeCount {
  const { tenant: _, name: __, would, reason, captures, ...same } = row
  return {
    ...(same as Pick<OutcomeCount, 'role' | 'candidate' | 'version' | 'purpose' | 'decision'>),
    ...(would === '' ? {} : { would: would as Outcome }),
    ...(reason === '' ? {} : { reason: reason as NonNullable<OutcomeCount['reason']> }),
    count: captures,
  }
}

function toRecord(row: Tables['decision_records']): DecisionRecord {
  const { tenant, session_id, attempt, decided_at, basis, body } = row
  return {
    ...(JSON.parse(body) as Pick<DecisionRecord, 'purpose' | 'signals' | 'decision' | 'reasons'>),
    tenant,
    sessionId: session_id,
    attempt,
    decidedAt: decided_at,
    basis,
  }
}

/**
 * Retention at work: the sweep and the report, which look at the same rules through the same pure function. Batches are small,
 * each a transaction of its own with its entry in the audit log, so that requests get in between.
 */
import type { RetentionReport, RetentionRule, TenantRules } from '@ipse/protocol'
import type { Clock } from '../deps.ts'
import { dueAt, RETENTION_RULE_NAMES, retentionDays, whyDue } from '../domain/retention/rules.ts'
import type { Settings } from '../settings.ts'
import type { DataKeyStore } from '../store/data-key-records.ts'
import type { PrivacyStore } from '../store/privacy-records.ts'
import type { Auditor } from './audit.ts'

/** Rows of one transaction: some milliseconds in the embedded store. */
const BATCH = 200
/** Batches of one rule and tenant in one sweep; the next sweep goes on. */
const MOST_BATCHES = 50

export interface RetentionContext {
  readonly store: PrivacyStore & Pick<DataKeyStore, 'checkDataKeys'>
  readonly clock: Clock
  readonly auditor: Auditor
  readonly settings: Pick<Settings, 'retention'>
}

/** How many ended by each rule that ended any. */
export type Swept = { readonly [R in RetentionRule]?: number }

/** Rules of a tenant that has set none. */
export function defaultRules({ retention }: Pick<Settings, 'retention'>): TenantRules {
  return { preset: retention.preset as TenantRules['preset'], days: {}, approvals: [] }
}

export async function rulesOf(
  { store, settings }: Pick<RetentionContext, 'store' | 'settings'>,
  tenant: string,
): Promise<TenantRules> {
  return (await store.findTenantRules(tenant)) ?? defaultRules(settings)
}

/** Deletes what is due of one tenant, by all rules or by some. */
export async function sweepTenant(
  context: RetentionContext,
  tenant: string,
  rules: readonly RetentionRule[] = RETENTION_RULE_NAMES,
): Promise<Swept> {
  const { store, clock, auditor, settings } = context
  const days = retentionDays(await rulesOf(context, tenant), settings.retention.sessionDays)
  const swept: { [R in RetentionRule]?: number } = {}
  for (const due of dueAt(days, clock.now())) {
    // Mostly nothing is due, and to look takes no lock.
    if (!rules.includes(due.rule) || (await store.countDue(tenant, due)).count === 0) continue
    for (let batch = 0; batch < MOST_BATCHES; batch++) {
      // Their keys are looked at again once they are gone, and then deleted, too (vault/sweep.ts).
      await store.checkDataKeys(await store.listDueKeys(tenant, due, BATCH), clock.now())
      const count = await store.deleteDue(tenant, due, BATCH, (rule, count) =>
        auditor.entry('retention.swept', tenant, { rule, count }),
      )
      if (count > 0) swept[due.rule] = (swept[due.rule] ?? 0) + count
      if (count < BATCH) break
    }
  }
  return swept
}

/** What the next sweep of a tenant would delete, and why. */
export async function retentionReport(context: RetentionContext, tenant: string): Promise<RetentionReport> {
  const { store, clock, settings } = context
  const rules = await rulesOf(context, tenant)
  const now = clock.now()
  const due: RetentionReport['due'][number][] = []
  for (const one of dueAt(retentionDays(rules, settings.retention.sessionDays), now)) {
    const { count, since } = await store.countDue(tenant, one)
    due.push({
      rule: one.rule,
      days: one.days,
      why: whyDue(one),
      count,
      ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    })
  }
  return { madeAt: new Date(now).toISOString(), preset: rules.preset, due }
}

/** Deletes what has reached an end of its own, of all tenants. How many there were. */
export async function sweepEnded({
  store,
  clock,
}: Pick<RetentionContext, 'store' | 'clock'>): Promise<number> {
  let total = 0
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const count = await store.sweepEnded(clock.now(), BATCH)
    total += count
    if (count < BATCH) break
  }
  return total
}

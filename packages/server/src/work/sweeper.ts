/** Ends what is overdue, deletes what was kept long enough. Called at intervals, and by `ipse purge`. */
import { nextState, type RetentionRule } from '@ipse/protocol'
import type { Clock, Random } from '../deps.ts'
import type { Settings } from '../settings.ts'
import { FORGOTTEN, type SessionRecord, type Store } from '../store/store.ts'
import { sweepKeys } from '../vault/sweep.ts'
import { sweepApprovals } from './approvals.ts'
import { type Auditor, createAuditor } from './audit.ts'
import { type Swept, sweepEnded, sweepTenant } from './retention.ts'

/** Sessions that one sweep ends at most; the next sweep takes the rest. */
const BATCH = 500

export interface SweepReport {
  /** Sessions that were ended because their time was over. */
  readonly expired: number
  /** What was deleted by each rule of retention, of all tenants. */
  readonly swept: Swept
  /** What had an end of its own. */
  readonly others: number
}

interface SweepDependencies {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly keys: Parameters<typeof createAuditor>[0]['keys']
}

/** Ends a session whose time is over; undefined when it is not over, or somebody else was faster. */
export async function expireSession(
  { store, clock }: Pick<SweepDependencies, 'store' | 'clock'>,
  auditor: Auditor,
  session: SessionRecord,
): Promise<SessionRecord | undefined> {
  const state = nextState(session.state, 'expire')
  if (!state || session.expiresAt > clock.now()) return undefined
  const { id, tenant, subject } = session
  const audit = auditor.entry('session.expired', tenant, { sessionId: id, subject })
  return store.changeSession(session, { state, ...FORGOTTEN }, { audit })
}

export async function sweep(deps: SweepDependencies, settings: Settings): Promise<SweepReport> {
  const { store, clock } = deps
  const auditor = createAuditor(deps)
  let expired = 0
  for (const session of await store.listOverdueSessions(clock.now(), BATCH))
    if (await expireSession(deps, auditor, session)) expired++
  const swept: { [R in RetentionRule]?: number } = {}
  let others = 0
  for (const tenant of await store.listLogs()) {
    const ofTenant = await sweepTenant({ store, clock, auditor, settings }, tenant)
    for (const [rule, count] of Object.entries(ofTenant) as [RetentionRule, number][])
      swept[rule] = (swept[rule] ?? 0) + count
    others += await sweepApprovals({ store, clock, auditor }, tenant)
  }
  others += (await sweepEnded({ store, clock })) + (await sweepKeys(store, clock.now()))
  return { expired, swept, others }
}

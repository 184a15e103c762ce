/** Policies are published, promoted and taken back: by people who say why, and by the guard over canaries. */
import { IpseError, type Policy, type ReceiptClaims } from '@ipse/protocol'
import type { Clock } from '../deps.ts'
import { checkCalibratedModels, POLICIES, parsePolicy } from '../domain/policies/index.ts'
import {
  type CanaryReport,
  canaryReports,
  type ShadowReport,
  shadowReports,
} from '../domain/rollout/outcomes.ts'
import { type Move, moveVersion, type PolicyVersion, rollBack } from '../domain/rollout/stages.ts'
import type { AuditDraft, AuditEvent } from '../store/audit-records.ts'
import type { Store } from '../store/store.ts'
import type { Auditor } from './audit.ts'
import { type PolicyBook, policyDigest } from './policy-book.ts'

export interface RolloutContext {
  readonly store: Store
  readonly policies: PolicyBook
  readonly auditor: Auditor
  readonly clock: Clock
  /** Whether a canary that does worse may not become active. */
  readonly guard: boolean
}

/** Who does it, and why: both go into the audit log. */
export interface By {
  readonly tenant: string
  readonly actor: string
  readonly why: string
  readonly requestId?: string
}

/** Where an installation's models of the last start belong to nobody. */
const NO_TENANT = ''
/** Who the guard is in the audit log. */
const GUARD = 'guard'

/**
 * Publishes a version as a draft. The same document again is no error.
 * @param document JSON of a policy file
 * @throws IpseError `policy_invalid` naming the member, `conflict` when the version says something else already
 */
export async function publishPolicy(
  { store, policies, auditor, clock }: RolloutContext,
  document: unknown,
  by: By,
): Promise<PolicyVersion> {
  const policy = parsePolicy(document, POLICIES)
  const { name, version } = policy
  const [digest, now] = [await policyDigest(policy), clock.now()]
  const file = policies.inFile(name)
  if (file?.policy.version === version && file.digest !== digest)
    throw new IpseError(
      'conflict',
      `a file has ${name}/${version} and says something else: raise the version`,
    )
  const published: PolicyVersion = {
    tenant: by.tenant,
    name,
    version,
    digest,
    stage: 'draft',
    createdAt: now,
    changedAt: now,
  }
  if (await store.insertPolicyVersion(published, policy, entryOf(auditor, 'policy.published', published, by)))
    return published
  const earlier = (await store.listPolicyVersions(by.tenant, name)).find((other) => other.version === version)
  if (earlier?.digest === digest) return earlier
  throw new IpseError(
    'conflict',
    `${name}/${version} is published and says something else: raise the version`,
  )
}

/** @throws IpseError `not_found`, `invalid_request`, `conflict` for a move that there is not, and for thresholds of other models */
export async function stagePolicy(
  context: RolloutContext,
  name: string,
  move: Move,
  by: By,
): Promise<readonly PolicyVersion[]> {
  const { store, policies, auditor, clock } = context
  const { version, to } = move
  if (to !== 'retired' && to !== 'draft') await checkModels(store, by.tenant, name, version)
  if (to === 'active') await refuseWorse(context, name, version, by)
  return store.changePolicyVersions(by.tenant, name, (before) => {
    const versions = moveVersion(before, move, policies.inFile(name) !== undefined, clock.now())
    return { versions, audit: versions.map((changed) => entryOf(auditor, 'policy.staged', changed, by)) }
  })
}

/**
 * Takes back the canary, or else what is active.
 * @param only where given: nothing is done unless this version is the one that is taken back
 * @throws IpseError `not_found` for a name without versions, `conflict` when there is nothing to take back
 */
export async function rollBackPolicy(
  { store, auditor, clock }: Pick<RolloutContext, 'store' | 'auditor' | 'clock'>,
  name: string,
  by: By,
  only?: number,
): Promise<readonly PolicyVersion[]> {
  return store.changePolicyVersions(by.tenant, name, (before) => {
    if (before.length === 0) throw new IpseError('not_found')
    const versions = rollBack(before, clock.now())
    if (only !== undefined && versions[0]?.version !== only) return { versions: [], audit: [] }
    return { versions, audit: versions.map((changed) => entryOf(auditor, 'policy.rolled-back', changed, by)) }
  })
}

export interface RolloutReport {
  readonly name: string
  readonly versions: readonly PolicyVersion[]
  readonly shadows: readonly ShadowReport[]
  readonly canaries: readonly CanaryReport[]
}

/** @throws IpseError `not_found` */
export async function reportRollout(
  store: Pick<Store, 'listPolicyVersions' | 'listOutcomes'>,
  tenant: string,
  name: string,
): Promise<RolloutReport> {
  const versions = await store.listPolicyVersions(tenant, name)
  if (versions.length === 0) throw new IpseError('not_found')
  const counts = await store.listOutcomes(tenant, name)
  return { name, versions, shadows: shadowReports(counts), canaries: canaryReports(counts) }
}

/** Takes back every canary that does worse than what is in force; called at intervals where the guard is on. */
export async function judgeCanaries(
  context: Pick<RolloutContext, 'store' | 'auditor' | 'clock'>,
): Promise<readonly PolicyVersion[]> {
  const taken: PolicyVersion[] = []
  for (const { tenant, name } of await context.store.listCanaries()) {
    const { versions, canaries } = await reportRollout(context.store, tenant, name)
    const canary = versions.find(({ stage }) => stage === 'canary')
    const report = canaries.find(({ candidate }) => candidate === canary?.version)
    if (!canary || !report || report.worse.length === 0) continue
    const by = { tenant, actor: GUARD, why: report.worse.join('; ') }
    taken.push(...(await rollBackPolicy(context, name, by, canary.version)))
  }
  return taken
}

/**
 * Notes which models this process was started with. When they are not those of the start before, whichever process that
 * was, the audit log says so.
 * @returns whether they are others
 */
export async function noteModels(
  { store, auditor, clock }: Pick<RolloutContext, 'store' | 'auditor' | 'clock'>,
  models: ReceiptClaims['models'],
  digest: string,
): Promise<boolean> {
  const audit = auditor.entry('models.changed', NO_TENANT, {
    models: models.map(({ id, version, sha256 }) => `${id}@${version} ${sha256}`),
    note: digest,
  })
  return store.noteModelSet({ digest, models }, clock.now(), audit)
}

async function checkModels(store: Store, tenant: string, name: string, version: number): Promise<void> {
  const policy: Policy | undefined = await store.findPublishedPolicy(tenant, name, version)
  const [last] = await store.listModelSets()
  if (!policy || !last) return
  try {
    checkCalibratedModels({ [name]: policy }, last.models)
  } catch (cause) {
    throw new IpseError('conflict', (cause as Error).message, { cause })
  }
}

async function refuseWorse({ store, guard }: RolloutContext, name: string, version: number, { tenant }: By) {
  if (!guard) return
  const { canaries } = await reportRollout(store, tenant, name)
  const worse = canaries.find(({ candidate }) => candidate === version)?.worse ?? []
  if (worse.length > 0) throw new IpseError('conflict', `${name}/${version} does worse: ${worse.join('; ')}`)
}

function entryOf(auditor: Auditor, event: AuditEvent, changed: PolicyVersion, by: By): AuditDraft {
  const { name, version, stage, share } = changed
  const { actor, why, requestId } = by
  return auditor.entry(event, by.tenant, {
    policy: `${name}/${version}`,
    stage: share === undefined ? stage : `${stage} ${share} %`,
    actor,
    note: why,
    ...(requestId === undefined ? {} : { requestId }),
  })
}

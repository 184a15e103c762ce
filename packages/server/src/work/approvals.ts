/**
 * The two-person rule, for any action that asks: the one who wants it sends the request, hears `approval_required`, and sends it
 * again when a person other than themselves has agreed. An approval counts once, for that party and that target, for a day.
 */
import {
  type Approval,
  type ApprovalAction,
  type ApprovalState,
  canonicalJson,
  IpseError,
  newId,
} from '@ipse/protocol'
import type { Random } from '../deps.ts'
import type { Move } from '../domain/rollout/stages.ts'
import type { Scope } from '../identity/scopes.ts'
import type { ApprovalRecord } from '../store/privacy-records.ts'
import { type RetentionContext, rulesOf } from './retention.ts'
import type { Actor } from './reviews.ts'

/** From the request to the use, milliseconds. */
const LIFE_MS = 86_400_000
/** Of one tenant in one sweep. */
const ENDED_AT_ONCE = 200

/** Who may not do a thing may not agree to it either. */
const SCOPE_OF: Readonly<Record<ApprovalAction, Scope>> = {
  erase: 'subject:delete',
  export: 'subject:read',
  policy: 'policy:write',
  rules: 'privacy:manage',
}

export type ApprovalContext = RetentionContext & { readonly random: Random }

/**
 * Goes through when the tenant asks for no second person, or one has agreed; that agreement is used up.
 * @returns id of the approval that was used
 * @throws IpseError `approval_required` naming the request that waits
 */
export async function assertApproved(
  context: ApprovalContext,
  action: ApprovalAction,
  target: string,
  { tenant, actor, requestId }: Actor,
): Promise<{ readonly approval?: string }> {
  const { store, clock, random, auditor } = context
  const { approvals } = await rulesOf(context, tenant)
  const asked = action === 'rules' ? approvals.length > 0 : approvals.includes(action)
  if (!asked) return {}
  const now = clock.now()
  const id = newId('approval', (length) => random.bytes(length))
  const wish: ApprovalRecord = {
    id,
    tenant,
    action,
    target,
    requestedBy: actor,
    createdAt: now,
    expiresAt: now + LIFE_MS,
    state: 'waiting',
  }
  const about = (approval: string) => ({ ...subjectOf(wish), action, approval, actor, requestId })
  const live = await store.requestApproval(wish, auditor.entry('approval.requested', tenant, about(id)))
  if (live.state !== 'approved')
    throw new IpseError(
      'approval_required',
      `${live.id} waits for a second person until ${new Date(live.expiresAt).toISOString()}`,
    )
  const audit = auditor.entry('approval.used', tenant, about(live.id))
  if (!(await store.changeApproval(live, { state: 'used' }, audit))) throw new IpseError('conflict')
  return { approval: live.id }
}

/**
 * The same for the stage of a policy version, where people would be decided about by it: a draft, a shadow and a retirement need
 * nobody, and a rollback must not wait.
 * @throws IpseError `approval_required`
 */
export async function assertStageApproved(
  context: ApprovalContext,
  name: string,
  move: Move,
  by: Actor,
): Promise<void> {
  if (move.to !== 'canary' && move.to !== 'active') return
  await assertApproved(context, 'policy', canonicalJson({ name, ...move }), by)
}

/**
 * A person agrees or refuses, once.
 * @param scopes of that person
 * @throws IpseError `not_found`; `conflict` when it does not wait any more; `forbidden` for the party that asked, and for somebody who may not do the thing either
 */
export async function decideApproval(
  context: ApprovalContext,
  id: string,
  grant: boolean,
  { tenant, actor, requestId }: Actor,
  scopes: readonly string[],
): Promise<Approval> {
  const { store, clock, auditor } = context
  const found = await store.findApproval(tenant, id)
  if (!found) throw new IpseError('not_found')
  const { action } = found
  if (stateOf(found, clock.now()) !== 'waiting') throw new IpseError('conflict', 'it does not wait any more')
  if (grant && found.requestedBy === actor)
    throw new IpseError('forbidden', 'nobody approves what they asked for')
  if (!scopes.includes(SCOPE_OF[action]))
    throw new IpseError('forbidden', `the scope ${SCOPE_OF[action]} is missing`)
  const change = {
    state: grant ? 'approved' : 'refused',
    decidedBy: actor,
    decidedAt: clock.now(),
  } as const
  const event = grant ? 'approval.granted' : 'approval.refused'
  const audit = auditor.entry(event, tenant, { ...subjectOf(found), action, approval: id, actor, requestId })
  if (!(await store.changeApproval(found, change, audit))) throw new IpseError('conflict')
  return viewApproval({ ...found, ...change }, clock.now())
}

/** Forgets what is past its end; what nobody agreed to or used in time is in the log. */
export function sweepApprovals(
  { store, clock, auditor }: Pick<ApprovalContext, 'store' | 'clock' | 'auditor'>,
  tenant: string,
): Promise<number> {
  return store.endApprovals(tenant, clock.now(), ENDED_AT_ONCE, (record) => {
    const { action, id } = record
    return auditor.entry('approval.expired', tenant, { ...subjectOf(record), action, approval: id })
  })
}

export function viewApproval(record: ApprovalRecord, now: number): Approval {
  const { id, action, target, requestedBy, createdAt, expiresAt, decidedBy, decidedAt } = record
  return {
    id,
    action,
    target,
    state: stateOf(record, now),
    requestedBy,
    requestedAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    ...(decidedBy === undefined ? {} : { decidedBy }),
    ...(decidedAt === undefined ? {} : { decidedAt: new Date(decidedAt).toISOString() }),
  }
}

function stateOf({ state, expiresAt }: ApprovalRecord, now: number): ApprovalState {
  return (state === 'waiting' || state === 'approved') && expiresAt <= now ? 'expired' : state
}

/** The log names a subject by pseudonym only. */
function subjectOf({ action, target }: Pick<ApprovalRecord, 'action' | 'target'>) {
  return action === 'erase' || action === 'export' ? { subject: target } : {}
}

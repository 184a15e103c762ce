/** One attempt in the store: used up when its challenge is issued, ended with or without a decision. */
import {
  type Attempt,
  type CaptureFacts,
  type ChallengePlan,
  digestOf,
  IpseError,
  type Json,
  logOrigin,
  newId,
  nextState,
  type ReceiptClaims,
  type ResolvedPolicy,
  type SessionEvent,
} from '@ipse/protocol'
import { askedDirections, drawPlan } from '../domain/challenge-plan.ts'
import { checkCalibratedModels, resolvePolicy } from '../domain/policies/index.ts'
import { abandonAttempt } from '../domain/session.ts'
import { auditClaim } from '../log/claim.ts'
import type { AuditEvent } from '../store/audit-records.ts'
import type { LogPlace } from '../store/log-records.ts'
import type { Decided } from '../store/rollout-records.ts'
import { FORGOTTEN, type ReferenceRecord, type SessionChange, type SessionRecord } from '../store/store.ts'
import type { MediaChange } from '../store/vault-records.ts'
import type { AuditDetails } from '../work/audit.ts'
import type { CaptureContext } from './context.ts'
import { compareDescription } from './description.ts'

export interface IssuedAttempt {
  readonly session: SessionRecord
  readonly number: number
  readonly attemptsLeft: number
  readonly challengeId: string
  readonly plan: ChallengePlan
  readonly policy: ResolvedPolicy
}

/** Draws a challenge and uses up an attempt, before anything of the challenge leaves the server. */
export async function issueChallenge(
  context: CaptureContext,
  session: SessionRecord,
): Promise<IssuedAttempt> {
  const { clock, random } = context
  const bytes = (length: number) => random.bytes(length)
  const policy = await resolvedPolicy(context, session)
  const plan = drawPlan(policy.challenge, bytes)
  const number = session.attempts.length + 1
  const attemptsLeft = session.maxAttempts - number
  if (attemptsLeft < 0) throw new IpseError('session_wrong_state')
  const attempt: Attempt = {
    number,
    startedAt: new Date(clock.now()).toISOString(),
    reasons: [],
    asked: askedDirections(plan),
    frames: 0,
  }
  const changed = await transition(context, session, 'challenge', 'capture.challenged', {
    attempts: [...session.attempts, attempt],
  })
  return { session: changed, number, attemptsLeft, challengeId: newId('challenge', bytes), plan, policy }
}

/** The session's policy with the thresholds of this engine's models. Where it has none for it, candidates hear of it. */
async function resolvedPolicy(
  { engine, policies, rollout }: CaptureContext,
  session: SessionRecord,
): Promise<ResolvedPolicy> {
  const policy = await policies.of(session)
  try {
    checkCalibratedModels({ [policy.name]: policy }, engine.models)
    return resolvePolicy(policy, engine.operatingPoints, engine.pads)
  } catch (error) {
    rollout.failed(session)
    throw error
  }
}

/** Applies a session event by compare-and-set. @throws IpseError `session_wrong_state` when somebody else was faster */
export async function transition(
  context: CaptureContext,
  session: SessionRecord,
  event: SessionEvent,
  auditEvent: AuditEvent | undefined,
  change: SessionChange = {},
  also: {
    readonly audit?: AuditDetails
    readonly reference?: ReferenceRecord
    readonly decided?: Decided
    readonly media?: MediaChange
    /** Claims of the receipt that ends the session; where the audit log has it is added. */
    readonly receipt?: ReceiptClaims | undefined
  } = {},
): Promise<SessionRecord> {
  const state = nextState(session.state, event)
  if (!state) throw new IpseError('session_wrong_state')
  const audit =
    auditEvent === undefined
      ? {}
      : {
          audit: context.auditor.entry(auditEvent, session.tenant, {
            sessionId: session.id,
            subject: session.subject,
            ...also.audit,
            ...(also.receipt ? { receipt: also.receipt.jti } : {}),
          }),
        }
  const { audit: _, receipt: claims, ...rest } = also
  const log = logOrigin(context.settings.server.publicUrl, session.tenant)
  const receipt = claims && {
    receipt: (place: LogPlace) => context.keys.signReceipt({ ...claims, audit: auditClaim(log, place) }),
  }
  const changed = await context.store.changeSession(
    session,
    { ...change, state },
    { ...rest, ...audit, ...receipt },
  )
  if (!changed) throw new IpseError('session_wrong_state')
  // What the session forgets nobody opens again. Should this fail, the key ends with the session's time.
  if (session.referenceTemplate && !changed.referenceTemplate)
    await context.vault.destroy([session.referenceTemplate.key]).catch(() => {})
  return changed
}

/** The attempts of a session with the last one ended. */
export function endedAttempts(
  session: SessionRecord,
  end: Pick<Attempt, 'decision' | 'reasons' | 'frames'> & { readonly endedAtMs: number },
): Attempt[] {
  const { endedAtMs, ...rest } = end
  return session.attempts.map((attempt, index) =>
    index === session.attempts.length - 1
      ? { ...attempt, ...rest, endedAt: new Date(endedAtMs).toISOString() }
      : attempt,
  )
}

/** What is known of a capture that did not get to its end. */
export interface Interrupted {
  readonly frames: number
  readonly facts: CaptureFacts | undefined
  readonly cause: unknown
}

/** Ends an attempt whose capture did not get to its end. What is left of the session follows from the attempts left. */
export async function abandon(
  context: CaptureContext,
  issued: IssuedAttempt,
  session: SessionRecord,
  jkt: string,
  { frames, facts, cause }: Interrupted,
): Promise<void> {
  const { event, decision, reasons } = abandonAttempt(issued.attemptsLeft)
  const attempts = endedAttempts(session, { decision, reasons, frames, endedAtMs: context.clock.now() })
  const final = event === 'exhaust'
  const receipt: ReceiptClaims | undefined = final
    ? {
        ...(await receiptBasis(context, issued)),
        decision,
        reasons,
        assurance: 'none',
        evidence: [],
        device: { jkt, virtualCamera: false },
      }
    : undefined
  const result: SessionChange = final
    ? {
        decision,
        reasons,
        ...FORGOTTEN,
      }
    : { reasons, ...compareDescription(context, session, facts).change }
  await transition(
    context,
    session,
    event,
    'capture.abandoned',
    { attempts, ...result },
    {
      audit: {
        decision,
        reasons,
        policy: `${issued.policy.name}/${issued.policy.version}`,
        error: cause instanceof IpseError ? cause.code : 'internal',
      },
      receipt,
    },
  )
}

/** The claims of a receipt that do not depend on the evidence. */
export async function receiptBasis(
  { clock, random, settings, engine }: CaptureContext,
  { session, number, plan, policy }: IssuedAttempt,
): Promise<Omit<ReceiptClaims, 'decision' | 'reasons' | 'assurance' | 'evidence' | 'device'>> {
  const iat = Math.floor(clock.now() / 1000)
  return {
    iss: settings.server.publicUrl,
    aud: session.tenant,
    iat,
    exp: iat + settings.receipt.lifetimeSeconds,
    jti: newId('receipt', (length) => random.bytes(length)),
    sid: session.id,
    ...(session.subject === undefined ? {} : { sub: session.subject }),
    purpose: session.purpose,
    attempt: number,
    policy: { name: policy.name, version: policy.version, digest: await digestOf(policy as unknown as Json) },
    models: engine.models.map(({ id, version, sha256 }) => ({ id, version, sha256 })),
    challenge: { version: plan.version, digest: await digestOf(plan as unknown as Json) },
  }
}

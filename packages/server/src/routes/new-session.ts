/** A session from a relying party's wish: rules that a schema cannot express, and the record that is stored. */
import { type CreateSession, IpseError, newId, toBase64url } from '@ipse/protocol'
import { parseAddressList } from '../addresses.ts'
import { sessionOwner } from '../capture/reference-templates.ts'
import { DEFAULT_POLICY } from '../domain/policies/index.ts'
import type { Caller } from '../http/caller.ts'
import { isOrigin } from '../identity/rights.ts'
import type { StoredConsent } from '../store/privacy-records.ts'
import type { SessionRecord } from '../store/store.ts'
import { assertWelcome, resolveDevice } from '../work/conduct.ts'
import { consentOf, isConsentRequired } from '../work/consents.ts'
import type { RouteContext } from './context.ts'
import { referenceTemplate } from './images.ts'

export interface NewSession {
  readonly session: SessionRecord
  /** The consent that came along, to be stored with it. */
  readonly consent?: StoredConsent
}

/** @throws IpseError `policy_unknown`, `consent_missing`, `reference_not_found`, `reference_unusable`, `invalid_request`, `locked_out`, `device_blocked`, `subject_disabled` */
export async function newSession(
  context: RouteContext,
  caller: Caller,
  wish: CreateSession,
): Promise<NewSession> {
  const { clock, random, vault, engine, policies } = context
  const bytes = (length: number) => random.bytes(length)
  const id = newId('session', bytes)
  const { policy, digest } = await policies.choose(caller.tenant, wish.policy ?? DEFAULT_POLICY, id)
  const asked = { tenant: caller.tenant, ...wish }
  const { id: consentId, fresh: consent } = consentOf(context, asked, isConsentRequired(policy, wish.purpose))
  checkSubject(wish)
  const allowedOrigins = originsOf(wish.allowedOrigins ?? [], caller)
  const now = clock.now()
  const session: SessionRecord = {
    id,
    tenant: caller.tenant,
    version: 1,
    purpose: wish.purpose,
    state: 'created',
    ...(wish.subject === undefined ? {} : { subject: wish.subject }),
    policy: { name: policy.name, version: policy.version, digest },
    createdAt: now,
    expiresAt: now + (wish.ttlSeconds ?? policy.ttlSeconds) * 1000,
    maxAttempts: wish.maxAttempts ?? policy.maxAttempts,
    allowedOrigins,
    ...(wish.allowedNetworks === undefined ? {} : { allowedNetworks: networksOf(wish.allowedNetworks) }),
    ...(consentId === undefined ? {} : { consent: consentId }),
    ...(wish.deviceCorrelationId === undefined
      ? {}
      : { deviceMac: await resolveDevice(context, caller.tenant, wish.deviceCorrelationId) }),
    tokenId: toBase64url(bytes(16)),
    attempts: [],
    reasons: [],
    assurance: 'none',
    evidence: [],
  }
  const stored = consent === undefined ? {} : { consent }
  await assertWelcome(context, session)
  if (wish.referenceImage !== undefined) {
    const template = await referenceTemplate(context.queue, wish.referenceImage)
    const sealed = await vault.sealTemplate(
      template,
      sessionOwner(session),
      engine.templateParts,
      session.expiresAt,
    )
    return { session: { ...session, referenceTemplate: sealed }, ...stored }
  }
  if (wish.purpose === 'verification') await requireReference(context, session)
  return { session, ...stored }
}

function checkSubject({ purpose, subject, referenceImage }: CreateSession): void {
  const refuse = (detail: string) => new IpseError('invalid_request', detail)
  if (purpose === 'enrolment' && subject === undefined) throw refuse('an enrolment names a subject')
  if (purpose === 'verification' && subject === undefined && referenceImage === undefined)
    throw refuse('a verification names a subject or brings a reference image')
  if (purpose !== 'verification' && referenceImage !== undefined)
    throw refuse('only a verification takes a reference image')
}

function originsOf(wished: readonly string[], { origins }: Caller): readonly string[] {
  for (const origin of wished) {
    if (!isOrigin(origin))
      throw new IpseError('invalid_request', 'allowedOrigins holds something that is no origin')
    if (origins !== undefined && !origins.includes(origin))
      throw new IpseError('forbidden', 'this caller may not name this origin')
  }
  return [...new Set(wished)]
}

function networksOf(wished: readonly string[]): readonly string[] {
  try {
    parseAddressList(wished)
  } catch (cause) {
    const detail = 'allowedNetworks holds something that is no address and no CIDR range'
    throw new IpseError('invalid_request', detail, { cause })
  }
  return [...new Set(wished)]
}

async function requireReference({ store, engine }: RouteContext, session: SessionRecord): Promise<void> {
  const references = await store.listReferences(session.tenant, session.subject ?? '')
  if (!references.some(({ model }) => model === engine.templateModelId))
    throw new IpseError('reference_not_found')
}

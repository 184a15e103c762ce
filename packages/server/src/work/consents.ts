/** Consents: what a request brings or names, and how one ends. */
import {
  type Consent,
  type ConsentRecord,
  IpseError,
  newId,
  type Policy,
  type WithdrawnConsent,
} from '@ipse/protocol'
import type { Clock, Random } from '../deps.ts'
import type { StoredConsent } from '../store/privacy-records.ts'
import type { Store } from '../store/store.ts'
import type { Auditor } from './audit.ts'
import { type RetentionContext, sweepTenant } from './retention.ts'
import type { Actor } from './reviews.ts'

/** What a request says about the consent of the person it is about. */
export interface Asked {
  readonly tenant: string
  readonly subject?: string | undefined
  readonly consent?: Consent | undefined
  readonly consentId?: string | undefined
}

/** The consent that something rests on; `fresh` is stored together with it. */
export interface Resting {
  readonly id?: string
  readonly fresh?: StoredConsent
}

export function isConsentRequired(
  { consentForEnrolment, consentForSessions }: Policy,
  purpose: 'enrolment' | 'verification' | 'liveness',
): boolean {
  return consentForSessions === true || (purpose === 'enrolment' && consentForEnrolment)
}

/** @throws IpseError `consent_missing` where one is required, `invalid_request` for two, or for one that has ended before it began */
export function consentOf(
  context: { readonly clock: Clock; readonly random: Random },
  asked: Asked,
  required: boolean,
): Resting {
  const { consent, consentId } = asked
  if (consent && consentId !== undefined)
    throw new IpseError('invalid_request', 'consent or consentId, not both')
  if (consent) {
    const fresh = newConsent(context, asked, consent)
    return { id: fresh.id, fresh }
  }
  if (consentId === undefined && required) throw new IpseError('consent_missing')
  return consentId === undefined ? {} : { id: consentId }
}

/** @throws IpseError `invalid_request` when its purpose has ended already */
export function newConsent(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { tenant, subject }: Asked,
  consent: Consent,
): StoredConsent {
  const recordedAt = clock.now()
  const validUntil = consent.validUntil === undefined ? undefined : Date.parse(consent.validUntil)
  if (validUntil !== undefined && !(validUntil > recordedAt))
    throw new IpseError('invalid_request', 'validUntil has passed')
  return {
    id: newId('consent', (length) => random.bytes(length)),
    tenant,
    ...(subject === undefined ? {} : { subject }),
    consent,
    recordedAt,
    ...(validUntil === undefined ? {} : { validUntil }),
  }
}

export function viewConsent({ id, consent, recordedAt, withdrawnAt }: StoredConsent): ConsentRecord {
  return {
    id,
    ...consent,
    recordedAt: new Date(recordedAt).toISOString(),
    ...(withdrawnAt === undefined ? {} : { withdrawnAt: new Date(withdrawnAt).toISOString() }),
  }
}

/**
 * Withdraws a consent: from now on nothing is compared with what rested on it, and what the tenant's rules do not keep longer
 * is erased before this returns.
 * @throws IpseError `not_found`; `consent_withdrawn` when it was withdrawn before
 */
export async function withdrawConsent(
  context: RetentionContext & { readonly store: Store; readonly auditor: Auditor },
  id: string,
  { tenant, ...by }: Actor,
): Promise<WithdrawnConsent> {
  const { store, auditor, clock } = context
  const found = await store.findConsent(tenant, id)
  if (!found) throw new IpseError('not_found')
  const audit = auditor.entry('consent.withdrawn', tenant, { subject: found.subject, consent: id, ...by })
  const withdrawn = await store.withdrawConsent(tenant, id, audit)
  if (!withdrawn) throw new IpseError('consent_withdrawn')
  const swept = await sweepTenant(context, tenant, ['reference-withdrawn'])
  return {
    id,
    withdrawnAt: new Date(clock.now()).toISOString(),
    sessionsEnded: withdrawn.sessionsEnded,
    referencesErased: swept['reference-withdrawn'] ?? 0,
  }
}

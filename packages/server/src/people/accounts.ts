/** Accounts of people: invited, listed, disabled. Nobody makes an account without an invitation or an identity provider. */
import { IpseError, newId, toBase64url } from '@ipse/protocol'
import { isTenant } from '../identity/rights.ts'
import { isRole } from '../identity/roles.ts'
import type { InvitationRecord, PersonRecord } from '../store/people-records.ts'
import type { PeopleContext } from './context.ts'
import { invitationLink } from './site.ts'

const SECRET_BYTES = 32
const SECRET = /^[A-Za-z0-9_-]{43}$/
const INVITATION_MS = 86_400_000
/** Letters of any script: people's names are not identifiers. */
const NAME = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,'’@_-]{0,63}$/u

export interface NewPerson {
  readonly tenant: string
  readonly name: string
  readonly roles: readonly string[]
}

/** `link` is shown once and never stored. */
export interface Invited {
  readonly person: PersonRecord
  readonly link: string
  readonly expiresAt: number
}

/** @throws IpseError `invalid_request` for a bad tenant, name or role */
export function newPerson(
  { random, clock }: PeopleContext,
  { tenant, name, roles }: NewPerson,
): PersonRecord {
  const refuse = (detail: string) => new IpseError('invalid_request', detail)
  if (!isTenant(tenant)) throw refuse('a tenant is 1–63 characters of a–z, 0–9 and hyphen')
  if (!isPersonName(name)) throw refuse("a name is 1–64 letters, digits, spaces or . , ' @ - _")
  if (roles.length === 0 || !roles.every(isRole)) throw refuse('unknown role, or none')
  const id = newId('person', (length) => random.bytes(length))
  return { id, tenant, name, roles: [...new Set(roles)], createdAt: clock.now() }
}

export function isPersonName(text: unknown): text is string {
  return typeof text === 'string' && NAME.test(text)
}

/**
 * A new person, who is nobody until the link has been used.
 * @param actor who invites: id of a person, or absent at the command line
 * @throws IpseError `invalid_request`
 */
export async function invite(context: PeopleContext, wish: NewPerson, actor?: string): Promise<Invited> {
  const person = newPerson(context, wish)
  const { invitation, link } = newInvitation(context, person.id)
  await context.store.insertPerson(person, auditOf(context, person, actor), invitation)
  return { person, link, expiresAt: invitation.expiresAt }
}

/** A new link for somebody who has lost the first one, or every passkey. @throws IpseError `not_found` */
export async function inviteAgain(context: PeopleContext, id: string, actor?: string): Promise<Invited> {
  const person = await context.store.findPerson(id)
  if (!person || person.disabledAt !== undefined) throw new IpseError('not_found')
  const { invitation, link } = newInvitation(context, id)
  await context.store.replaceInvitation(invitation, auditOf(context, person, actor))
  return { person, link, expiresAt: invitation.expiresAt }
}

/** Whom a link's secret invites, while it may be used. */
export async function findInvited(
  { store, keys, clock }: Pick<PeopleContext, 'store' | 'keys' | 'clock'>,
  secret: string,
): Promise<{ readonly person: PersonRecord; readonly mac: string } | undefined> {
  if (!SECRET.test(secret)) return undefined
  const mac = keys.mac('person-invitation', secret)
  const invitation = await store.findInvitation(mac, clock.now())
  const person = invitation && (await store.findPerson(invitation.personId))
  return person?.disabledAt === undefined && person ? { person, mac } : undefined
}

/**
 * Ends a person and their sessions at once.
 * @param tenant whose people may be named; anybody's when absent
 * @throws IpseError `not_found`; `conflict` for the last owner who can sign in
 */
export async function disablePerson(
  { store, auditor }: Pick<PeopleContext, 'store' | 'auditor'>,
  id: string,
  { tenant, actor }: { readonly tenant?: string; readonly actor?: string } = {},
): Promise<void> {
  const person = await store.findPerson(id)
  if (!person || (tenant !== undefined && person.tenant !== tenant)) throw new IpseError('not_found')
  const audit = auditor.entry('person.disabled', person.tenant, {
    person: id,
    ...(actor === undefined ? {} : { actor }),
  })
  const outcome = await store.disablePerson(id, audit)
  if (outcome === 'unknown') throw new IpseError('not_found')
  if (outcome === 'last-owner')
    throw new IpseError('conflict', 'no other owner could sign in any more: invite another one first')
}

function newInvitation({ keys, clock, random, site }: PeopleContext, personId: string) {
  const secret = toBase64url(random.bytes(SECRET_BYTES))
  const mac = keys.mac('person-invitation', secret)
  const invitation: InvitationRecord = { mac, personId, expiresAt: clock.now() + INVITATION_MS }
  return { invitation, link: invitationLink(site, secret) }
}

function auditOf({ auditor }: PeopleContext, { id, tenant, roles }: PersonRecord, actor: string | undefined) {
  return auditor.entry('person.invited', tenant, {
    person: id,
    note: roles.join(' '),
    ...(actor === undefined ? {} : { actor }),
  })
}

/**
 * Sessions of people: an opaque 256-bit cookie, stored as a keyed hash, new at every sign-in. 12 hours at most, half an hour
 * unused (NIST SP 800-63B §4.2.3, AAL2).
 */
import { toBase64url } from '@ipse/protocol'
import { isRefused, type Refused } from '../identity/refusal.ts'
import { scopesOfRoles } from '../identity/roles.ts'
import type { PersonRecord } from '../store/people-records.ts'
import type { PeopleContext } from './context.ts'
import { cookieHeader, readCookie, SESSION_COOKIE } from './cookies.ts'
import type { Site } from './site.ts'

const SECRET_BYTES = 32
const FORM = /^[A-Za-z0-9_-]{43}$/
const SESSION_S = 12 * 3600
const IDLE_MS = 30 * 60_000
/** At most one write a session in this time, milliseconds. */
const NOTE_INTERVAL_MS = 60_000

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE_METHODS = ['GET', 'HEAD']

/** As much of a request as decides whose it is. */
export interface BrowserRequest {
  readonly method?: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface SignedIn {
  readonly person: PersonRecord
  readonly scopes: readonly string[]
  /** Keyed hash of the session's cookie. */
  readonly mac: string
}

/**
 * Whether our own page made the request: unsafe methods name its origin exactly, and a browser that says where a request
 * comes from says so of every one. Attack stopped: cross-site request forgery, also from another port of the same host.
 */
export function isFromOurPage({ origin }: Site, { method = '', headers }: BrowserRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  return SAFE_METHODS.includes(method) ? true : headers.origin === origin
}

/** Whether the request shows a session of a person at all; nothing is checked. */
export function showsSession({ site }: Pick<PeopleContext, 'site'>, { headers }: BrowserRequest): boolean {
  return sessionCookie(site, headers) !== undefined
}

/** @returns the value of `Set-Cookie`. A session that the browser had before ends. */
export async function beginSession(
  { store, keys, clock, random, auditor, site }: PeopleContext,
  { id, tenant }: PersonRecord,
  how: string,
  { headers }: BrowserRequest,
): Promise<string> {
  const secret = toBase64url(random.bytes(SECRET_BYTES))
  const now = clock.now()
  const session = {
    mac: keys.mac('person-session', secret),
    personId: id,
    createdAt: now,
    seenAt: now,
    endsAt: now + SESSION_S * 1000,
  }
  const before = sessionCookie(site, headers)
  const replaced = before === undefined ? undefined : keys.mac('person-session', before)
  const audit = auditor.entry('person.signed-in', tenant, { actor: id, note: how })
  await store.insertPersonSession(session, audit, replaced)
  return cookieHeader(site, SESSION_COOKIE, secret, SESSION_S)
}

/** Who is signed in on the browser that made the request. */
export async function authenticatePerson(
  { store, keys, clock, site }: Pick<PeopleContext, 'store' | 'keys' | 'clock' | 'site'>,
  request: BrowserRequest,
): Promise<SignedIn | Refused> {
  const cookie = sessionCookie(site, request.headers) ?? ''
  if (!FORM.test(cookie)) return { refused: true, why: 'session' }
  const mac = keys.mac('person-session', cookie)
  const found = await store.findPersonSession(mac)
  if (!found) return { refused: true, why: 'session' }
  const { session, person } = found
  const now = clock.now()
  if (session.endsAt <= now || session.seenAt + IDLE_MS <= now)
    return { refused: true, why: 'session', id: person.id }
  if (person.disabledAt !== undefined) return { refused: true, why: 'disabled', id: person.id }
  if (!isFromOurPage(site, request)) return { refused: true, why: 'origin', id: person.id }
  if (now >= session.seenAt + NOTE_INTERVAL_MS) await store.touchPersonSession(mac, now)
  return { person, scopes: scopesOfRoles(person.roles), mac }
}

/** Ends the request's session, or all of its person. @returns the value of `Set-Cookie` that deletes the cookie */
export async function endSessions(
  context: PeopleContext,
  request: BrowserRequest,
  which: 'this' | 'all',
): Promise<string> {
  const { store, auditor, site } = context
  const signedIn = await authenticatePerson(context, request)
  if (!isRefused(signedIn)) {
    const { person, mac } = signedIn
    const audit = auditor.entry('person.signed-out', person.tenant, { actor: person.id })
    await store.endPersonSessions(which === 'all' ? { personId: person.id } : { mac }, audit)
  }
  return cookieHeader(site, SESSION_COOKIE, '', 0)
}

function sessionCookie(site: Site, headers: BrowserRequest['headers']): string | undefined {
  return readCookie(site, SESSION_COOKIE, typeof headers.cookie === 'string' ? headers.cookie : undefined)
}

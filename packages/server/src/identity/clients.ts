/** Registered clients: programs of relying parties that prove themselves by certificate or by a signing key of their own. */
import { IpseError, newId } from '@ipse/protocol'
import type { Clock, Random } from '../deps.ts'
import type { AuditDraft, AuditEvent } from '../store/audit-records.ts'
import type { ClientRecord, Store } from '../store/store.ts'
import type { PeerCertificate } from './certificate.ts'
import type { Refused } from './refusal.ts'
import { checkRights, mayUseFrom, type Rights } from './rights.ts'
import { rsaFlaw } from './rsa-keys.ts'

/** Enough for a change of keys, few enough to read. */
const MAX_KEYS = 5
const FINGERPRINT = /^[0-9a-f]{64}$/

export interface NewClient extends Rights {
  /** SHA-256 of its certificate, lower-case hex. */
  readonly fingerprint?: string
  readonly san?: string
  /** A JWK set (RFC 7517) as it was read from a file. */
  readonly jwks?: unknown
}

/** @throws IpseError `invalid_request` for what cannot be registered, `conflict` when a live client has that certificate */
export async function createClient(
  store: Store,
  random: Random,
  clock: Clock,
  wish: NewClient,
): Promise<ClientRecord> {
  checkRights(wish)
  const { tenant, name, scopes, origins, networks, fingerprint, san, jwks } = wish
  const refuse = (detail: string) => new IpseError('invalid_request', detail)
  if (fingerprint === undefined && san === undefined && jwks === undefined)
    throw refuse('a client needs a certificate, a URI or a key set')
  if (fingerprint !== undefined && !FINGERPRINT.test(fingerprint)) throw refuse('not a SHA-256 fingerprint')
  if (san !== undefined && !(URL.canParse(san) && san.length <= 500)) throw refuse('the SAN is not a URI')
  const record: ClientRecord = {
    id: newId('client', (length) => random.bytes(length)),
    tenant,
    name,
    scopes,
    ...(origins === undefined ? {} : { origins }),
    ...(networks === undefined ? {} : { networks }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(san === undefined ? {} : { san }),
    ...(jwks === undefined ? {} : { jwks: parseKeySet(jwks) }),
    createdAt: clock.now(),
  }
  if (!(await store.insertClient(record, auditOf('client.added', record, random, clock))))
    throw new IpseError('conflict', 'a live client has this certificate or URI already')
  return record
}

/** @throws IpseError `not_found` when there is no such client or it was revoked before */
export async function revokeClient(store: Store, random: Random, clock: Clock, id: string): Promise<void> {
  const record = await store.findClient(id)
  const revoked = record && (await store.revokeClient(id, auditOf('client.revoked', record, random, clock)))
  if (!revoked) throw new IpseError('not_found')
}

function auditOf(
  event: Extract<AuditEvent, `client.${string}`>,
  { id, tenant }: ClientRecord,
  random: Random,
  clock: Clock,
): AuditDraft {
  return { id: newId('audit', (length) => random.bytes(length)), time: clock.now(), tenant, event, actor: id }
}

/** Public members by type of key; a set with any other is refused, a private one before all. */
const FORMS = {
  'EC P-256': { alg: 'ES256', members: ['x', 'y'] },
  'OKP Ed25519': { alg: 'EdDSA', members: ['x'] },
  'RSA ': { alg: 'PS256', members: ['n', 'e'] },
} as const
const DESCRIPTIVE = ['kty', 'crv', 'kid', 'alg', 'use', 'key_ops']

/** @throws IpseError `invalid_request` naming what is wrong; no key material is in the message */
export function parseKeySet(value: unknown): NonNullable<ClientRecord['jwks']> {
  const refuse = (what: string) => new IpseError('invalid_request', `the key set: ${what}`)
  const { keys } = (value ?? {}) as { keys?: unknown }
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS)
    throw refuse(`it holds 1–${MAX_KEYS} keys`)
  const parsed = keys.map((key: Record<string, unknown>) => {
    const form = FORMS[`${key?.kty} ${key?.crv ?? ''}` as keyof typeof FORMS]
    if (!form) throw refuse('a key is neither EC P-256, Ed25519 nor RSA')
    const known: readonly string[] = [...DESCRIPTIVE, ...form.members]
    if (Object.keys(key).some((member) => !known.includes(member)))
      throw refuse('a key has members that a public key has not: export the public half')
    if (key.alg !== undefined && key.alg !== form.alg) throw refuse(`such a key signs with ${form.alg}`)
    if (typeof key.kid !== 'string' || !/^[\w.~:=+-]{1,128}$/.test(key.kid))
      throw refuse('a key has no usable kid')
    const members = form.members.map((member) => [member, String(key[member] ?? '')] as const)
    if (members.some(([, text]) => !/^[A-Za-z0-9_-]+$/.test(text))) throw refuse('a member is not base64url')
    const flaw = key.kty === 'RSA' ? rsaFlaw(String(key.n)) : undefined
    if (flaw !== undefined) throw refuse(flaw)
    const { kty, crv } = key as { kty: string; crv?: string }
    return {
      kty,
      ...(crv === undefined ? {} : { crv }),
      ...Object.fromEntries(members),
      kid: key.kid,
      alg: form.alg,
    }
  })
  if (new Set(parsed.map(({ kid }) => kid)).size < parsed.length) throw refuse('two keys have the same kid')
  return parsed
}

/** The client of a certificate that TLS has verified. */
export async function authenticateCertificate(
  store: Store,
  { fingerprint, san }: PeerCertificate,
  address: string,
): Promise<ClientRecord | Refused> {
  const client = await store.findCertificateClient(fingerprint, san)
  return client ? usableClient(client, address) : { refused: true, why: 'certificate' }
}

/** A client by its id, as a token request or an access token of ours names it. */
export async function authenticateClient(
  store: Store,
  id: string,
  address: string,
): Promise<ClientRecord | Refused> {
  const client = await store.findClient(id)
  return client ? usableClient(client, address) : { refused: true, why: 'unknown', id }
}

function usableClient(client: ClientRecord, address: string): ClientRecord | Refused {
  const { id, revokedAt, networks } = client
  if (revokedAt !== undefined) return { refused: true, why: 'revoked', id }
  return mayUseFrom(networks, address) ? client : { refused: true, why: 'network', id }
}

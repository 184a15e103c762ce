/** API keys of relying parties: 256-bit secrets, shown once, stored as a keyed hash (OWASP ASVS 5.0 6.5.2). */
import { IpseError, toBase64url } from '@ipse/protocol'
import type { Clock, Random } from '../deps.ts'
import { equalMacs, type Keys } from '../keys/keys.ts'
import type { ApiKeyRecord, AuditEntry, Store } from '../store/store.ts'
import { isScope, type Scope } from './scopes.ts'

const SECRET_BYTES = 32
const KID_BYTES = 8
const FORM = /^ipse_(live|dev)_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/
const NAME = /^[\w .:@-]{1,64}$/
const TENANT = /^[a-z0-9][a-z0-9-]{0,62}$/

export interface NewApiKey {
  readonly tenant: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Origins that sessions of this key may name; any when absent. */
  readonly origins?: readonly string[]
  /** Marks the key for people; it changes nothing. */
  readonly environment?: 'live' | 'dev'
}

/**
 * Makes and stores a key. `key` is shown once and never stored.
 * @throws IpseError `invalid_request` for a bad tenant, name, scope or origin
 */
export async function createApiKey(
  store: Store,
  keys: Keys,
  random: Random,
  clock: Clock,
  { tenant, name, scopes, origins, environment = 'live' }: NewApiKey,
): Promise<{ readonly key: string; readonly record: ApiKeyRecord }> {
  const refuse = (detail: string) => new IpseError('invalid_request', detail)
  if (!TENANT.test(tenant)) throw refuse('a tenant is 1–63 characters of a–z, 0–9 and hyphen')
  if (!NAME.test(name)) throw refuse('a key name is 1–64 letters, digits, spaces or . : @ - _')
  if (scopes.length === 0 || !scopes.every(isScope)) throw refuse('unknown scope, or none')
  for (const origin of origins ?? []) if (!isOrigin(origin)) throw refuse(`not an origin: ${origin}`)
  const kid = Buffer.from(random.bytes(KID_BYTES)).toString('hex')
  const secret = toBase64url(random.bytes(SECRET_BYTES))
  const record: ApiKeyRecord = {
    kid,
    tenant,
    name,
    scopes,
    ...(origins === undefined ? {} : { origins }),
    secretMac: keys.mac('api-key', [kid, secret]),
    createdAt: clock.now(),
  }
  await store.insertApiKey(record, auditOf('key.created', record, random, clock))
  return { key: `ipse_${environment}_${kid}_${secret}`, record }
}

/** @throws IpseError `not_found` when there is no such key or it was revoked before */
export async function revokeApiKey(store: Store, random: Random, clock: Clock, kid: string): Promise<void> {
  const record = await store.findApiKey(kid)
  const revoked = record && (await store.revokeApiKey(kid, auditOf('key.revoked', record, random, clock)))
  if (!revoked) throw new IpseError('not_found')
}

function auditOf(
  event: 'key.created' | 'key.revoked',
  { kid, tenant }: ApiKeyRecord,
  random: Random,
  clock: Clock,
): AuditEntry {
  return { id: `aud_${toBase64url(random.bytes(16))}`, time: clock.now(), tenant, event, actor: kid }
}

/** The record of a presented key, or undefined, whatever is wrong with it. */
export async function authenticate(
  store: Store,
  keys: Keys,
  authorization: string | undefined,
): Promise<ApiKeyRecord | undefined> {
  const match = FORM.exec(authorization?.startsWith('Bearer ') ? authorization.slice(7) : '')
  const [, , kid = '', secret = ''] = match ?? []
  if (!match) return undefined
  const record = await store.findApiKey(kid)
  const matches = equalMacs(record?.secretMac ?? keys.mac('api-key', ''), keys.mac('api-key', [kid, secret]))
  return matches && record !== undefined && record.revokedAt === undefined ? record : undefined
}

/** An origin as browsers send it: scheme, host and port, nothing else. */
export function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text)
}

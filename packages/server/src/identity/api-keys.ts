/** API keys of relying parties: 256-bit secrets, shown once, stored as a keyed hash (OWASP ASVS 5.0 6.5.2). */
import { IpseError, newId, toBase64url } from '@ipse/protocol'
import type { Clock, Random } from '../deps.ts'
import { equalMacs, type Keys } from '../keys/keys.ts'
import type { AuditDraft, AuditEvent } from '../store/audit-records.ts'
import type { ApiKeyRecord, Store } from '../store/store.ts'
import type { Refused } from './refusal.ts'
import { checkRights, mayUseFrom, type Rights } from './rights.ts'

const SECRET_BYTES = 32
const KID_BYTES = 8
const FORM = /^ipse_(live|dev)_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/
/** Stands in for the hash of a key that does not exist, so that the same is computed and compared; of the same length. */
const NOBODYS_MAC = 'A'.repeat(43)
/** Keys of one tenant and name that are live at the same time: the present one and its successor. */
export const LIVE_KEYS = 2

export interface NewApiKey extends Rights {
  /** End of the key, milliseconds since the epoch; none when absent. */
  readonly expiresAt?: number
  /** Marks the key for people; it changes nothing. */
  readonly environment?: 'live' | 'dev'
  /** Refuses when so many keys of the tenant and name are live; as many as one likes when absent. */
  readonly maxLive?: number
  /** Id of the person who makes it; absent at the command line. */
  readonly by?: string
}

/** A key that was made just now. `key` is shown once and never stored. */
export interface MadeApiKey {
  readonly key: string
  readonly record: ApiKeyRecord
}

/**
 * Makes and stores a key.
 * @throws IpseError `invalid_request` for a bad tenant, name, scope, origin, network or end; `conflict` past `maxLive`
 */
export async function createApiKey(
  store: Store,
  keys: Keys,
  random: Random,
  clock: Clock,
  wish: NewApiKey,
): Promise<MadeApiKey> {
  const { expiresAt, maxLive, by } = wish
  checkRights(wish)
  if (expiresAt !== undefined && !(expiresAt > clock.now()))
    throw new IpseError('invalid_request', 'the key would end before it begins')
  const made = makeKey(keys, random, clock, wish)
  const audit = auditOf('key.created', made.record, random, clock, by)
  if (!(await store.insertApiKey(made.record, audit, maxLive === undefined ? {} : { maxLive })))
    throw tooMany(made.record)
  return made
}

/**
 * Makes a key with the rights of another one, which ends after the overlap, or earlier if it would have ended anyway.
 * @param overlapMs how long both may be used, milliseconds
 * @param by id of who does it: a person, or the key itself; absent at the command line
 * @throws IpseError `not_found` for a key that is not live, `conflict` while an earlier rotation still overlaps
 */
export async function rotateApiKey(
  store: Store,
  keys: Keys,
  random: Random,
  clock: Clock,
  kid: string,
  overlapMs: number,
  by?: string,
): Promise<MadeApiKey> {
  const old = await store.findApiKey(kid)
  if (!old || refusalOf(old, clock.now())) throw new IpseError('not_found')
  const { expiresAt, createdAt } = old
  // The successor lives as long as the old one was meant to.
  const end = expiresAt === undefined ? {} : { expiresAt: clock.now() + (expiresAt - createdAt) }
  const made = makeKey(keys, random, clock, { ...old, ...end })
  const audit = auditOf('key.rotated', made.record, random, clock, by)
  const ends = { kid, at: clock.now() + overlapMs }
  if (!(await store.insertApiKey(made.record, audit, { maxLive: LIVE_KEYS, ends }))) throw tooMany(old)
  return made
}

function tooMany({ tenant, name }: ApiKeyRecord): IpseError {
  const detail = `${LIVE_KEYS} keys named "${name}" of the tenant ${tenant} are live already: revoke one, or wait until one ends`
  return new IpseError('conflict', detail)
}

function makeKey(
  keys: Keys,
  random: Random,
  clock: Clock,
  {
    tenant,
    name,
    scopes,
    origins,
    networks,
    expiresAt,
    environment = 'live',
  }: Pick<ApiKeyRecord, 'tenant' | 'name' | 'scopes' | 'origins' | 'networks' | 'expiresAt'> &
    Pick<NewApiKey, 'environment'>,
): MadeApiKey {
  const kid = Buffer.from(random.bytes(KID_BYTES)).toString('hex')
  const secret = toBase64url(random.bytes(SECRET_BYTES))
  const record: ApiKeyRecord = {
    kid,
    tenant,
    name,
    scopes,
    ...(origins === undefined ? {} : { origins }),
    ...(networks === undefined ? {} : { networks }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    secretMac: keys.mac('api-key', [kid, secret]),
    createdAt: clock.now(),
  }
  return { key: `ipse_${environment}_${kid}_${secret}`, record }
}

/**
 * @param by id of the person who does it; absent at the command line
 * @throws IpseError `not_found` when there is no such key or it was revoked before
 */
export async function revokeApiKey(
  store: Store,
  random: Random,
  clock: Clock,
  kid: string,
  by?: string,
): Promise<void> {
  const record = await store.findApiKey(kid)
  const revoked = record && (await store.revokeApiKey(kid, auditOf('key.revoked', record, random, clock, by)))
  if (!revoked) throw new IpseError('not_found')
}

function auditOf(
  event: Extract<AuditEvent, `key.${string}`>,
  { kid, tenant }: ApiKeyRecord,
  random: Random,
  clock: Clock,
  by?: string,
): AuditDraft {
  const id = newId('audit', (length) => random.bytes(length))
  return {
    id,
    time: clock.now(),
    tenant,
    event,
    ...(by === undefined ? { actor: kid } : { actor: by, key: kid }),
  }
}

/** Why a key of this record is not live any more, or undefined. */
function refusalOf({ revokedAt, expiresAt }: ApiKeyRecord, now: number): Refused['why'] | undefined {
  if (revokedAt !== undefined) return 'revoked'
  return expiresAt !== undefined && expiresAt <= now ? 'expired' : undefined
}

/** Whether a credential is meant to be an API key; nothing is checked. */
export function looksLikeApiKey(credential: string): boolean {
  return credential.startsWith('ipse_')
}

/**
 * The record of a presented key. The same HMAC is computed and compared for an unknown key, and before anything else is
 * looked at: neither the answer nor that work tells it from a wrong secret or a key that has ended. What is left is the time in
 * which the store reads a row, some microseconds: it says that a random id of 64 bits exists, which is no secret.
 */
export async function authenticateKey(
  store: Store,
  keys: Keys,
  key: string,
  now: number,
  address: string,
): Promise<ApiKeyRecord | Refused> {
  const match = FORM.exec(key)
  if (!match) return { refused: true, why: 'form' }
  const [, , kid = '', secret = ''] = match
  const record = await store.findApiKey(kid)
  const matches = equalMacs(record?.secretMac ?? NOBODYS_MAC, keys.mac('api-key', [kid, secret]))
  const refuse = (why: Refused['why']): Refused => ({ refused: true, why, id: kid })
  if (record === undefined) return refuse('unknown')
  if (!matches) return refuse('secret')
  const ended = refusalOf(record, now)
  if (ended) return refuse(ended)
  return mayUseFrom(record.networks, address) ? record : refuse('network')
}

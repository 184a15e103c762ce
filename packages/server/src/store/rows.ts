/** Records to rows and back. */
import { isTerminal, SESSION_STATES } from '@ipse/protocol'
import type { ApiKeyRecord, ClientRecord, ReferenceRecord, SealedTemplate, SessionRecord } from './store.ts'
import type { SessionRow, Tables } from './tables.ts'

/** States in which a session may still change. */
export const OPEN_STATES = SESSION_STATES.filter((state) => !isTerminal(state))

type Nullable<T> = T | null | undefined

function optional<K extends string, T>(key: K, value: Nullable<T>): { [P in K]?: T } {
  return (value === null || value === undefined ? {} : { [key]: value }) as { [P in K]?: T }
}

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))
const parsed = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T))

export function toApiKey(row: Tables['api_keys']): ApiKeyRecord {
  return {
    kid: row.kid,
    tenant: row.tenant,
    name: row.name,
    scopes: JSON.parse(row.scopes),
    secretMac: row.secret_mac,
    createdAt: row.created_at,
    ...optional('origins', parsed<string[]>(row.origins)),
    ...optional('networks', parsed<string[]>(row.networks)),
    ...optional('expiresAt', row.expires_at),
    ...optional('revokedAt', row.revoked_at),
    ...optional('lastUsedAt', row.last_used_at),
  }
}

export function fromApiKey(key: ApiKeyRecord): Tables['api_keys'] {
  return {
    kid: key.kid,
    tenant: key.tenant,
    name: key.name,
    scopes: JSON.stringify(key.scopes),
    origins: json(key.origins),
    networks: json(key.networks),
    secret_mac: key.secretMac,
    created_at: key.createdAt,
    expires_at: key.expiresAt ?? null,
    revoked_at: key.revokedAt ?? null,
    last_used_at: key.lastUsedAt ?? null,
  }
}

export function toClient(row: Tables['clients']): ClientRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    scopes: JSON.parse(row.scopes),
    createdAt: row.created_at,
    ...optional('origins', parsed<string[]>(row.origins)),
    ...optional('networks', parsed<string[]>(row.networks)),
    ...optional('fingerprint', row.fingerprint),
    ...optional('san', row.san),
    ...optional('jwks', parsed<NonNullable<ClientRecord['jwks']>>(row.jwks)),
    ...optional('revokedAt', row.revoked_at),
  }
}

export function fromClient(client: ClientRecord): Tables['clients'] {
  return {
    id: client.id,
    tenant: client.tenant,
    name: client.name,
    scopes: JSON.stringify(client.scopes),
    origins: json(client.origins),
    networks: json(client.networks),
    fingerprint: client.fingerprint ?? null,
    san: client.san ?? null,
    jwks: json(client.jwks),
    created_at: client.createdAt,
    revoked_at: client.revokedAt ?? null,
  }
}

export function fromSession(session: SessionRecord): SessionRow {
  const { id, tenant, version, state, subject, createdAt, expiresAt, consent, referenceTemplate, ...body } =
    session
  return {
    id,
    tenant,
    version,
    state,
    subject: subject ?? null,
    created_at: createdAt,
    expires_at: expiresAt,
    consent: consent ?? null,
    body: JSON.stringify(body),
    reference_model: referenceTemplate?.model ?? null,
    reference_scheme: referenceTemplate?.scheme ?? null,
    reference_kek_id: referenceTemplate ? keyColumns(referenceTemplate).kek_id : null,
    reference_sealed: referenceTemplate?.sealed ?? null,
    reference_wrapped_key: referenceTemplate ? keyColumns(referenceTemplate).wrapped_key : null,
    reference_key_id: referenceTemplate ? keyColumns(referenceTemplate).key_id : null,
  }
}

export function toSession(row: SessionRow): SessionRecord {
  // Before consents were records, a session held a copy of its own.
  const { consent: _copy, ...body } = JSON.parse(row.body) as Omit<SessionRecord, 'id'>
  return {
    ...body,
    id: row.id,
    tenant: row.tenant,
    version: row.version,
    state: row.state as SessionRecord['state'],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    ...optional('subject', row.subject),
    ...optional('consent', row.consent),
    ...optional('referenceTemplate', templateOf(row)),
  }
}

function templateOf(row: SessionRow): SealedTemplate | undefined {
  const { reference_model, reference_scheme, reference_sealed } = row
  if (!reference_model || !reference_scheme || !reference_sealed) return undefined
  return {
    model: reference_model,
    scheme: reference_scheme,
    sealed: new Uint8Array(reference_sealed),
    key: keyOf({
      key_id: row.reference_key_id,
      kek_id: row.reference_kek_id ?? '',
      wrapped_key: row.reference_wrapped_key ?? NOTHING,
    }),
  }
}

const NOTHING = new Uint8Array()

type KeyColumns = Pick<Tables['reference_templates'], 'key_id' | 'kek_id' | 'wrapped_key'>

/** The columns of a wrapped key that lies beside its record are empty where the key is in the store of keys. */
export function keyColumns({ key }: SealedTemplate): KeyColumns {
  return 'id' in key
    ? { key_id: key.id, kek_id: '', wrapped_key: NOTHING }
    : { key_id: null, kek_id: key.kekId, wrapped_key: key.wrapped }
}

function keyOf({ key_id, kek_id, wrapped_key }: KeyColumns): SealedTemplate['key'] {
  return key_id === null ? { kekId: kek_id, wrapped: new Uint8Array(wrapped_key) } : { id: key_id }
}

export function fromReference(reference: ReferenceRecord): Tables['reference_templates'] {
  return {
    id: reference.id,
    tenant: reference.tenant,
    subject: reference.subject,
    source: reference.source,
    consent: reference.consent ?? null,
    created_at: reference.createdAt,
    last_used_at: reference.createdAt,
    model: reference.model,
    scheme: reference.scheme,
    sealed: reference.sealed,
    ...keyColumns(reference),
  }
}

export function toReference(row: Tables['reference_templates']): ReferenceRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    subject: row.subject,
    source: row.source as ReferenceRecord['source'],
    createdAt: row.created_at,
    model: row.model,
    scheme: row.scheme,
    sealed: new Uint8Array(row.sealed),
    key: keyOf(row),
    ...optional('consent', row.consent),
  }
}

/** Tables as Kysely sees them; migrations/ makes them. Lists and objects are JSON text. */

import type { Generated } from 'kysely'

export interface Tables {
  api_keys: {
    kid: string
    tenant: string
    name: string
    scopes: string
    origins: string | null
    networks: string | null
    secret_mac: string
    created_at: number
    expires_at: number | null
    revoked_at: number | null
    last_used_at: number | null
  }
  clients: {
    id: string
    tenant: string
    name: string
    scopes: string
    origins: string | null
    networks: string | null
    fingerprint: string | null
    san: string | null
    jwks: string | null
    created_at: number
    revoked_at: number | null
  }
  sessions: SessionRow
  reference_templates: {
    id: string
    tenant: string
    subject: string
    source: string
    /** Id of the consent that it rests on. */
    consent: string | null
    created_at: number
    /** To the day. */
    last_used_at: number
    model: string
    scheme: string
    kek_id: string
    sealed: Uint8Array
    wrapped_key: Uint8Array
    key_id: string | null
  }
  audit: {
    tenant: string
    /** Place in the tenant's log, from 0. */
    position: number
    id: string
    time: number
    event: string
    /** Canonical JSON: the exact bytes that the leaf was made of. */
    entry: string
    leaf: Uint8Array
    session_id: string | null
    /** Pseudonym. */
    subject: string | null
  }
  /** Complete subtrees of 256^level leaves. */
  log_nodes: { tenant: string; level: number; position: number; hash: Uint8Array }
  checkpoints: { tenant: string; size: number; time: number; note: string; sent_at: number | null }
  idempotency: {
    tenant: string
    key: string
    digest: string
    session_id: string
    expires_at: number
  }
  /** What was taken of a rate limit until its end. */
  allowances: { key: string; most: number; ends_at: number; used: number }
  /** What a subject, device, key or network did, by keyed hash. */
  standings: { key: string; tenant: string; stale_at: number | null; body: string }
  reviews: { id: string; tenant: string; state: string; created_at: number; body: string }
  traces: { tenant: string; mac: string; session_id: string; expires_at: number }
  device_keys: {
    tenant: string
    kind: string
    id: string
    subject: string | null
    level: string
    public_key: Uint8Array
    counter: number
    created_at: number
  }
  people: {
    id: string
    tenant: string
    name: string
    roles: string
    identity_mac: string | null
    created_at: number
    disabled_at: number | null
  }
  passkeys: {
    id: string
    person_id: string
    public_key: Uint8Array
    counter: number
    created_at: number
    last_used_at: number | null
  }
  invitations: { mac: string; person_id: string; expires_at: number }
  people_sessions: { mac: string; person_id: string; created_at: number; seen_at: number; ends_at: number }
  media: {
    tenant: string
    session_id: string
    n: number
    key_id: string
    sealed: Uint8Array
    created_at: number
    expires_at: number
    reader: string | null
  }
  /** In the store of keys alone. */
  data_keys: {
    id: string
    tenant: string
    owner: string
    kek_id: string
    wrapped: Uint8Array
    created_at: number
    expires_at: number | null
    check_at: number | null
  }
  /** The head of the tenant's audit log beside its lock. */
  tenants: {
    tenant: string
    log_size: Generated<number>
    log_frontier: Uint8Array | null
    log_signed: Generated<number>
  }
  claims: { name: string; value: string }
  pseudonyms: { tenant: string; subject_mac: string; pseudonym: string; created_at: number }
  consents: {
    id: string
    tenant: string
    subject: string | null
    body: string
    recorded_at: number
    valid_until: number | null
    withdrawn_at: number | null
  }
  tenant_rules: { tenant: string; body: string; changed_at: number }
  approvals: {
    id: string
    tenant: string
    action: string
    target: string
    requested_by: string
    created_at: number
    expires_at: number
    state: string
    decided_by: string | null
    decided_at: number | null
  }
  used_values: { kind: string; value: string; expires_at: number }
  /** `body` is the whole policy; it never changes. */
  policy_versions: {
    tenant: string
    name: string
    version: number
    digest: string
    stage: string
    share: number | null
    replaced: number | null
    created_at: number
    changed_at: number
    body: string
  }
  policy_outcomes: {
    tenant: string
    name: string
    role: string
    candidate: number
    version: number
    purpose: string
    decision: string
    would: string
    reason: string
    captures: number
  }
  decision_bases: { tenant: string; digest: string; body: string }
  decision_records: {
    tenant: string
    session_id: string
    attempt: number
    decided_at: number
    basis: string
    body: string
  }
  model_sets: { digest: string; models: string; first_at: number; last_at: number }
}

export interface SessionRow {
  id: string
  tenant: string
  version: number
  state: string
  subject: string | null
  created_at: number
  expires_at: number
  /** Id of the consent that it rests on. */
  consent: string | null
  /** The members that nothing is searched by. */
  body: string
  reference_model: string | null
  reference_scheme: string | null
  reference_kek_id: string | null
  reference_sealed: Uint8Array | null
  reference_wrapped_key: Uint8Array | null
  reference_key_id: string | null
}

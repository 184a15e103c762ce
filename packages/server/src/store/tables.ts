/** Tables as Kysely sees them, and the forward-only migrations that make them. Lists and objects are JSON text. */
import type { DatabaseSync } from 'node:sqlite'

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
    consent: string | null
    created_at: number
    model: string
    scheme: string
    kek_id: string
    sealed: Uint8Array
    wrapped_key: Uint8Array
  }
  audit: {
    position?: number
    id: string
    time: number
    tenant: string
    event: string
    entry: string
    session_id?: string | null
  }
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
  used_values: { kind: string; value: string; expires_at: number }
}

export interface SessionRow {
  id: string
  tenant: string
  version: number
  state: string
  subject: string | null
  created_at: number
  expires_at: number
  /** The members that nothing is searched by. */
  body: string
  reference_model: string | null
  reference_scheme: string | null
  reference_kek_id: string | null
  reference_sealed: Uint8Array | null
  reference_wrapped_key: Uint8Array | null
}

/** One entry a version, never changed once released; the database's `user_version` says how many were applied. */
const MIGRATIONS: readonly string[] = [
  `create table api_keys (
     kid text primary key, tenant text not null, name text not null, scopes text not null, origins text,
     secret_mac text not null, created_at integer not null, revoked_at integer
   ) strict;
   create table sessions (
     id text primary key, tenant text not null, version integer not null, state text not null, subject text,
     created_at integer not null, expires_at integer not null, body text not null,
     reference_model text, reference_scheme text, reference_kek_id text, reference_sealed blob, reference_wrapped_key blob
   ) strict;
   create index sessions_by_tenant on sessions (tenant, created_at desc, id desc);
   create index sessions_by_subject on sessions (tenant, subject);
   create index sessions_by_state on sessions (state, expires_at);
   create table reference_templates (
     id text primary key, tenant text not null, subject text not null, source text not null, consent text,
     created_at integer not null, model text not null, scheme text not null, kek_id text not null,
     sealed blob not null, wrapped_key blob not null
   ) strict;
   create index references_by_subject on reference_templates (tenant, subject, created_at desc);
   create table audit (
     position integer primary key autoincrement, id text not null unique, time integer not null,
     tenant text not null, event text not null, entry text not null
   ) strict;
   create index audit_by_tenant on audit (tenant, position);
   create table idempotency (
     tenant text not null, key text not null, digest text not null, session_id text not null,
     expires_at integer not null, primary key (tenant, key)
   ) strict;
   create table used_values (
     kind text not null, value text not null, expires_at integer not null, primary key (kind, value)
   ) strict;`,
  `create table traces (
     tenant text not null, mac text not null, session_id text not null references sessions (id) on delete cascade,
     expires_at integer not null, primary key (tenant, mac, session_id)
   ) strict, without rowid;
   create index traces_by_session on traces (session_id);
   create index traces_by_time on traces (expires_at);`,
  `alter table api_keys add column networks text;
   alter table api_keys add column expires_at integer;
   alter table api_keys add column last_used_at integer;
   create index api_keys_by_name on api_keys (tenant, name);
   create table clients (
     id text primary key, tenant text not null, name text not null, scopes text not null, origins text, networks text,
     fingerprint text, san text, jwks text, created_at integer not null, revoked_at integer
   ) strict;
   create unique index clients_by_fingerprint on clients (fingerprint) where revoked_at is null;
   create unique index clients_by_san on clients (san) where revoked_at is null;`,
  `create table allowances (
     key text primary key, most integer not null, ends_at integer not null, used integer not null
   ) strict, without rowid;
   create index allowances_by_end on allowances (ends_at);
   create table standings (
     key text primary key, tenant text not null, stale_at integer, body text not null
   ) strict, without rowid;
   create index standings_by_time on standings (stale_at) where stale_at is not null;
   create table reviews (
     id text primary key, tenant text not null, state text not null, created_at integer not null, body text not null
   ) strict;
   create index reviews_by_tenant on reviews (tenant, state, created_at desc, id desc);
   alter table audit add column session_id text;
   create index audit_by_session on audit (session_id) where session_id is not null;`,
  `create table device_keys (
     tenant text not null, kind text not null, id text not null, subject text, level text not null,
     public_key blob not null, counter integer not null, created_at integer not null, primary key (tenant, kind, id)
   ) strict;
   create index device_keys_by_subject on device_keys (tenant, subject);`,
  `create table people (
     id text primary key, tenant text not null, name text not null, roles text not null, identity_mac text unique,
     created_at integer not null, disabled_at integer
   ) strict;
   create index people_by_tenant on people (tenant, created_at, id);
   create table passkeys (
     id text primary key, person_id text not null references people (id), public_key blob not null,
     counter integer not null, created_at integer not null, last_used_at integer
   ) strict;
   create index passkeys_by_person on passkeys (person_id);
   create table invitations (
     mac text primary key, person_id text not null references people (id), expires_at integer not null
   ) strict;
   create table people_sessions (
     mac text primary key, person_id text not null references people (id), created_at integer not null,
     seen_at integer not null, ends_at integer not null
   ) strict;
   create index people_sessions_by_person on people_sessions (person_id);`,
]

/** @throws Error for a database that a newer version has written */
export function migrate(database: DatabaseSync): void {
  const version = () => Number(database.prepare('pragma user_version').get()?.user_version ?? 0)
  if (version() === MIGRATIONS.length) return
  // The version is read again under the write lock: another process may have migrated meanwhile.
  database.exec('begin immediate')
  try {
    const applied = version()
    if (applied > MIGRATIONS.length)
      throw new Error(`the database is at version ${applied}, this program knows ${MIGRATIONS.length}`)
    for (const sql of MIGRATIONS.slice(applied)) database.exec(sql)
    database.exec(`pragma user_version = ${MIGRATIONS.length}; commit`)
  } catch (error) {
    database.exec('rollback')
    throw error
  }
}

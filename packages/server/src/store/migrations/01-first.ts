/** Keys, sessions, references, audit, and what may be used once. */
export const sql = `
create table api_keys (
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
) strict;
`

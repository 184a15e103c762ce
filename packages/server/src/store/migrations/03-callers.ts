/** Ends and networks of API keys; clients that prove themselves otherwise. */
export const sql = `
alter table api_keys add column networks text;
alter table api_keys add column expires_at integer;
alter table api_keys add column last_used_at integer;
create index api_keys_by_name on api_keys (tenant, name);
create table clients (
  id text primary key, tenant text not null, name text not null, scopes text not null, origins text, networks text,
  fingerprint text, san text, jwks text, created_at integer not null, revoked_at integer
) strict;
create unique index clients_by_fingerprint on clients (fingerprint) where revoked_at is null;
create unique index clients_by_san on clients (san) where revoked_at is null;
`

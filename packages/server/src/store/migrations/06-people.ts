/** People, their passkeys, invitations and sessions. */
export const sql = `
create table people (
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
create index people_sessions_by_person on people_sessions (person_id);
`

/** Allowances, standings, reviews, and the audit trail of one session. */
export const sql = `
create table allowances (
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
create index audit_by_session on audit (session_id) where session_id is not null;
`

/** Policy versions and what candidates decided, decisions to be made again, and the models of every start. */
export const sql = `
create table policy_versions (
  tenant text not null, name text not null, version integer not null, digest text not null, stage text not null,
  share integer, replaced integer, created_at integer not null, changed_at integer not null, body text not null,
  primary key (tenant, name, version)
) strict, without rowid;
create index policy_versions_by_stage on policy_versions (stage) where stage = 'canary';
create table policy_outcomes (
  tenant text not null, name text not null, role text not null, candidate integer not null, version integer not null,
  purpose text not null, decision text not null, would text not null, reason text not null, captures integer not null,
  primary key (tenant, name, role, candidate, version, purpose, decision, would, reason)
) strict, without rowid;
create table decision_bases (
  tenant text not null, digest text not null, body text not null, primary key (tenant, digest)
) strict, without rowid;
create table decision_records (
  tenant text not null, session_id text not null references sessions (id) on delete cascade, attempt integer not null,
  decided_at integer not null, basis text not null, body text not null, primary key (tenant, session_id, attempt)
) strict, without rowid;
create index decision_records_by_session on decision_records (session_id);
create index decision_records_by_time on decision_records (tenant, decided_at, session_id, attempt);
create table model_sets (
  digest text primary key, models text not null, first_at integer not null, last_at integer not null
) strict;
`

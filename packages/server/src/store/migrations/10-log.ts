/**
 * The audit trail as one Merkle log for each tenant: its entries, the subtrees that tiles are made of, its head beside the
 * tenant's lock, and its signed checkpoints. Entries from before it stay where they are: nothing can prove them any more.
 */
export const sql = `
alter table audit rename to audit_before;
create table audit (
  tenant text not null, position integer not null, id text not null, time integer not null, event text not null,
  entry text not null, leaf blob not null, session_id text, subject text, primary key (tenant, position)
) strict;
create index log_by_session on audit (tenant, session_id, position) where session_id is not null;
create index log_by_subject on audit (tenant, subject, position) where subject is not null;
create table log_nodes (
  tenant text not null, level integer not null, position integer not null, hash blob not null,
  primary key (tenant, level, position)
) strict, without rowid;
alter table tenants add column log_size integer not null default 0;
alter table tenants add column log_frontier blob;
alter table tenants add column log_signed integer not null default 0;
create table checkpoints (
  tenant text not null, size integer not null, time integer not null, note text not null, sent_at integer,
  primary key (tenant, size)
) strict;
create index checkpoints_unsent on checkpoints (time) where sent_at is null;
`

/**
 * Every row of a tenant is found by the tenant first: primary keys, what refers to them, and the indexes of what belongs together.
 * So the tables can be partitioned by tenant. That an id is one of its own in all tenants follows from its 128 random bits, no longer
 * from the schema. SQLite cannot change a primary key: tables are made anew and filled from those that they replace.
 */
export const sql = `
alter table sessions rename to sessions_before;
create table sessions (
  tenant text not null, id text not null, version integer not null, state text not null, subject text,
  created_at integer not null, expires_at integer not null, consent text, body text not null,
  reference_model text, reference_scheme text, reference_kek_id text, reference_sealed blob, reference_wrapped_key blob,
  reference_key_id text, primary key (tenant, id)
) strict;
insert into sessions (tenant, id, version, state, subject, created_at, expires_at, consent, body,
    reference_model, reference_scheme, reference_kek_id, reference_sealed, reference_wrapped_key, reference_key_id)
  select tenant, id, version, state, subject, created_at, expires_at, consent, body,
    reference_model, reference_scheme, reference_kek_id, reference_sealed, reference_wrapped_key, reference_key_id
  from sessions_before;

alter table traces rename to traces_before;
create table traces (
  tenant text not null, mac text not null, session_id text not null, expires_at integer not null,
  primary key (tenant, mac, session_id),
  foreign key (tenant, session_id) references sessions (tenant, id) on delete cascade
) strict, without rowid;
insert into traces (tenant, mac, session_id, expires_at) select tenant, mac, session_id, expires_at from traces_before;
drop table traces_before;
create index traces_by_session on traces (tenant, session_id);
create index traces_by_time on traces (expires_at);

alter table decision_records rename to decision_records_before;
create table decision_records (
  tenant text not null, session_id text not null, attempt integer not null, decided_at integer not null,
  basis text not null, body text not null, primary key (tenant, session_id, attempt),
  foreign key (tenant, session_id) references sessions (tenant, id) on delete cascade
) strict, without rowid;
insert into decision_records (tenant, session_id, attempt, decided_at, basis, body)
  select tenant, session_id, attempt, decided_at, basis, body from decision_records_before;
drop table decision_records_before;
create index decision_records_by_time on decision_records (tenant, decided_at, session_id, attempt);

drop table sessions_before;
create index sessions_by_tenant on sessions (tenant, created_at desc, id desc);
create index sessions_by_subject on sessions (tenant, subject);
create index sessions_by_state on sessions (state, expires_at);
create index sessions_by_consent on sessions (tenant, consent) where consent is not null;

alter table reference_templates rename to reference_templates_before;
create table reference_templates (
  tenant text not null, id text not null, subject text not null, source text not null, consent text,
  created_at integer not null, last_used_at integer, model text not null, scheme text not null, kek_id text not null,
  sealed blob not null, wrapped_key blob not null, key_id text, primary key (tenant, id)
) strict;
insert into reference_templates (tenant, id, subject, source, consent, created_at, last_used_at, model, scheme, kek_id,
    sealed, wrapped_key, key_id)
  select tenant, id, subject, source, consent, created_at, last_used_at, model, scheme, kek_id, sealed, wrapped_key, key_id
  from reference_templates_before;
drop table reference_templates_before;
create index references_by_subject on reference_templates (tenant, subject, created_at desc);
create index references_by_consent on reference_templates (tenant, consent) where consent is not null;
create index references_by_use on reference_templates (tenant, last_used_at);
create index references_by_key on reference_templates (key_id) where key_id is not null;

alter table reviews rename to reviews_before;
create table reviews (
  tenant text not null, id text not null, state text not null, created_at integer not null, body text not null,
  primary key (tenant, id)
) strict;
insert into reviews (tenant, id, state, created_at, body) select tenant, id, state, created_at, body from reviews_before;
drop table reviews_before;
create index reviews_by_tenant on reviews (tenant, state, created_at desc, id desc);

alter table standings rename to standings_before;
create table standings (
  tenant text not null, key text not null, stale_at integer, body text not null, primary key (tenant, key)
) strict, without rowid;
insert into standings (tenant, key, stale_at, body) select tenant, key, stale_at, body from standings_before;
drop table standings_before;
create index standings_by_time on standings (stale_at) where stale_at is not null;

alter table consents rename to consents_before;
create table consents (
  tenant text not null, id text not null, subject text, body text not null, recorded_at integer not null,
  valid_until integer, withdrawn_at integer, primary key (tenant, id)
) strict;
insert into consents (tenant, id, subject, body, recorded_at, valid_until, withdrawn_at)
  select tenant, id, subject, body, recorded_at, valid_until, withdrawn_at from consents_before;
drop table consents_before;
create index consents_by_subject on consents (tenant, subject, recorded_at);
create index consents_by_time on consents (tenant, recorded_at);
create index consents_withdrawn on consents (tenant, withdrawn_at) where withdrawn_at is not null;
create index consents_ended on consents (tenant, valid_until) where valid_until is not null;

alter table approvals rename to approvals_before;
create table approvals (
  tenant text not null, id text not null, action text not null, target text not null, requested_by text not null,
  created_at integer not null, expires_at integer not null, state text not null, decided_by text, decided_at integer,
  primary key (tenant, id)
) strict;
insert into approvals (tenant, id, action, target, requested_by, created_at, expires_at, state, decided_by, decided_at)
  select tenant, id, action, target, requested_by, created_at, expires_at, state, decided_by, decided_at
  from approvals_before;
drop table approvals_before;
create index approvals_by_tenant on approvals (tenant, created_at desc, id desc);
create index approvals_by_target on approvals (tenant, target);

alter table media rename to media_before;
create table media (
  tenant text not null, session_id text not null, n integer not null, key_id text not null, sealed blob not null,
  created_at integer not null, expires_at integer not null, reader text, primary key (tenant, session_id, n)
) strict;
insert into media (tenant, session_id, n, key_id, sealed, created_at, expires_at, reader)
  select tenant, session_id, n, key_id, sealed, created_at, expires_at, reader from media_before;
drop table media_before;
create index media_by_end on media (expires_at);
create index media_by_key on media (key_id);

alter table audit_before rename to audit_oldest;
create table audit_before (
  tenant text not null, position integer not null, id text not null, time integer not null, event text not null,
  entry text not null, session_id text, primary key (tenant, position)
) strict;
insert into audit_before (tenant, position, id, time, event, entry, session_id)
  select tenant, position, id, time, event, entry, session_id from audit_oldest;
drop table audit_oldest;

drop index idempotency_by_session;
create index idempotency_by_session on idempotency (tenant, session_id);
`

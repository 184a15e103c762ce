/** Consents that sessions and references rest on, the rules of tenants, approvals by a second person; when what was used last. */
export const sql = `
create table consents (
  id text primary key, tenant text not null, subject text, body text not null, recorded_at integer not null,
  valid_until integer, withdrawn_at integer
) strict;
create index consents_by_subject on consents (tenant, subject, recorded_at);
create index consents_by_time on consents (tenant, recorded_at);
create index consents_withdrawn on consents (tenant, withdrawn_at) where withdrawn_at is not null;
create index consents_ended on consents (tenant, valid_until) where valid_until is not null;
insert into consents (id, tenant, subject, body, recorded_at)
  select 'con_' || substr(id, 5), tenant, subject, consent, created_at from reference_templates where consent is not null;
update reference_templates set consent = 'con_' || substr(id, 5) where consent is not null;
create index references_by_consent on reference_templates (consent) where consent is not null;
alter table reference_templates add column last_used_at integer;
update reference_templates set last_used_at = created_at;
create index references_by_use on reference_templates (tenant, last_used_at);
alter table sessions add column consent text;
create index sessions_by_consent on sessions (consent) where consent is not null;
alter table pseudonyms add column created_at integer;
create table tenant_rules (tenant text primary key, body text not null, changed_at integer not null) strict, without rowid;
create table approvals (
  id text primary key, tenant text not null, action text not null, target text not null, requested_by text not null,
  created_at integer not null, expires_at integer not null, state text not null, decided_by text, decided_at integer
) strict;
create index approvals_by_tenant on approvals (tenant, created_at desc, id desc);
create index approvals_by_target on approvals (tenant, target);
create index device_keys_by_time on device_keys (tenant, created_at);
create index pseudonyms_by_time on pseudonyms (tenant, created_at);
create index idempotency_by_session on idempotency (session_id);
`

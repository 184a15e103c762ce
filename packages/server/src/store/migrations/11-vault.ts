/** Keys of templates move to a store of their own; pictures of captures may be kept for a short time. */
export const sql = `
alter table reference_templates add column key_id text;
alter table sessions add column reference_key_id text;
create index references_by_key on reference_templates (key_id) where key_id is not null;
create table media (
  tenant text not null, session_id text not null, n integer not null, key_id text not null, sealed blob not null,
  created_at integer not null, expires_at integer not null, reader text, primary key (session_id, n)
) strict;
create index media_by_end on media (expires_at);
create index media_by_key on media (key_id);
`

/** The store of keys has its own forward-only migrations, in the same words as those of the store (migrations/index.ts). */
const first = `
create table data_keys (
  id text primary key, tenant text not null, owner text not null, kek_id text not null, wrapped blob not null,
  created_at integer not null, expires_at integer, check_at integer
) strict, without rowid;
create index data_keys_by_owner on data_keys (tenant, owner);
create index data_keys_by_kek on data_keys (kek_id, id);
create index data_keys_by_end on data_keys (expires_at) where expires_at is not null;
create index data_keys_by_check on data_keys (check_at) where check_at is not null;
`

/** In their order: the number of those applied is the version of a store of keys. */
export const KEY_MIGRATIONS: readonly string[] = [first]

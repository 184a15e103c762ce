/** Public keys of devices that proved themselves. */
export const sql = `
create table device_keys (
  tenant text not null, kind text not null, id text not null, subject text, level text not null,
  public_key blob not null, counter integer not null, created_at integer not null, primary key (tenant, kind, id)
) strict;
create index device_keys_by_subject on device_keys (tenant, subject);
`

/** What makes the transactions of a tenant follow one another, names that can be forgotten, what a store belongs to. */
export const sql = `
create table tenants (tenant text primary key) strict, without rowid;
create table pseudonyms (
  tenant text not null, subject_mac text not null, pseudonym text not null, primary key (tenant, subject_mac)
) strict, without rowid;
create table claims (name text primary key, value text not null) strict, without rowid;
`

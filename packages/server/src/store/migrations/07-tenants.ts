/** The row that makes the transactions of one tenant follow one another; names in the audit log that can be forgotten. */
export const sql = `
create table tenants (tenant text primary key) strict, without rowid;
create table pseudonyms (
  tenant text not null, subject_mac text not null, pseudonym text not null, primary key (tenant, subject_mac)
) strict, without rowid;
`

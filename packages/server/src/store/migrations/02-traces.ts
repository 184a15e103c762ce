/** Keyed hashes of captures, for the replay index. */
export const sql = `
create table traces (
  tenant text not null, mac text not null, session_id text not null references sessions (id) on delete cascade,
  expires_at integer not null, primary key (tenant, mac, session_id)
) strict, without rowid;
create index traces_by_session on traces (session_id);
create index traces_by_time on traces (expires_at);
`

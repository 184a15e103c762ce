/** What a sweep and an erasure look for, without reading a table whole. */
export const sql = `
create index idempotency_by_end on idempotency (expires_at);
create index used_values_by_end on used_values (expires_at);
create index standings_by_tenant on standings (tenant, key);
`

/**
 * The column whose hash says on which shard of a distributed database a row is. What has the same tenant is on the same shard, so
 * a transaction of a tenant stays there, but for values that count once and allowances, which are exact by their own statement
 * wherever they are. `undefined`: few rows, found before the tenant is known; every shard has a copy (Citus: reference tables).
 *
 * Primary keys, unique indexes and references of a table with such a column contain it: its test makes PostgreSQL partition them.
 */
import type { Tables } from './tables.ts'

export type TableName = keyof Tables | 'audit_before'

export const SHARD_COLUMN: Readonly<Record<TableName, string | undefined>> = {
  tenants: 'tenant',
  tenant_rules: 'tenant',
  sessions: 'tenant',
  traces: 'tenant',
  media: 'tenant',
  decision_records: 'tenant',
  decision_bases: 'tenant',
  idempotency: 'tenant',
  reference_templates: 'tenant',
  consents: 'tenant',
  device_keys: 'tenant',
  pseudonyms: 'tenant',
  standings: 'tenant',
  reviews: 'tenant',
  approvals: 'tenant',
  policy_versions: 'tenant',
  policy_outcomes: 'tenant',
  audit: 'tenant',
  audit_before: 'tenant',
  log_nodes: 'tenant',
  checkpoints: 'tenant',

  used_values: 'value',
  allowances: 'key',
  // In a database of its own, away from the tenant's rows: a key is asked for by its id.
  data_keys: 'id',

  api_keys: undefined,
  clients: undefined,
  people: undefined,
  passkeys: undefined,
  invitations: undefined,
  people_sessions: undefined,
  claims: undefined,
  model_sets: undefined,
}

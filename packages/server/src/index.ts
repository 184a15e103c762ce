/** The public surface of @ipse/server, exports only. */

export { isLoopback } from './addresses.ts'
export { createServer } from './app.ts'
export { type AttestationTrust, attestationTrust } from './attestation/trust.ts'
export { observeTurns } from './capture/evidence.ts'
export { observe } from './capture/observe.ts'
export type { Clock, Dependencies, Random } from './deps.ts'
export type {
  CaptureRecord,
  ContinuityScore,
  FrameObservation,
  PoseDeg,
} from './domain/capture-record.ts'
export { type DecisionResult, decide } from './domain/decide.ts'
export {
  checkCalibratedModels,
  continuityLimits,
  DEFAULT_POLICY,
  findPolicy,
  POLICIES,
  type Policies,
  parsePolicy,
  resolvePolicy,
  resolveThreshold,
} from './domain/policies/index.ts'
export { mostInCommon, tracesOf } from './domain/replay/traces.ts'
export { DATA, GROUNDS } from './domain/retention/data.ts'
export { MOMENTS, PRESETS, RETENTION_RULES, retentionDays } from './domain/retention/rules.ts'
export {
  type CanaryReport,
  type Change,
  type OutcomeCount,
  type Served,
  type ShadowReport,
  type Share,
  shadowReports,
} from './domain/rollout/outcomes.ts'
export { type Replay, replayDecision } from './domain/rollout/replay.ts'
export { type PolicyVersion, STAGE_NAMES, STAGES, type Stage } from './domain/rollout/stages.ts'
export { signalsOf } from './domain/signals/index.ts'
export type { TurnObservation } from './domain/turn-observation.ts'
export { isOwnPath } from './http/fallback.ts'
export { SECURITY_EVENTS } from './http/security-events.ts'
export { createApiKey, LIVE_KEYS, type NewApiKey, revokeApiKey, rotateApiKey } from './identity/api-keys.ts'
export { CERTIFICATE_HEADERS, readCertificate } from './identity/certificate.ts'
export { createClient, type NewClient, revokeClient } from './identity/clients.ts'
export { REFUSALS } from './identity/refusal.ts'
export type { Rights } from './identity/rights.ts'
export { isRole, ROLE_NAMES, ROLES, type Role } from './identity/roles.ts'
export { isScope, SCOPE_NAMES, SCOPES, type Scope } from './identity/scopes.ts'
export { dropEncryption, rotateEncryption, wrappedUntil } from './keys/encryption-rotation.ts'
export {
  createEncryptionEntry,
  createKeyring,
  createSigningEntry,
  type Keyring,
  parseKeyring,
  serializeKeyring,
} from './keys/keyring.ts'
export {
  changeKeyring,
  loadKeyring,
  loadOrCreateKeyring,
  type Passphrase,
  protectKeyring,
} from './keys/keyring-file.ts'
export { type KeyringWatch, watchKeyring } from './keys/keyring-watch.ts'
export { type Keys, openKeys } from './keys/keys.ts'
export { createLogKeyEntry } from './keys/log-keys.ts'
export {
  type KeyState,
  keyStates,
  retireSigning,
  rotateLog,
  rotateSigning,
  type SigningState,
  signingStates,
} from './keys/rotation.ts'
export { MIN_PASSPHRASE, PASSPHRASE_KDFS, type PassphraseKdf } from './keys/sealed-keyring.ts'
export { type CertificateSource, loadCertificate, openCertificate } from './listen/certificate.ts'
export { type ExposureProblem, exposureProblems, isExposed } from './listen/exposure.ts'
export { type Listener, listenersOf, localUrl } from './listen/listeners.ts'
export { type OpenListener, type OpenListeners, openListeners } from './listen/open.ts'
export { type CheckpointContext, signCheckpoints } from './log/checkpoints.ts'
export { auditClaim } from './log/claim.ts'
export { createShipping, type Ship, shipToAddress, shipToFile } from './log/shipping.ts'
export { proveConsistency, proveInclusion, readTile } from './log/tiles.ts'
export { sha256 } from './node-crypto.ts'
export { parseSettings, type SettingSources } from './parse-settings.ts'
export { disablePerson, type Invited, invite, inviteAgain } from './people/accounts.ts'
export type { PeopleContext } from './people/context.ts'
export { siteOf } from './people/site.ts'
export { createSystemRandom } from './random.ts'
export { reportAbuse } from './routes/abuse-report.ts'
export { SubjectExportSchema } from './routes/privacy-schemas.ts'
export { exportSubject, exportWithMedia } from './routes/subject-export.ts'
export { SETTINGS, type Settings } from './settings.ts'
export type { AuditEntry, AuditEvent } from './store/audit-records.ts'
export { type BackupSummary, backUp, checkBackup, type StorePlace } from './store/backup/backup.ts'
export { restore } from './store/backup/restore.ts'
export { KEY_MIGRATIONS } from './store/data-keys/migrations.ts'
export { keysFileBeside, keysPlace } from './store/data-keys/place.ts'
export type { PersonWithKeys } from './store/people-records.ts'
export { openPostgresStore, type PostgresOptions } from './store/postgres/open.ts'
export type { ModelSet } from './store/rollout-records.ts'
export { openSqliteStore } from './store/sqlite/open.ts'
export { readStoreState, type StoreState } from './store/state.ts'
export type { ApiKeyRecord, ClientRecord, Store } from './store/store.ts'
export type { KekProvider } from './vault/kek.ts'
export { cachedKeks } from './vault/kek-cache.ts'
export { checkKek } from './vault/kek-check.ts'
export { localKeks, parseKeks } from './vault/kek-local.ts'
export { type KekModuleContext, providerOf } from './vault/kek-module.ts'
export { transitKeks } from './vault/kek-transit.ts'
export { keyringKeks, openVault } from './vault/open.ts'
export { renewAll } from './vault/renew.ts'
export { assertUnused, type KekUse, kekUses, rewrapAll } from './vault/rewrap.ts'
export { createTransform } from './vault/transform.ts'
export { MINIMUM_SDK, VERSION } from './version.ts'
export { assertStageApproved } from './work/approvals.ts'
export { type AuditDetails, createAuditor } from './work/audit.ts'
export { type ErasureContext, eraseSubject } from './work/erasure.ts'
export { type Marker, markersOf, type Scan, scanFiles } from './work/erasure-scan.ts'
export { createPolicyBook, type PolicyBook, policyDigest } from './work/policy-book.ts'
export { retentionReport } from './work/retention.ts'
export {
  publishPolicy,
  type RolloutContext,
  type RolloutReport,
  reportRollout,
  rollBackPolicy,
  stagePolicy,
} from './work/rollout.ts'
export { type SweepReport, sweep } from './work/sweeper.ts'

/**
 * What the server keeps, as an interface: one store a process group, every method one transaction. Nothing in here knows
 * SQL; a second store has to pass the same contract suite. All times are milliseconds since the epoch.
 */
import type {
  AssuranceLevel,
  Attempt,
  Decision,
  Evidence,
  Hindrance,
  PasskeyHindrance,
  Purpose,
  Reason,
  SessionState,
} from '@ipse/protocol'
import type { Obstacle } from '../domain/abuse/standing.ts'
import type { AuditDraft, LoggedEntry } from './audit-records.ts'
import type { ConductStore } from './conduct-records.ts'
import type { LogPlace, LogStore } from './log-records.ts'
import type { PeopleStore } from './people-records.ts'
import type { PrivacyStore, StoredConsent } from './privacy-records.ts'
import type { Decided, RolloutStore } from './rollout-records.ts'
import type { KeyReference, MediaChange, VaultStore, WrappedBeside } from './vault-records.ts'

export interface ApiKeyRecord {
  readonly kid: string
  readonly tenant: string
  readonly name: string
  readonly scopes: readonly string[]
  /** Origins that sessions of this key may name; any when absent. */
  readonly origins?: readonly string[]
  /** Addresses and CIDR ranges that the key may be used from; any when absent. */
  readonly networks?: readonly string[]
  /** HMAC-SHA256(pepper, secret), base64url. */
  readonly secretMac: string
  readonly createdAt: number
  readonly expiresAt?: number
  readonly revokedAt?: number
  /** Coarse: written at most once a minute. */
  readonly lastUsedAt?: number
}

/** A relying party's program that proves itself with a certificate or with its own signing key instead of a secret. */
export interface ClientRecord {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly origins?: readonly string[]
  readonly networks?: readonly string[]
  /** SHA-256 of its certificate, lower-case hex. */
  readonly fingerprint?: string
  /** The one URI among the subject alternative names of its certificate. */
  readonly san?: string
  /** Public keys that its token requests are signed with (RFC 7517). */
  readonly jwks?: readonly Readonly<Record<string, string>>[]
  readonly createdAt: number
  readonly revokedAt?: number
}

/** A template sealed by the vault. Without its key it is noise. */
export interface SealedTemplate {
  readonly model: string
  readonly scheme: string
  /** iv ‖ ciphertext ‖ tag. */
  readonly sealed: Uint8Array
  readonly key: KeyReference | WrappedBeside
}

export interface ReferenceRecord extends SealedTemplate {
  readonly id: string
  readonly tenant: string
  readonly subject: string
  readonly source: 'capture' | 'image'
  /** Id of the consent that it rests on. */
  readonly consent?: string
  readonly createdAt: number
}

export interface SessionRecord {
  readonly id: string
  readonly tenant: string
  /** Rises with every change; a change names the version it was made from. */
  readonly version: number
  readonly purpose: Purpose
  readonly state: SessionState
  readonly subject?: string
  /** Fixed when the session is made. The digest is the policy's own; of sessions from before there were any, absent. */
  readonly policy: { readonly name: string; readonly version: number; readonly digest?: string }
  readonly createdAt: number
  readonly expiresAt: number
  readonly maxAttempts: number
  readonly allowedOrigins: readonly string[]
  /** Addresses and CIDR ranges that the capture may come from; any when absent. */
  readonly allowedNetworks?: readonly string[]
  /** Id of the consent that it rests on. */
  readonly consent?: string
  /** HMAC of the device correlation id. */
  readonly deviceMac?: string
  /** Id of the capture token; a token with another id is not this session's. */
  readonly tokenId: string
  /** Thumbprint of the key that the first capture device proved. */
  readonly jkt?: string
  /** HMAC of how the device of the first attempt described itself; forgotten when the session ends. */
  readonly descriptionMac?: string
  readonly attempts: readonly Attempt[]
  readonly decision?: Decision
  readonly reasons: readonly Reason[]
  readonly assurance: AssuranceLevel
  readonly evidence: readonly Evidence[]
  readonly receipt?: string
  /** Why the last capture was refused before it began. */
  readonly refused?: Obstacle & { readonly at: number }
  /** Why the capture device could not begin, as it said last. */
  readonly hindrance?: { readonly code: Hindrance | PasskeyHindrance; readonly at: number }
  /** Template of the reference photograph that came with the session; forgotten when the session ends. */
  readonly referenceTemplate?: SealedTemplate
}

/** Members that a change may touch. `undefined` removes where the member is optional. */
export type SessionChange = {
  readonly [K in
    | 'state'
    | 'jkt'
    | 'descriptionMac'
    | 'refused'
    | 'hindrance'
    | 'attempts'
    | 'decision'
    | 'reasons'
    | 'assurance'
    | 'evidence'
    | 'receipt'
    | 'referenceTemplate']?: SessionRecord[K] | undefined
}

/** What a session forgets at its end, however it ends. */
export const FORGOTTEN: SessionChange = { referenceTemplate: undefined, descriptionMac: undefined }

export interface IdempotencyRecord {
  readonly tenant: string
  readonly key: string
  /** SHA-256 of what was asked for, base64url. */
  readonly digest: string
  /** Id of the session or reference that the request made. */
  readonly madeId: string
  readonly expiresAt: number
}

/** Keyed hashes of a capture, for the replay index. */
export interface CaptureTraces {
  readonly tenant: string
  readonly sessionId: string
  /** Left in the index until `expiresAt`, or until the session is deleted if that is earlier. */
  readonly kept: readonly string[]
  readonly sought: readonly string[]
  readonly now: number
  readonly expiresAt: number
}

/** The public key of a device that proved itself, or of a person's authenticator. No secret is in it. */
export interface DeviceKeyRecord {
  readonly tenant: string
  readonly kind: 'app-attest' | 'webauthn'
  /** What the maker calls it, base64url: hash of an app's key, identifier of a credential. */
  readonly id: string
  /** Whose authenticator it is; keys of apps belong to no subject. */
  readonly subject?: string
  readonly level: 'valid' | 'strong'
  /** SubjectPublicKeyInfo (app-attest) or COSE_Key (webauthn). */
  readonly publicKey: Uint8Array
  /** Of the last answer that counted. */
  readonly counter: number
  readonly createdAt: number
}

export interface PageQuery {
  readonly limit: number
  /** Only what comes after this position in the order newest first. */
  readonly after?: { readonly createdAt: number; readonly id: string }
  readonly subject?: string
}

/** Every method throws IpseError `storage_unavailable` when the store does not answer. */
export interface Store extends ConductStore, LogStore, PeopleStore, PrivacyStore, RolloutStore, VaultStore {
  /**
   * False, and nothing is written, when `maxLive` keys of the same tenant and name are live already at the audit entry's
   * time. `ends` gives another key its end, unless it has an earlier one.
   */
  insertApiKey(
    key: ApiKeyRecord,
    audit: AuditDraft,
    also?: { readonly maxLive?: number; readonly ends?: { readonly kid: string; readonly at: number } },
  ): Promise<boolean>
  findApiKey(kid: string): Promise<ApiKeyRecord | undefined>
  listApiKeys(): Promise<ApiKeyRecord[]>
  /** False when there is no such key or it was revoked before. */
  revokeApiKey(kid: string, audit: AuditDraft): Promise<boolean>
  /** Notes when a key was used last. */
  touchApiKey(kid: string, at: number): Promise<void>

  /** False, and nothing is written, when a live client has that certificate or that URI. */
  insertClient(client: ClientRecord, audit: AuditDraft): Promise<boolean>
  findClient(id: string): Promise<ClientRecord | undefined>
  /** The live client of a certificate: by its fingerprint before its URI. */
  findCertificateClient(fingerprint: string, san: string | undefined): Promise<ClientRecord | undefined>
  listClients(): Promise<ClientRecord[]>
  /** False when there is no such client or it was revoked before. */
  revokeClient(id: string, audit: AuditDraft): Promise<boolean>

  /** Returns the earlier record, and inserts nothing, when the idempotency key was used before and still stands. */
  insertSession(
    session: SessionRecord,
    audit: AuditDraft,
    idempotency?: IdempotencyRecord,
    consent?: StoredConsent,
  ): Promise<IdempotencyRecord | undefined>
  findSession(tenant: string, id: string): Promise<SessionRecord | undefined>
  /** Of whichever tenant. Asks every shard: for commands of the operator, who names only the session. */
  findSessionAnywhere(id: string): Promise<SessionRecord | undefined>
  /** Newest first. */
  listSessions(tenant: string, query: PageQuery): Promise<SessionRecord[]>
  /**
   * Compare-and-set: applies the change when the session still has that version, together with the audit entry and
   * the enrolled reference and what the decision was made from, or does nothing and returns undefined.
   */
  changeSession(
    before: Pick<SessionRecord, 'id' | 'tenant' | 'version'>,
    change: SessionChange,
    also?: {
      readonly audit?: AuditDraft
      readonly reference?: ReferenceRecord
      readonly decided?: Decided
      readonly media?: MediaChange
      /** Signs the session's receipt, which says where the audit entry went. */
      receipt?(place: LogPlace): string
    },
  ): Promise<SessionRecord | undefined>
  /** Sessions that should have ended by `now` and are in none of the final states. */
  listOverdueSessions(now: number, limit: number): Promise<SessionRecord[]>

  /** As with a session: the earlier record, and nothing inserted, when the idempotency key was used before. */
  insertReference(
    reference: ReferenceRecord,
    audit: AuditDraft,
    consent?: StoredConsent,
    idempotency?: IdempotencyRecord,
  ): Promise<IdempotencyRecord | undefined>
  /** Those that may be compared with, newest first; all that are held when `withdrawn` says so. */
  listReferences(
    tenant: string,
    subject: string,
    also?: { readonly withdrawn: boolean },
  ): Promise<ReferenceRecord[]>
  /** Notes, to the day, that the templates of a subject were used. */
  touchReferences(tenant: string, subject: string, at: number): Promise<void>

  /** False, and nothing is changed, when the tenant has a key of that kind and id. */
  insertDeviceKey(key: DeviceKeyRecord): Promise<boolean>
  findDeviceKey(key: Pick<DeviceKeyRecord, 'tenant' | 'kind' | 'id'>): Promise<DeviceKeyRecord | undefined>
  /** Those bound to a subject, oldest first. */
  listDeviceKeys(tenant: string, subject: string): Promise<DeviceKeyRecord[]>
  /** Compare-and-set: true when the counter was still the one of `before`. */
  advanceDeviceKey(
    before: Pick<DeviceKeyRecord, 'tenant' | 'kind' | 'id' | 'counter'>,
    counter: number,
  ): Promise<boolean>

  /** True once for a value of a kind, false ever after until `expiresAt` has been swept. */
  useOnce(
    kind: 'proof' | 'transcript' | 'assertion' | 'sign-in',
    value: string,
    expiresAt: number,
  ): Promise<boolean>

  /**
   * Leaves traces of a session and returns which of the sought ones other sessions of the tenant have left, all at once:
   * of two captures at the same time, one sees the other. A trace of the same session is left once.
   */
  leaveTraces(traces: CaptureTraces): Promise<{ readonly sessionId: string; readonly mac: string }[]>

  appendAudit(entry: AuditDraft): Promise<LogPlace>
  /** Oldest first. */
  listAudit(tenant: string, limit: number): Promise<LoggedEntry[]>

  /** Keeps the first value that is claimed under a name, and says which that is. */
  claim(name: 'keyring', value: string): Promise<string>
  /**
   * Rewrites what the files of the store still hold of deleted rows, and empties its log of changes as far as it may. Writers wait
   * meanwhile: for checks of an erasure, not for requests.
   */
  settle(): Promise<void>
  /** Reads from the store. */
  check(): Promise<void>
  close(): Promise<void>
}

/** The part of the store that knows the people who run Ipse: accounts, passkeys, invitations, sessions. No secret is in it. */
import type { AuditDraft } from './audit-records.ts'

export interface PersonRecord {
  readonly id: string
  readonly tenant: string
  /** As colleagues know the person. */
  readonly name: string
  readonly roles: readonly string[]
  /** Keyed hash of issuer and subject, of a person who signs in with OpenID Connect. */
  readonly identityMac?: string
  readonly createdAt: number
  readonly disabledAt?: number
}

/** A person's WebAuthn credential. */
export interface PasskeyRecord {
  /** Identifier of the credential, base64url. */
  readonly id: string
  readonly personId: string
  /** COSE_Key. */
  readonly publicKey: Uint8Array
  /** Of the last answer that counted; authenticators that do not count stay at 0. */
  readonly counter: number
  readonly createdAt: number
  readonly lastUsedAt?: number
}

/** A link under which a person registers a passkey, once. */
export interface InvitationRecord {
  /** Keyed hash of the link's secret. */
  readonly mac: string
  readonly personId: string
  readonly expiresAt: number
}

/** A person signed in on one browser. */
export interface PersonSession {
  /** Keyed hash of the cookie. */
  readonly mac: string
  readonly personId: string
  readonly createdAt: number
  /** Coarse: when it was used last. */
  readonly seenAt: number
  readonly endsAt: number
}

/** Somebody who runs Ipse, and how many ways of signing in there are. */
export interface PersonWithKeys extends PersonRecord {
  readonly passkeys: number
}

export interface PeopleStore {
  /** False, and nothing is written, when somebody has that identity already. */
  insertPerson(person: PersonRecord, audit: AuditDraft, invitation?: InvitationRecord): Promise<boolean>
  findPerson(id: string): Promise<PersonRecord | undefined>
  findPersonByIdentity(identityMac: string): Promise<PersonRecord | undefined>
  /** Of one tenant, or of all; oldest first. */
  listPeople(tenant?: string): Promise<PersonWithKeys[]>
  /** Roles as the identity provider told them last. */
  changeRoles(id: string, roles: readonly string[]): Promise<void>
  /**
   * Ends the person, their sessions and invitations. `last-owner`, and nothing is written, when no other owner of the
   * tenant could sign in any more; `unknown` when there is no such person or it was disabled before.
   */
  disablePerson(id: string, audit: AuditDraft): Promise<'disabled' | 'unknown' | 'last-owner'>

  /** The one before, if any, is void. */
  replaceInvitation(invitation: InvitationRecord, audit: AuditDraft): Promise<void>
  findInvitation(mac: string, now: number): Promise<InvitationRecord | undefined>

  /** False, and nothing is written, when the credential is known, or the invitation was used before or has expired. */
  insertPasskey(passkey: PasskeyRecord, audit: AuditDraft, invitationMac?: string): Promise<boolean>
  findPasskey(id: string): Promise<PasskeyRecord | undefined>
  /** Oldest first. */
  listPasskeys(personId: string): Promise<PasskeyRecord[]>
  /** Compare-and-set: true when the counter was still the one of `before`. */
  usePasskey(before: Pick<PasskeyRecord, 'id' | 'counter'>, counter: number, at: number): Promise<boolean>
  /** False, and nothing is deleted, when it is not the person's, or the last way to sign in. */
  deletePasskey(id: string, personId: string, audit: AuditDraft): Promise<boolean>

  /** `replaces` is the keyed hash of the session that this browser had before. */
  insertPersonSession(session: PersonSession, audit: AuditDraft, replaces?: string): Promise<void>
  findPersonSession(
    mac: string,
  ): Promise<{ readonly session: PersonSession; readonly person: PersonRecord } | undefined>
  /** Notes when it was used last; never goes back. */
  touchPersonSession(mac: string, at: number): Promise<void>
  /** Ends one session, or all of the person's. @returns how many */
  endPersonSessions(which: { mac: string } | { personId: string }, audit: AuditDraft): Promise<number>
}

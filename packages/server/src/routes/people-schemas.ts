/** What the console sends, as JSON Schema. Answers are views of our own records. */
import { Type } from 'typebox'
import { ROLE_NAMES } from '../identity/roles.ts'
import { closed } from './schemas.ts'

/** Authenticators answer with a few hundred bytes; a statement of their maker takes some thousand. */
const Base64url = Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 8_192 })
const Secret = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })
const CredentialId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,1400}$' })

export const EmptySchema = Type.Object({}, closed)

export const PasskeyAnswerSchema = Type.Object(
  {
    id: CredentialId,
    clientData: Base64url,
    authenticatorData: Base64url,
    signature: Base64url,
    userHandle: Base64url,
  },
  closed,
)

export const PasskeySchema = Type.Object(
  { id: CredentialId, clientData: Base64url, attestation: Base64url },
  closed,
)

export const InvitationSchema = Type.Object({ invitation: Secret }, closed)
export const AcceptInvitationSchema = Type.Object({ invitation: Secret, passkey: PasskeySchema }, closed)
export const PasskeyParams = Type.Object({ id: CredentialId }, closed)

const oneOf = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values] })
const Name = Type.String({ minLength: 1, maxLength: 64 })

export const InviteSchema = Type.Object(
  { name: Name, roles: Type.Array(oneOf(ROLE_NAMES), { minItems: 1, maxItems: ROLE_NAMES.length }) },
  closed,
)
export const PersonParams = Type.Object({ id: Type.String({ pattern: '^per_[A-Za-z0-9_-]{22}$' }) }, closed)

/** API keys on the wire, as JSON Schema. */
import { Type } from 'typebox'
import { SCOPE_NAMES } from '../identity/scopes.ts'
import { closed, oneOf } from './schemas.ts'

const Kid = Type.String({ pattern: '^[0-9a-f]{16}$' })
const Time = Type.String({ format: 'date-time' })

export const KeyParams = Type.Object({ kid: Kid }, closed)

export const CreateKeySchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    scopes: Type.Array(oneOf(SCOPE_NAMES), { minItems: 1, maxItems: SCOPE_NAMES.length }),
    origins: Type.Optional(Type.Array(Type.String({ maxLength: 300 }), { minItems: 1, maxItems: 20 })),
    networks: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 20 })),
    days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
  },
  closed,
)

/** An hour at least: to end a key at once, it is revoked. */
export const RotateKeySchema = Type.Object(
  { overlapHours: Type.Optional(Type.Integer({ minimum: 1, maximum: 720 })) },
  closed,
)

const view = {
  kid: Kid,
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  state: oneOf(['live', 'ended', 'revoked']),
  createdAt: Time,
  expiresAt: Type.Optional(Time),
  lastUsedAt: Type.Optional(Time),
}
export const KeyListSchema = Type.Object({ items: Type.Array(Type.Object(view, closed)) }, closed)
/** The secret is shown this once. */
export const MadeKeySchema = Type.Object({ key: Type.String(), ...view }, closed)

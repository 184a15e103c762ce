/** The audit log as JSON Schema, held against the protocol's own types like the resources of schemas.ts. */
import type { LogConsistency, LogInclusion, LogView } from '@ipse/protocol'
import { type Static, Type } from 'typebox'
import { type Agree, closed, Time } from './schemas.ts'

const Size = Type.Integer({ minimum: 0 })
const Hash = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })
/** Sizes and places in an address. */
const SizeText = Type.String({ pattern: '^(0|[1-9]\\d{0,14})$' })

export const LogSchema = Type.Object(
  {
    origin: Type.String(),
    size: Size,
    root: Hash,
    signedSize: Size,
    signedAt: Type.Optional(Time),
    keys: Type.Array(Type.String({ description: 'Verifier key of C2SP signed-note.' })),
  },
  closed,
)
export const LogInclusionSchema = Type.Object(
  { index: Size, size: Size, root: Hash, leaf: Hash, proof: Type.Array(Hash) },
  closed,
)
export const LogConsistencySchema = Type.Object({ from: Size, to: Size, proof: Type.Array(Hash) }, closed)
export const CheckpointsQuery = Type.Object(
  { after: Type.Optional(Type.String({ ...SizeText, description: 'Only those of more entries.' })) },
  closed,
)
export const InclusionQuery = Type.Object(
  { index: Type.Optional(SizeText), size: Type.Optional(SizeText) },
  closed,
)
export const ConsistencyQuery = Type.Object(
  { from: Type.Optional(SizeText), to: Type.Optional(SizeText) },
  closed,
)
export const TileParams = Type.Object({ '*': Type.String({ maxLength: 40 }) }, closed)

export const TileSchema = Type.Unsafe<Buffer>({ type: 'string', format: 'binary' })

type Checks = [
  Agree<Static<typeof LogSchema>, LogView>,
  Agree<Static<typeof LogInclusionSchema>, LogInclusion>,
  Agree<Static<typeof LogConsistencySchema>, LogConsistency>,
]
const checked: Checks = [true, true, true]
void checked

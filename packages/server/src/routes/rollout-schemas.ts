/** Policy versions and what candidates decided, as JSON Schema. */
import { DECISIONS, REASONS } from '@ipse/protocol'
import { Type } from 'typebox'
import { STAGES } from '../domain/rollout/stages.ts'
import { closed, keysOf, Time } from './schemas.ts'

const Name = Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' })
const Version = Type.Integer({ minimum: 1, maximum: 1_000_000 })
const StageName = keysOf(STAGES)
const Digest = Type.String({ maxLength: 64 })
const Count = Type.Integer({ minimum: 0 })
/** Goes into the audit log. */
const Why = Type.String({ minLength: 1, maxLength: 300, description: 'Why, for the audit log.' })

export const PublishPolicySchema = Type.Object(
  {
    document: Type.String({
      minLength: 2,
      maxLength: 60_000,
      description: 'A policy file as text, as "ipse policies check" reads it.',
    }),
    why: Why,
  },
  closed,
)
export const StagePolicySchema = Type.Object(
  { to: StageName, share: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })), why: Why },
  closed,
)
export const RollBackSchema = Type.Object({ why: Why }, closed)
export const PolicyParams = Type.Object({ name: Name }, closed)
export const PolicyVersionParams = Type.Object(
  { name: Name, version: Type.String({ pattern: '^[1-9][0-9]{0,5}$' }) },
  closed,
)

export const PolicyVersionSchema = Type.Object({
  name: Name,
  version: Version,
  digest: Digest,
  from: Type.Union([Type.Literal('ipse'), Type.Literal('file'), Type.Literal('published')]),
  stage: StageName,
  share: Type.Optional(Type.Integer()),
  replaced: Type.Optional(Version),
  createdAt: Type.Optional(Time),
  changedAt: Type.Optional(Time),
})
export const PolicyListSchema = Type.Object({ items: Type.Array(PolicyVersionSchema) })

const Rate = Type.Object({
  count: Count,
  rate: Type.Optional(Type.Number()),
  lower: Type.Number(),
  upper: Type.Number(),
})
const OutcomeName = Type.Union([keysOf(DECISIONS), Type.Literal('error')])
const Shadow = Type.Object({
  candidate: Version,
  version: Version,
  decisions: Count,
  agreement: Rate,
  acceptToReject: Rate,
  rejectToAccept: Rate,
  changes: Type.Array(Type.Intersect([Rate, Type.Object({ from: OutcomeName, to: OutcomeName })])),
  reasons: Type.Array(Type.Object({ reason: keysOf(REASONS), count: Count })),
})
const Served = Type.Object({
  version: Version,
  decisions: Count,
  rejected: Rate,
  notAccepted: Rate,
  errors: Count,
})
const Canary = Type.Object({
  candidate: Version,
  canary: Served,
  inForce: Type.Array(Served),
  worse: Type.Array(Type.String()),
})
export const RolloutReportSchema = Type.Object({
  name: Name,
  versions: Type.Array(PolicyVersionSchema),
  shadows: Type.Array(Shadow),
  canaries: Type.Array(Canary),
})

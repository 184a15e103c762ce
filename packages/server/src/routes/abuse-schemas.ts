/** The resources about abuse as JSON Schema, held against the protocol's own types like those of schemas.ts. */
import {
  type AbuseReport,
  type DecidedReview,
  type DecideReview,
  type Page,
  REVIEW_DECISIONS,
  type Review,
  SPOOF_TYPES,
  type UnlockDevice,
  type Unlocked,
} from '@ipse/protocol'
import { type Static, Type } from 'typebox'
import {
  type Agree,
  closed,
  DeviceId,
  EvidenceSchema,
  keysOf,
  PageQuerySchema,
  SessionSchema,
  Time,
} from './schemas.ts'

const reviewMembers = {
  id: Type.String(),
  createdAt: Time,
  score: Type.Number(),
  bruteForce: Type.Boolean(),
  spoofTypes: Type.Array(keysOf(SPOOF_TYPES)),
  sessions: Type.Array(Type.String()),
  decision: Type.Optional(keysOf(REVIEW_DECISIONS)),
  reason: Type.Optional(Type.String()),
  decidedAt: Type.Optional(Time),
  decidedBy: Type.Optional(Type.String()),
}
const ReviewSchema = Type.Object(reviewMembers, closed)
export const ReviewPageSchema = Type.Object(
  { items: Type.Array(ReviewSchema), nextCursor: Type.Optional(Type.String()) },
  closed,
)
export const DecidedReviewSchema = Type.Object(
  { ...reviewMembers, deviceCorrelationId: Type.Optional(Type.String()) },
  closed,
)
export const DecideReviewSchema = Type.Object(
  {
    decision: keysOf(REVIEW_DECISIONS),
    reason: Type.String({ minLength: 3, maxLength: 500, description: 'Why, in words. No personal data.' }),
  },
  closed,
)
export const ReviewQuerySchema = Type.Object(
  {
    ...PageQuerySchema.properties,
    state: Type.Optional(Type.Unsafe<'open' | 'decided'>({ type: 'string', enum: ['open', 'decided'] })),
  },
  closed,
)
export const ReviewParams = Type.Object({ id: Type.String({ pattern: '^rev_[A-Za-z0-9_-]{22}$' }) }, closed)

export const UnlockDeviceSchema = Type.Object({ deviceCorrelationId: DeviceId }, closed)
export const UnlockedSchema = Type.Object({ unlockedAt: Time }, closed)

const Optional = Type.Optional(Type.String())
export const AbuseReportSchema = Type.Object(
  {
    format: Type.Literal('ipse-abuse-report/1'),
    createdAt: Time,
    service: Type.Object({ url: Type.String(), version: Type.String() }, closed),
    spoofTypes: Type.Array(Type.Object({ type: keysOf(SPOOF_TYPES), meaning: Type.String() }, closed)),
    apiPath: Type.Array(Type.String()),
    requestIds: Type.Array(Type.String()),
    session: SessionSchema,
    models: Type.Array(
      Type.Object({ id: Type.String(), version: Type.String(), sha256: Type.String() }, closed),
    ),
    policy: Type.Object({ name: Type.String(), version: Type.Number(), digest: Optional }, closed),
    conditions: Type.Object(
      {
        attempts: Type.Integer(),
        frames: Type.Integer(),
        startedAt: Type.Optional(Time),
        endedAt: Type.Optional(Time),
        deviceKey: Optional,
        virtualCamera: Type.Optional(Type.Boolean()),
        challenge: Type.Optional(Type.Object({ version: Type.String(), digest: Type.String() }, closed)),
      },
      closed,
    ),
    findings: Type.Array(EvidenceSchema),
    reproduction: Type.Array(Type.String()),
    sealed: Type.Object({ receipt: Optional, transcript: Optional }, closed),
    trail: Type.Array(
      Type.Object(
        { time: Time, event: Type.String(), requestId: Optional, error: Optional, decision: Optional },
        closed,
      ),
    ),
    businessImpact: Type.String(),
    digest: Type.String(),
  },
  closed,
)

/** Every line must be `true`: a schema that drifts from its type does not compile. */
export const ABUSE_AGREEMENT: readonly [
  Agree<Static<typeof ReviewPageSchema>, Page<Review>>,
  Agree<Static<typeof DecidedReviewSchema>, DecidedReview>,
  Agree<Static<typeof DecideReviewSchema>, DecideReview>,
  Agree<Static<typeof UnlockDeviceSchema>, UnlockDevice>,
  Agree<Static<typeof UnlockedSchema>, Unlocked>,
  Agree<Static<typeof AbuseReportSchema>, AbuseReport>,
] = [true, true, true, true, true, true]

/**
 * The resources of `/v1` as JSON Schema: validation, types and OpenAPI from one source. The check at the end makes the
 * compiler hold them against the protocol's own types.
 */
import {
  ASSURANCE_LEVELS,
  BARRIERS,
  CONSENT_CHANNELS,
  type ComparisonResult,
  type Consent,
  type CreateComparison,
  type CreateDetection,
  type CreatedSession,
  type CreateReference,
  type CreateSession,
  DECISIONS,
  type DetectionResult,
  DIRECTIONS,
  EVIDENCE_WEIGHTS,
  FAILURE_REASONS,
  HINDRANCES,
  PARTIES,
  PASSKEY_HINDRANCES,
  type Page,
  type Problem,
  PURPOSES,
  QUALITY_COMPONENTS,
  REASONS,
  SESSION_STATES,
  type Session,
  SIGNAL_NAMES,
  type Subject,
  VERDICTS,
} from '@ipse/protocol'
import { type Static, type TSchema, Type } from 'typebox'

export const closed = { additionalProperties: false } as const
export const oneOf = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values] })
export const keysOf = <T extends object>(table: T) => oneOf(Object.keys(table) as Extract<keyof T, string>[])

/** Longest base64 text of an image: 10 MB decoded. The decoder counts again. */
export const MAX_IMAGE_BYTES = 10_000_000
const MAX_IMAGE_TEXT = Math.ceil(MAX_IMAGE_BYTES / 3) * 4

export const Time = Type.String({
  maxLength: 40,
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$',
})
const Image = Type.String({
  minLength: 4,
  maxLength: MAX_IMAGE_TEXT,
  description: 'JPEG, PNG or WebP, base64.',
})
export const SubjectName = Type.String({ pattern: '^[A-Za-z0-9._:@-]{1,128}$' })
export const DeviceId = Type.String({ pattern: '^[A-Za-z0-9-]{8,64}$' })
const Fmr = Type.Number({ minimum: 1e-9, maximum: 0.5 })

/** Characters of an IPv6 address that ends in an IPv4 one, and `/128`. */
const MAX_NETWORK_TEXT = 49

const consent = {
  version: Type.String({ minLength: 1, maxLength: 64 }),
  textSha256: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
  givenAt: Time,
  channel: Type.Optional(oneOf(CONSENT_CHANNELS)),
  locale: Type.Optional(Type.String({ pattern: '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$' })),
  validUntil: Type.Optional(Time),
}
export const ConsentSchema = Type.Object(consent, closed)
export const ConsentRecordSchema = Type.Object(
  { id: Type.String(), ...consent, recordedAt: Time, withdrawnAt: Type.Optional(Time) },
  closed,
)
const ConsentId = Type.String({ pattern: '^con_[A-Za-z0-9_-]{22}$' })
export const ConsentParams = Type.Object({ id: ConsentId }, closed)

export const CreateSessionSchema = Type.Object(
  {
    purpose: oneOf(PURPOSES),
    subject: Type.Optional(SubjectName),
    referenceImage: Type.Optional(Image),
    deviceCorrelationId: Type.Optional(DeviceId),
    consent: Type.Optional(ConsentSchema),
    consentId: Type.Optional(ConsentId),
    policy: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' })),
    ttlSeconds: Type.Optional(Type.Integer({ minimum: 30, maximum: 600 })),
    maxAttempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
    allowedOrigins: Type.Optional(Type.Array(Type.String({ maxLength: 300 }), { maxItems: 20 })),
    allowedNetworks: Type.Optional(
      Type.Array(Type.String({ maxLength: MAX_NETWORK_TEXT }), {
        minItems: 1,
        maxItems: 16,
        description: 'Addresses and CIDR ranges, IPv4 or IPv6, that the capture is expected from.',
      }),
    ),
  },
  closed,
)

export const CreatedSessionSchema = Type.Object(
  {
    id: Type.String(),
    captureToken: Type.String(),
    captureUrl: Type.String(),
    element: Type.Object({ url: Type.String(), integrity: Type.String() }, closed),
    expiresAt: Time,
  },
  closed,
)

export const MeasurementSchema = Type.Union([
  Type.Object({ status: Type.Literal('assessed'), native: Type.Number(), score: Type.Number() }, closed),
  Type.Object({ status: Type.Literal('failure-to-assess'), reason: oneOf(FAILURE_REASONS) }, closed),
])

export const EvidenceSchema = Type.Object(
  {
    signal: oneOf(SIGNAL_NAMES),
    measurement: MeasurementSchema,
    model: Type.Optional(Type.String()),
    samples: Type.Number(),
    verdict: keysOf(VERDICTS),
    weight: keysOf(EVIDENCE_WEIGHTS),
    reason: Type.Optional(keysOf(REASONS)),
    atLeast: Type.Optional(Type.Number()),
    fmr: Type.Optional(Type.Number()),
    apcer: Type.Optional(Type.Number()),
    meaning: Type.String({ description: 'What the signal measures, in a sentence.' }),
  },
  closed,
)

const AttemptSchema = Type.Object(
  {
    number: Type.Integer(),
    startedAt: Time,
    endedAt: Type.Optional(Time),
    decision: Type.Optional(keysOf(DECISIONS)),
    reasons: Type.Array(keysOf(REASONS)),
    asked: Type.Array(oneOf(DIRECTIONS)),
    frames: Type.Integer(),
  },
  closed,
)

const barrier = {
  code: oneOf(BARRIERS),
  party: keysOf(PARTIES),
  until: Type.Optional(Time),
}
const ConductSchema = Type.Object(
  {
    deviceScore: Type.Optional(Type.Number()),
    bruteForce: Type.Boolean(),
    flaggedSessions: Type.Array(Type.String()),
    barriers: Type.Array(Type.Object(barrier, closed)),
    refused: Type.Optional(Type.Object({ ...barrier, at: Time }, closed)),
  },
  closed,
)

export const SessionSchema = Type.Object(
  {
    id: Type.String(),
    purpose: oneOf(PURPOSES),
    state: oneOf(SESSION_STATES),
    subject: Type.Optional(Type.String()),
    policy: Type.Object({ name: Type.String(), version: Type.Integer() }, closed),
    createdAt: Time,
    expiresAt: Time,
    allowedNetworks: Type.Optional(Type.Array(Type.String())),
    consent: Type.Optional(Type.String()),
    attempts: Type.Array(AttemptSchema),
    attemptsLeft: Type.Integer(),
    decision: Type.Optional(keysOf(DECISIONS)),
    reasons: Type.Array(keysOf(REASONS)),
    assurance: keysOf(ASSURANCE_LEVELS),
    evidence: Type.Array(EvidenceSchema),
    receipt: Type.Optional(Type.String()),
    hindrance: Type.Optional(
      Type.Object({ code: oneOf([...HINDRANCES, ...PASSKEY_HINDRANCES]), at: Time }, closed),
    ),
    conduct: Type.Optional(ConductSchema),
  },
  closed,
)

export const SessionPageSchema = Type.Object(
  { items: Type.Array(SessionSchema), nextCursor: Type.Optional(Type.String()) },
  closed,
)

export const PageQuerySchema = Type.Object(
  {
    cursor: Type.Optional(Type.String({ maxLength: 200 })),
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9]|[1-9][0-9]|100)$', description: '1–100; 20 when absent.' }),
    ),
  },
  closed,
)

export const CreateComparisonSchema = Type.Object(
  {
    probe: Type.Object({ image: Image }, closed),
    reference: Type.Union([
      Type.Object({ image: Image }, closed),
      Type.Object({ subject: SubjectName }, closed),
    ]),
    fmr: Type.Optional(Fmr),
  },
  closed,
)

export const ComparisonResultSchema = Type.Object(
  {
    decision: oneOf(['match', 'non-match']),
    score: Type.Number(),
    similarity: Type.Number(),
    threshold: Type.Number(),
    fmr: Type.Number(),
    dataset: Type.String(),
    model: Type.String(),
  },
  closed,
)

export const CreateDetectionSchema = Type.Object(
  { image: Image, landmarks: Type.Optional(Type.Boolean()) },
  closed,
)

const PointSchema = Type.Object({ x: Type.Number(), y: Type.Number() }, closed)
const BoxSchema = Type.Object(
  { x: Type.Number(), y: Type.Number(), width: Type.Number(), height: Type.Number() },
  closed,
)
const QualitySchema = Type.Unsafe<NonNullable<DetectionResult['quality']>>(
  Type.Object(Object.fromEntries(QUALITY_COMPONENTS.map((name) => [name, MeasurementSchema])), closed),
)

export const DetectionResultSchema = Type.Object(
  {
    width: Type.Integer(),
    height: Type.Integer(),
    faces: Type.Array(
      Type.Object({ box: BoxSchema, score: Type.Number(), points: Type.Array(PointSchema) }, closed),
    ),
    pose: Type.Optional(
      Type.Object({ yawDeg: Type.Number(), pitchDeg: Type.Number(), rollDeg: Type.Number() }, closed),
    ),
    quality: Type.Optional(QualitySchema),
    landmarks: Type.Optional(Type.Array(Type.Tuple([Type.Number(), Type.Number(), Type.Number()]))),
  },
  closed,
)

export const CreateReferenceSchema = Type.Object(
  { image: Image, consent: Type.Optional(ConsentSchema), consentId: Type.Optional(ConsentId) },
  closed,
)

export const ReferenceSchema = Type.Object(
  {
    id: Type.String(),
    model: Type.String(),
    source: oneOf(['capture', 'image']),
    createdAt: Time,
    consent: Type.Optional(Type.String()),
  },
  closed,
)
export const SubjectSchema = Type.Object(
  { subject: Type.String(), references: Type.Array(ReferenceSchema) },
  closed,
)

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.Optional(Type.String()),
    advice: Type.String(),
    retry: oneOf(['no', 'same', 'new-session']),
    requestId: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ at: Type.String(), message: Type.String() }, closed))),
  },
  closed,
)

export const SessionParams = Type.Object({ id: Type.String({ pattern: '^ses_[A-Za-z0-9_-]{22}$' }) }, closed)
export const SubjectParams = Type.Object({ subject: SubjectName }, closed)

type Readable<T> = T extends object ? { readonly [K in keyof T]: Readable<T[K]> } : T
const readable = <S extends TSchema>(schema: S) => Type.Unsafe<Readable<Static<S>>>(schema)

/** Answers of every guarded route: what it returns, and problems. */
export function answers<const N extends number, S extends TSchema>(status: N, schema: S) {
  const problem = readable(ProblemSchema)
  return { [status]: readable(schema), '4xx': problem, '5xx': problem } as {
    readonly [K in N]: ReturnType<typeof readable<S>>
  } & { readonly '4xx': typeof problem; readonly '5xx': typeof problem }
}

type Writable<T> = T extends object ? { -readonly [K in keyof T]: Writable<T[K]> } : T
export type Agree<Schema, Ours> = [Schema] extends [Writable<Ours>]
  ? [Writable<Ours>] extends [Schema]
    ? true
    : never
  : never

/** Every line must be `true`: a schema that drifts from its type does not compile. */
export const AGREEMENT: readonly [
  Agree<Static<typeof ConsentSchema>, Consent>,
  Agree<Static<typeof CreateSessionSchema>, CreateSession>,
  Agree<Static<typeof CreatedSessionSchema>, CreatedSession>,
  Agree<Static<typeof SessionSchema>, Session>,
  Agree<Static<typeof SessionPageSchema>, Page<Session>>,
  Agree<Static<typeof CreateComparisonSchema>, CreateComparison>,
  Agree<Static<typeof ComparisonResultSchema>, ComparisonResult>,
  Agree<Static<typeof CreateDetectionSchema>, CreateDetection>,
  Agree<Static<typeof DetectionResultSchema>, DetectionResult>,
  Agree<Static<typeof CreateReferenceSchema>, CreateReference>,
  Agree<Static<typeof SubjectSchema>, Subject>,
  Agree<Static<typeof ProblemSchema>, Problem>,
] = [true, true, true, true, true, true, true, true, true, true, true, true]

/** What consents, retention, approvals, export and erasure look like over `/v1`; held against the protocol's types below. */
import {
  APPROVAL_ACTIONS,
  APPROVAL_STATES,
  type Approval,
  type Consent,
  type ConsentRecord,
  DECISIONS,
  ERASED_KIND_NAMES,
  type ErasedCounts,
  type Erasure,
  type Page,
  REASONS,
  RETENTION_PRESETS,
  RETENTION_RULE_KEYS,
  type RetentionReport,
  SIGNAL_NAMES,
  type Subject,
  type SubjectExport,
  type TenantRules,
  type WithdrawnConsent,
} from '@ipse/protocol'
import { type Static, Type } from 'typebox'
import {
  type Agree,
  ConsentRecordSchema,
  type ConsentSchema,
  closed,
  keysOf,
  MeasurementSchema,
  oneOf,
  ReferenceSchema,
  SessionSchema,
  type SubjectSchema,
  Time,
} from './schemas.ts'

const Count = Type.Integer({ minimum: 0 })
/** Ten years. */
const Days = Type.Integer({ minimum: 0, maximum: 3650 })

export const ConsentListSchema = Type.Object({ items: Type.Array(ConsentRecordSchema) }, closed)

export const WithdrawnConsentSchema = Type.Object(
  { id: Type.String(), withdrawnAt: Time, sessionsEnded: Count, referencesErased: Count },
  closed,
)

const DaysSchema = Type.Unsafe<{ -readonly [R in keyof TenantRules['days']]: TenantRules['days'][R] }>(
  Type.Object(Object.fromEntries(RETENTION_RULE_KEYS.map((rule) => [rule, Type.Optional(Days)])), closed),
)
export const TenantRulesSchema = Type.Object(
  {
    preset: oneOf(RETENTION_PRESETS),
    days: DaysSchema,
    approvals: Type.Array(keysOf(APPROVAL_ACTIONS), { uniqueItems: true, maxItems: 8 }),
  },
  closed,
)

export const RetentionReportSchema = Type.Object(
  {
    madeAt: Time,
    preset: oneOf(RETENTION_PRESETS),
    due: Type.Array(
      Type.Object(
        {
          rule: oneOf(RETENTION_RULE_KEYS),
          days: Type.Integer(),
          why: Type.String(),
          count: Count,
          since: Type.Optional(Time),
        },
        closed,
      ),
    ),
  },
  closed,
)

export const ApprovalSchema = Type.Object(
  {
    id: Type.String(),
    action: keysOf(APPROVAL_ACTIONS),
    target: Type.String(),
    state: oneOf(APPROVAL_STATES),
    requestedBy: Type.String(),
    requestedAt: Time,
    expiresAt: Time,
    decidedBy: Type.Optional(Type.String()),
    decidedAt: Type.Optional(Time),
  },
  closed,
)
export const ApprovalParams = Type.Object({ id: Type.String({ pattern: '^apr_[A-Za-z0-9_-]{22}$' }) }, closed)
export const DecideApprovalSchema = Type.Object({ decision: oneOf(['approve', 'refuse']) }, closed)

const ErasedSchema = Type.Unsafe<{ -readonly [K in keyof ErasedCounts]: number }>(
  Type.Object(Object.fromEntries(ERASED_KIND_NAMES.map((kind) => [kind, Count])), closed),
)
export const ErasureSchema = Type.Object(
  {
    subject: Type.String(),
    erasedAt: Time,
    erased: ErasedSchema,
    proofsKept: Count,
    receipt: Type.String({ description: 'Compact JWS of the type ipse-erasure+jwt.' }),
  },
  closed,
)

export const ExportQuerySchema = Type.Object(
  {
    media: Type.Optional(
      Type.Literal('included', {
        description: 'With the pictures of captures that are still kept, in base64. Needs media:read, too.',
      }),
    ),
  },
  closed,
)

const ExportedPictureSchema = Type.Object(
  {
    sessionId: Type.String(),
    n: Count,
    createdAt: Time,
    expiresAt: Time,
    file: Type.Optional(
      Type.Object(
        {
          name: Type.String({ description: 'Unique within the export.' }),
          contentType: Type.Literal('image/jpeg'),
          bytes: Count,
          sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
          data: Type.Optional(
            Type.String({ description: 'base64; absent where the file lies beside the document.' }),
          ),
        },
        { ...closed, description: 'The picture itself, where it was asked for.' },
      ),
    ),
  },
  closed,
)

export const SubjectExportSchema = Type.Object(
  {
    subject: Type.String(),
    references: Type.Array(ReferenceSchema),
    format: Type.Literal('ipse-subject-export/3'),
    exportedAt: Time,
    consents: Type.Array(ConsentRecordSchema),
    sessions: Type.Array(SessionSchema),
    pictures: Type.Array(ExportedPictureSchema),
    authenticators: Type.Array(Type.Object({ id: Type.String(), createdAt: Time }, closed)),
    standing: Type.Optional(Type.Object({ failures: Count, lockedUntil: Type.Optional(Time) }, closed)),
    decisions: Type.Array(
      Type.Object(
        {
          sessionId: Type.String(),
          attempt: Count,
          decidedAt: Time,
          decision: keysOf(DECISIONS),
          reasons: Type.Array(keysOf(REASONS)),
          signals: Type.Array(
            Type.Object(
              {
                name: oneOf(SIGNAL_NAMES),
                measurement: MeasurementSchema,
                model: Type.Optional(Type.String()),
                samples: Count,
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
    audit: Type.Array(
      Type.Object(
        {
          time: Time,
          event: Type.String(),
          sessionId: Type.Optional(Type.String()),
          decision: Type.Optional(Type.String()),
          reasons: Type.Optional(Type.Array(Type.String())),
          matchScore: Type.Optional(Type.Number()),
          policy: Type.Optional(Type.String()),
        },
        closed,
      ),
    ),
  },
  closed,
)

/** Every line must be `true`: a schema that drifts from its type does not compile. */
export const PRIVACY_AGREEMENT: readonly [
  Agree<Static<typeof ConsentSchema>, Consent>,
  Agree<Static<typeof ConsentRecordSchema>, ConsentRecord>,
  Agree<Static<typeof ConsentListSchema>, Pick<Page<ConsentRecord>, 'items'>>,
  Agree<Static<typeof WithdrawnConsentSchema>, WithdrawnConsent>,
  Agree<Static<typeof TenantRulesSchema>, TenantRules>,
  Agree<Static<typeof RetentionReportSchema>, RetentionReport>,
  Agree<Static<typeof ApprovalSchema>, Approval>,
  Agree<Static<typeof SubjectSchema>, Subject>,
  Agree<Static<typeof SubjectExportSchema>, SubjectExport>,
  Agree<Static<typeof ErasureSchema>, Erasure>,
] = [true, true, true, true, true, true, true, true, true, true]

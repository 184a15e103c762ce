/**
 * The abuse report of a session: what is stored about it, put together so that the makers of the policy and the models, or
 * a lab, can follow what happened. It holds no picture and no template, and the subject only as the relying party named it.
 */
import {
  type AbuseReport,
  CAPTURE_PATH,
  canonicalJson,
  type Json,
  type ReceiptClaims,
  SPOOF_TYPES,
  sha256,
  toBase64url,
  utf8,
} from '@ipse/protocol'
import { decodeJwt } from 'jose'
import { spoofTypesOf } from '../domain/abuse/score.ts'
import type { AuditEntry } from '../store/audit-records.ts'
import type { SessionRecord } from '../store/store.ts'
import { VERSION } from '../version.ts'
import type { ConductContext } from '../work/conduct.ts'
import { conductOf } from '../work/conduct-view.ts'
import { viewSession } from './session-view.ts'

/** Lines of the audit trail that a report holds at most; a session of three attempts leaves about twenty. */
const MOST_LINES = 1_000

type ReportContext = Omit<ConductContext, 'random'>

/**
 * Makes the report, and leaves a line about that in the audit trail.
 * @param businessImpact in the relying party's words; empty to be filled in later
 */
export async function reportAbuse(
  context: ReportContext,
  session: SessionRecord,
  by: { readonly actor?: string; readonly requestId?: string },
  businessImpact = '',
): Promise<AbuseReport> {
  const report = await abuseReport(context, session, businessImpact)
  const { id: sessionId, tenant, subject } = session
  await context.store.appendAudit(
    context.auditor.entry('abuse.reported', tenant, { sessionId, subject, ...by }),
  )
  return report
}

async function abuseReport(
  context: ReportContext,
  session: SessionRecord,
  businessImpact: string,
): Promise<AbuseReport> {
  const { store, clock, settings } = context
  const trail = await store.listSessionAudit(session.tenant, session.id, MOST_LINES)
  // Our own receipt, from our own store: it is read, not trusted.
  const claims = session.receipt === undefined ? undefined : decodeJwt<ReceiptClaims>(session.receipt)
  const reasons = [...session.reasons, ...session.attempts.flatMap((attempt) => attempt.reasons)]
  const view = viewSession(session, await conductOf(context, session))
  const report = {
    format: 'ipse-abuse-report/1',
    createdAt: new Date(clock.now()).toISOString(),
    service: { url: settings.server.publicUrl, version: VERSION },
    spoofTypes: spoofTypesOf(reasons).map((type) => ({ type, meaning: SPOOF_TYPES[type] })),
    apiPath: ['POST /v1/sessions', `GET ${CAPTURE_PATH} (WebSocket)`, `GET /v1/sessions/${session.id}`],
    requestIds: [...new Set(trail.flatMap(({ requestId }) => requestId ?? []))],
    session: view,
    models: claims?.models ?? [],
    policy: { ...view.policy, ...(claims === undefined ? {} : { digest: claims.policy.digest }) },
    conditions: conditionsOf(session, claims),
    findings: view.evidence.filter(({ verdict }) => verdict === 'fail' || verdict === 'insufficient'),
    reproduction: stepsOf(session),
    sealed: sealedOf(session, claims),
    trail: trail.map(lineOf),
    businessImpact,
  } as const
  const digest = toBase64url(await sha256(utf8(canonicalJson(report as unknown as Json))))
  return { ...report, digest }
}

function conditionsOf(
  { attempts }: SessionRecord,
  claims: ReceiptClaims | undefined,
): AbuseReport['conditions'] {
  const [startedAt, endedAt] = [attempts[0]?.startedAt, attempts.at(-1)?.endedAt]
  return {
    attempts: attempts.length,
    frames: attempts.reduce((sum, { frames }) => sum + frames, 0),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(claims === undefined
      ? {}
      : {
          deviceKey: claims.device.jkt,
          virtualCamera: claims.device.virtualCamera,
          challenge: claims.challenge,
        }),
  }
}

/** What somebody has to do to see the same: the session's wish, the directions that were asked for, how it ended. */
function stepsOf({ purpose, policy, attempts, decision, reasons }: SessionRecord): string[] {
  return [
    `POST /v1/sessions with purpose "${purpose}" and policy "${policy.name}" (version ${policy.version}).`,
    'Open the capture with the token, prove a key, and present the same instrument to the same camera.',
    ...attempts.map(({ number, asked, frames, decision: ended = 'not decided', reasons: why }) => {
      const asks =
        asked.length === 0 ? 'no direction was asked for' : `the head was asked to go ${asked.join(', ')}`
      const because = why.length === 0 ? '' : ` (${why.join(', ')})`
      return `Attempt ${number}: ${asks}; ${frames} frames arrived; it ended with ${ended}${because}.`
    }),
    `The session ended with ${decision ?? 'no decision'}${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}.`,
  ]
}

function sealedOf({ receipt }: SessionRecord, claims: ReceiptClaims | undefined): AbuseReport['sealed'] {
  return {
    ...(receipt === undefined ? {} : { receipt }),
    ...(claims?.transcript === undefined ? {} : { transcript: claims.transcript }),
  }
}

function lineOf({ time, event, requestId, error, decision }: AuditEntry): AbuseReport['trail'][number] {
  return {
    time: new Date(time).toISOString(),
    event,
    ...(requestId === undefined ? {} : { requestId }),
    ...(error === undefined ? {} : { error }),
    ...(decision === undefined ? {} : { decision }),
  }
}

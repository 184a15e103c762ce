/**
 * The end of a conversation: signals, decision, receipt, and all of it stored in one transaction before anybody hears
 * of it. Whatever fails in here leaves the session undecided; it then expires.
 */
import {
  type Decision,
  IpseError,
  newId,
  type OutcomeMessage,
  type ReceiptClaims,
  type ResolvedRule,
  type Signal,
} from '@ipse/protocol'
import type { CaptureRecord, ContinuityScore } from '../domain/capture-record.ts'
import { decide } from '../domain/decide.ts'
import { continuityLimits } from '../domain/policies/index.ts'
import { concludeAttempt, retryHint } from '../domain/session.ts'
import { attestationLevel, signalsOf, virtualCameraSigns } from '../domain/signals/index.ts'
import { changeFrom } from '../domain/step-judge.ts'
import { FORGOTTEN, type ReferenceRecord, type SessionRecord } from '../store/store.ts'
import { comparedWith } from '../vault/protected.ts'
import { endedAttempts, type IssuedAttempt, receiptBasis, transition } from './attempt.ts'
import type { Collected } from './collected.ts'
import type { CaptureContext } from './context.ts'
import { basisOf, decidedFrom } from './decided.ts'
import { compareDescription } from './description.ts'
import { keepPictures } from './pictures.ts'
import { referenceTemplates } from './reference-templates.ts'
import { seekReplay } from './replay.ts'

/** @param transcript T, base64url, whose signature has been verified */
export async function conclude(
  context: CaptureContext,
  issued: IssuedAttempt,
  submitted: SessionRecord,
  collected: Collected,
  jkt: string,
  transcript: string,
): Promise<OutcomeMessage> {
  const described = compareDescription(context, submitted, collected.facts)
  const session = await transition(context, submitted, 'assess', undefined, described.change)
  const { purpose } = session
  const record = {
    ...(await recordOf(context, issued, session, collected)),
    ...(described.otherwise === undefined ? {} : { describedOtherwise: described.otherwise }),
  }
  const signals = signalsOf(record, purpose)
  const decided = decide(issued.policy, signals, purpose)
  const verdict = concludeAttempt(decided.decision, decided.reasons, issued.attemptsLeft)
  const { decision, reasons } = verdict
  const { evidence, assurance } = decided
  const final = verdict.event !== 'retry'
  assertInTime(context, session, decision)
  const rule = issued.policy.rules.find(({ signal }) => signal === 'match')
  const receipt: ReceiptClaims | undefined = final
    ? {
        ...(await receiptBasis(context, issued)),
        decision,
        reasons,
        assurance,
        transcript,
        evidence,
        device: {
          jkt,
          virtualCamera: virtualCameraSigns(collected.facts ?? {}).length > 0,
          attestation: attestationLevel(signals),
        },
        ...matchClaim(signals, rule, context.engine.templateModelId),
      }
    : undefined
  const basis = basisOf(context, issued)
  const reference =
    verdict.event === 'accept' && purpose === 'enrolment'
      ? await enrolment(context, session, collected)
      : undefined
  const outcome = final ? (decision === 'review' ? 'review' : 'decided') : 'undecided'
  const media = await keepPictures(context, session, collected.pictures, outcome)
  const endedAtMs = assertInTime(context, session, decision)
  await transition(
    context,
    session,
    verdict.event,
    'capture.decided',
    {
      attempts: endedAttempts(session, { decision, reasons, frames: collected.received, endedAtMs }),
      reasons,
      evidence,
      assurance,
      ...(final ? { decision, ...FORGOTTEN } : {}),
    },
    {
      audit: {
        decision,
        reasons,
        transcript,
        policy: `${issued.policy.name}/${issued.policy.version}`,
        models: context.engine.models.map(({ id, version }) => `${id}@${version}`),
        matchScore: 'score' in record.match ? record.match.score : undefined,
      },
      ...(reference === undefined ? {} : { reference }),
      ...(media === undefined ? {} : { media }),
      receipt,
      decided: await decidedFrom(basis, session, issued.number, signals, decided, endedAtMs),
    },
  )
  context.rollout.decided(session, { basis, signals, result: decided })
  context.report.decided(session.id, decision)
  const hint = verdict.outcome === 'retry' ? retryHint(reasons, collected.lastHint) : undefined
  return {
    type: 'outcome',
    outcome: verdict.outcome,
    attemptsLeft: final ? 0 : issued.attemptsLeft,
    ...(hint === undefined ? {} : { hint }),
  }
}

/**
 * Now, milliseconds since the epoch. Measuring and sealing take time, and what comes to its end after its session is too late:
 * the session expires undecided. Only a rejection stands, for it gives nobody anything.
 * @throws IpseError `session_expired`
 */
function assertInTime({ clock }: CaptureContext, { expiresAt }: SessionRecord, decision: Decision): number {
  const now = clock.now()
  if (now >= expiresAt && decision !== 'reject') throw new IpseError('session_expired')
  return now
}

async function recordOf(
  context: CaptureContext,
  { plan }: IssuedAttempt,
  session: SessionRecord,
  collected: Collected,
): Promise<CaptureRecord> {
  const { engine } = context
  const { frames, settledFrame, steps, facts, turns, approach, neutral, probe } = collected
  const hold = [...collected.templates.values()]
  const continuity = [...collected.compared].flatMap(([frame, likeness]): ContinuityScore[] => {
    const pose = frames.find((observed) => observed.frame === frame)?.face?.pose
    if (!neutral || !pose) return []
    const { yawDeg, pitchDeg } = changeFrom(neutral, pose)
    return [{ frame, yawChangeDeg: yawDeg, pitchChangeDeg: pitchDeg, ...likeness }]
  })
  const references = session.purpose === 'verification' ? await referenceTemplates(context, session) : []
  const scores = probe
    ? references.map((reference) => comparedWith(reference, probe, engine.compare.bind(engine)).score)
    : []
  return {
    frames,
    settledFrame,
    steps,
    facts,
    turns,
    ...(approach === undefined ? {} : { approach }),
    planned: plan.steps.length,
    attestation: collected.attested,
    continuity,
    probePairs: hold.flatMap((a, i) => hold.slice(i + 1).map((b) => engine.compare(a, b).score)),
    continuityLimits: continuityLimits(engine.operatingPoints),
    probeFrames: [...collected.templates.keys()],
    replay: await seekReplay(context, session, frames),
    match:
      scores.length > 0
        ? { score: Math.max(...scores) }
        : { missing: references.length === 0 ? 'no-reference' : 'too-few-frames' },
  }
}

function matchClaim(signals: readonly Signal[], rule: ResolvedRule | undefined, model: string) {
  const measured = signals.find(({ name }) => name === 'match')?.measurement
  if (measured?.status !== 'assessed' || rule?.fmr === undefined) return {}
  return { match: { score: measured.native, threshold: rule.atLeast, fmr: rule.fmr, model } }
}

/** The enrolled reference: the mean of the frontal templates, sealed for this subject. */
async function enrolment(
  { vault, engine, random, clock }: CaptureContext,
  session: SessionRecord,
  { probe }: Collected,
): Promise<ReferenceRecord | undefined> {
  const { tenant, subject, consent } = session
  if (subject === undefined || !probe) return undefined
  const id = newId('reference', (length) => random.bytes(length))
  const sealed = await vault.sealTemplate(probe, { tenant, subject, recordId: id }, engine.templateParts)
  return {
    ...sealed,
    id,
    tenant,
    subject,
    source: 'capture',
    createdAt: clock.now(),
    ...(consent === undefined ? {} : { consent }),
  }
}

/**
 * The server's half of a capture, from welcome to outcome (protocol/src/capture-messages.ts draws it). One function, read
 * from top to bottom. Whatever goes wrong ends the attempt; the device hears one of a few codes, the log hears why.
 */
import {
  BARRIERS,
  CLOSE_DONE,
  CLOSE_REFUSED,
  type ErrorCode,
  HINDRANCES,
  IpseError,
  newId,
} from '@ipse/protocol'
import { showsColours } from '../domain/challenge-plan.ts'
import { createSealingKey } from '../node-crypto.ts'
import type { SessionRecord } from '../store/store.ts'
import { type Admission, admit, type Visitor } from './admission.ts'
import { abandon, type Interrupted, type IssuedAttempt, issueChallenge, transition } from './attempt.ts'
import { type Attested, attestDevice, keepNewKey } from './attest.ts'
import type { Channel } from './channel.ts'
import { createCollector } from './collect.ts'
import { type Collected, emptyCollection } from './collected.ts'
import { conclude } from './conclude.ts'
import type { CaptureContext } from './context.ts'
import { parseOpen } from './messages.ts'
import { createRecordReader } from './record-reader.ts'

/** How long a used transcript digest is remembered, milliseconds: longer than any session lives. */
const TRANSCRIPT_MEMORY_MS = 86_400_000

export async function converse(channel: Channel, context: CaptureContext, visitor: Visitor): Promise<void> {
  let admission: Admission | undefined
  try {
    admission = await admit(channel, context, visitor)
    await runAttempt(channel, context, admission)
    channel.close(CLOSE_DONE)
  } catch (error) {
    const gone = error instanceof IpseError && error.code === 'connection_lost'
    const code = gone ? 'connection_lost' : codeForDevice(error)
    context.report.refused(admission?.session.id, code, error)
    if (gone) return
    channel.send({ type: 'error', code })
    channel.close(CLOSE_REFUSED)
  } finally {
    if (admission) await account(context, admission)
  }
}

async function runAttempt(channel: Channel, context: CaptureContext, admission: Admission): Promise<void> {
  const issued = await issueChallenge(context, admission.session)
  admission.capture.begun()
  const collected = emptyCollection(issued.plan)
  let session = issued.session
  try {
    const transcript = await collect(channel, context, admission, issued, collected)
    const fresh = await context.store.useOnce(
      'transcript',
      transcript,
      context.clock.now() + TRANSCRIPT_MEMORY_MS,
    )
    if (!fresh) throw new IpseError('capture_already_received')
    const code = collected.passkeyHindrance
    const hindrance = code === undefined ? {} : { hindrance: { code, at: context.clock.now() } }
    session = await transition(context, session, 'submit', undefined, hindrance)
    const attested = await proveDevice(context, issued, session, collected, transcript)
    const run = { ...issued, plan: collected.plan }
    const outcome = await conclude(context, run, session, collected, admission.jkt, transcript)
    if (outcome.outcome === 'pass') await keep(context, session, attested)
    await account(context, admission)
    channel.send(outcome)
  } catch (error) {
    if (session.state === 'challenged') {
      const end = { frames: collected.received, facts: collected.facts, cause: error }
      await endEarly(context, { ...issued, plan: collected.plan }, session, admission.jkt, end)
    }
    throw error
  }
}

/** What the device proves over T goes into the evidence; what it does not prove is said to the log alone. */
async function proveDevice(
  context: CaptureContext,
  { policy }: IssuedAttempt,
  session: SessionRecord,
  collected: Collected,
  transcript: string,
): Promise<Attested> {
  const userVerification = policy.userVerification === true
  const attested = await attestDevice(context, collected.attestation, {
    session,
    transcript,
    userVerification,
  })
  if (attested.refusal !== undefined) context.report.unattested(session.id, attested.refusal)
  collected.attested = attested.observation
  return attested
}

/** What was decided stands, even when the new key cannot be kept: it then has to be registered again. */
async function keep(context: CaptureContext, { id }: SessionRecord, attested: Attested): Promise<void> {
  await keepNewKey(context, attested).catch((error: unknown) => context.report.refused(id, 'internal', error))
}

/** Counts how the capture went. What was decided stands, even when it cannot be counted: it is then counted as failed. */
async function account(context: CaptureContext, { capture, session }: Admission): Promise<void> {
  await capture.close().catch((error: unknown) => context.report.refused(session.id, 'internal', error))
}

/** Handshake of the sealed channel, then facts, steps and the signed end. Returns T. The key lives in here only. */
async function collect(
  channel: Channel,
  context: CaptureContext,
  { jwk, jkt, sdk, service }: Admission,
  issued: IssuedAttempt,
  collected: Collected,
): Promise<string> {
  const { session, challengeId } = issued
  const { width, height, framesPerSecond, inFlight, quality, maxFrameBytes, helloLimitMs } =
    context.settings.capture
  const key = createSealingKey()
  const kid = newId('key', (length) => context.random.bytes(length))
  const scope = { sessionId: session.id, challengeId, kid, jkt }
  channel.send({
    type: 'start',
    sessionId: session.id,
    challengeId,
    attempt: issued.number,
    attemptsLeft: issued.attemptsLeft,
    kem: await context.dayKeys.offer(scope, key.publicKey, service),
    capture: { width, height, framesPerSecond, inFlight, quality: quality / 100, maxFrameBytes },
    steps: issued.plan.steps.length,
    challengeVersion: issued.plan.version,
    ...(showsColours(issued.plan) ? { colours: true } : {}),
  })
  const incoming = await channel.next(helloLimitMs)
  if (!incoming) throw new IpseError('capture_incomplete')
  if (incoming.kind !== 'text') throw new IpseError('challenge_mismatch', 'open comes first')
  const { enc } = parseOpen(incoming.text)
  const reader = await createRecordReader(key, enc, scope, sdk)
  const collector = createCollector(context, channel, reader, issued, collected)
  try {
    await collector.takeFacts()
    await collector.takeSteps()
    return await collector.takeSubmit(jwk)
  } finally {
    collector.close()
  }
}

/** Ends the attempt in the store. When that fails too, the session stays as it is and expires: never an accept. */
async function endEarly(
  context: CaptureContext,
  issued: IssuedAttempt,
  session: SessionRecord,
  jkt: string,
  end: Interrupted,
): Promise<void> {
  try {
    await abandon(context, issued, session, jkt, end)
  } catch (error) {
    context.report.refused(session.id, 'session_wrong_state', error)
  }
}

/** Codes that a capture device may hear; everything else is `internal`. */
const DEVICE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  // Its own word, or that it is too old.
  ...HINDRANCES,
  'session_token_invalid',
  'challenge_mismatch',
  'session_expired',
  'capture_already_received',
  'capture_incomplete',
  'session_wrong_state',
  'engine_unavailable',
])

function isBarrier(code: ErrorCode): boolean {
  return (BARRIERS as readonly ErrorCode[]).includes(code)
}

function codeForDevice(error: unknown): ErrorCode {
  if (!(error instanceof IpseError)) return 'internal'
  if (error.code === 'assessment_timeout') return 'engine_unavailable'
  if (error.code === 'invalid_request') return 'challenge_mismatch'
  // Who is locked out learns no more than who comes too late.
  if (isBarrier(error.code)) return 'session_wrong_state'
  return DEVICE_CODES.has(error.code) ? error.code : 'internal'
}

/** The middle of a conversation: steps are shown one by one, frames come in, are measured, judged and answered. */
import type { ClipFrame } from '@ipse/engine'
import {
  type ChallengeStep,
  IpseError,
  type OpenRecord,
  type PublicJwk,
  toBase64url,
  transcriptStatement,
} from '@ipse/protocol'
import type { StepResult } from '../domain/capture-record.ts'
import { drawFurther, showsColours, withoutColours } from '../domain/challenge-plan.ts'
import {
  afterCue,
  beginStep,
  dueCue,
  judgeFrame,
  measuresOf,
  neutralOf,
  type StepState,
} from '../domain/step-judge.ts'
import { furtherSteps } from '../domain/step-up.ts'
import { verifyP256 } from '../node-crypto.ts'
import type { IssuedAttempt } from './attempt.ts'
import { createAttention } from './attention.ts'
import type { Channel } from './channel.ts'
import type { Collected } from './collected.ts'
import type { CaptureContext } from './context.ts'
import { createEvidence } from './evidence.ts'
import { assertJpeg, parseFacts, parseFrameHeader, parseSeenHeader, parseSubmitHeader } from './messages.ts'
import { observe } from './observe.ts'
import { PASSKEY_MS, passkeyAsk, passkeyHindrance } from './passkey.ts'
import { choosePicture } from './pictures.ts'
import type { RecordReader } from './record-reader.ts'
import { createShown } from './shown.ts'

/** Frames beyond twice the asked rate, from the first step on, that are let pass: jitter of cameras and networks. */
const SPARE_FRAMES = 30

/** People may read the notice about colours for so long, milliseconds. */
const NOTICE_MS = 60_000

/** Whether nothing quick is expected: turns and blinks are over within half a second. */
function isCalm(step: ChallengeStep): boolean {
  if (step.kind === 'expression') return step.expression === 'mouth-open'
  return step.kind === 'hold' || step.kind === 'center' || step.kind === 'follow'
}

interface Arrived {
  readonly record: OpenRecord
  readonly arrivedMs: number
}

export function createCollector(
  context: CaptureContext,
  channel: Channel,
  reader: RecordReader,
  issued: IssuedAttempt,
  collected: Collected,
) {
  const { clock, settings, queue } = context
  const { session } = issued
  const shown = createShown()
  const evidence = createEvidence(queue.openClip(), collected)
  const bytes = (length: number) => context.random.bytes(length)
  const attention = createAttention(bytes, issued.policy, session.purpose)
  const mismatch = (what: string) => new IpseError('challenge_mismatch', what)
  let firstStepMs: number | undefined
  /** Within the present step. */
  let progressMade = 0

  /** The next record; undefined when none came in time. */
  async function nextRecord(limitMs: number): Promise<Arrived | undefined> {
    const lifeMs = session.expiresAt - clock.now()
    const incoming = await channel.next(Math.min(limitMs, lifeMs))
    if (session.expiresAt <= clock.now()) throw new IpseError('session_expired')
    if (!incoming) return undefined
    if (incoming.kind !== 'binary') throw mismatch('text during the capture')
    return { record: await reader.read(incoming.bytes), arrivedMs: incoming.arrivedMs }
  }

  async function takeFacts(): Promise<void> {
    const asked = showsColours(collected.plan)
    const arrived = await nextRecord(settings.capture.helloLimitMs + (asked ? NOTICE_MS : 0))
    if (!arrived) throw new IpseError('capture_incomplete')
    if (arrived.record.kind !== 'facts') throw mismatch('facts come first')
    const facts = parseFacts(arrived.record.header)
    if (!asked || facts.colours === 'agreed') collected.facts = facts
    else {
      // Whoever has not agreed sees no colours, and the evidence says why there are none.
      collected.facts = { ...facts, colours: 'declined' }
      collected.plan = withoutColours(collected.plan)
    }
  }

  /** Counts a frame in, whether or not it will be measured. */
  function admitFrame({ record, arrivedMs }: Arrived) {
    const header = parseFrameHeader(record.header)
    if (header.frame !== collected.received) throw mismatch('frame number')
    assertJpeg(record.body, settings.capture.maxFrameBytes)
    const elapsedS = (arrivedMs - (firstStepMs ?? arrivedMs)) / 1000
    if (collected.received > SPARE_FRAMES + 2 * settings.capture.framesPerSecond * elapsedS)
      throw mismatch('too fast')
    collected.received++
    return header
  }

  /** The device shows what it was told to show next. */
  function takeSeen({ record }: Arrived) {
    const header = parseSeenHeader(record.header)
    if (!shown.saw(header)) throw mismatch('seen')
    return header
  }

  async function readable<Measured>(measuring: Promise<Measured>): Promise<Measured> {
    try {
      return await measuring
    } catch (cause) {
      if (cause instanceof IpseError && cause.code === 'image_unreadable') throw mismatch('frame unreadable')
      throw cause
    }
  }

  /** Measures and judges one frame of the step, answers it with a hint; the new state and verdict. */
  async function takeFrame(arrived: Arrived, index: number, seen: boolean, state: StepState) {
    const header = admitFrame(arrived)
    const current = header.step === index && seen
    if (!current && !(header.step === index - 1 && !seen)) throw mismatch('frame of another step')
    if (current && attention.letsGo()) {
      channel.send({ type: 'guide', frame: header.frame, hint: collected.lastHint, progress: progressMade })
      return { state: sendCue(state, index), verdict: 'pending' as const }
    }
    const { body } = arrived.record
    const options = current
      ? attention.optionsFor(state, header.frame, collected.probe)
      : attention.optionsForLate()
    const measured = await readable(evidence.measure(body, options))
    const frame = observe(measured, body, header, { step: index, arrivedMs: arrived.arrivedMs })
    collected.frames.push(frame)
    if (!current) {
      attention.count(measured)
      channel.send({ type: 'guide', frame: header.frame, hint: collected.lastHint, progress: 0 })
      return { state, verdict: 'pending' as const }
    }
    const judgement = judgeFrame(state, frame)
    const { hint, good } = judgement
    if (attention.saw(state, measured, judgement)) keep(header.frame, state.step.kind, measured)
    if (good) collected.settledFrame ??= header.frame
    if (settings.media.keep !== 'none') choosePicture(collected.pictures, index, body, good)
    collected.lastHint = hint
    progressMade = Math.round(judgement.progress * 100) / 100
    channel.send({ type: 'guide', frame: header.frame, hint, progress: progressMade })
    return { ...judgement, state: sendCue(judgement.state, index) }
  }

  function keep(frame: number, kind: ChallengeStep['kind'], { template, likeness }: ClipFrame): void {
    if (kind === 'hold' && template) collected.templates.set(frame, template)
    else if (kind !== 'hold' && likeness) collected.compared.set(frame, { ...likeness, kind })
  }

  /** Reveals the next cue of a step once its time has come. */
  function sendCue(state: StepState, index: number): StepState {
    const nowMs = clock.monotonicMs()
    const due = dueCue(state, nowMs)
    if (!due) return state
    const { afterMs: _, ...cue } = due
    const number = state.revealed.length
    shown.show(channel.send({ type: 'cue', step: index, index: number, ...cue }), index, number)
    return afterCue(state, due, nowMs)
  }

  function rateOf(step: ChallengeStep): number {
    const { framesPerSecond, calmFramesPerSecond } = settings.capture
    return isCalm(step) ? Math.min(framesPerSecond, calmFramesPerSecond) : framesPerSecond
  }

  async function runStep(index: number): Promise<StepResult> {
    const planned = collected.plan.steps[index]
    if (!planned) throw mismatch('no such step')
    const { step, limitMs } = planned
    shown.show(channel.send({ type: 'step', index, step, limitMs, framesPerSecond: rateOf(step) }), index)
    const { yawTargetDeg, pitchTargetDeg } = issued.policy.challenge
    const targets = { yawDeg: yawTargetDeg, pitchDeg: pitchTargetDeg }
    let state = beginStep(planned, clock.monotonicMs(), targets, collected.neutral)
    await evidence.beginStep(index, step, collected.plan)
    firstStepMs ??= state.sentMs
    progressMade = 0
    attention.beginStep(collected.received)
    const deadline = state.sentMs + limitMs
    const end = (outcome: StepResult['outcome']): StepResult => ({
      step,
      outcome,
      ...(state.onsetMs === undefined ? {} : { onsetMs: state.onsetMs }),
      measures: measuresOf(state),
    })
    let seen = false
    for (;;) {
      const remaining = deadline - clock.monotonicMs()
      const arrived = await nextRecord(Math.min(remaining, settings.capture.idleLimitMs))
      if (!arrived) {
        if (remaining <= settings.capture.idleLimitMs) return end('not-answered')
        throw new IpseError('capture_incomplete', 'silence')
      }
      if (arrived.record.kind === 'seen') {
        if (takeSeen(arrived).cue === undefined) seen = true
      } else if (arrived.record.kind === 'frame') {
        const { state: next, verdict } = await takeFrame(arrived, index, seen, state)
        state = next
        if (arrived.arrivedMs > deadline) return end('not-answered')
        if (verdict === 'pending') continue
        if (step.kind === 'hold') endHold(state)
        return end(verdict)
      } else throw mismatch('record out of place')
    }
  }

  /** What the person looks like who is to stay, and how the head is held. */
  function endHold({ held }: StepState): void {
    const templates = [...collected.templates.values()]
    collected.neutral = neutralOf(held)
    collected.probe = templates.length === 0 ? undefined : context.engine.merge(templates)
  }

  return {
    takeFacts,
    /** Lets go of the frames. */
    close: () => evidence.close(),
    /** Runs the steps until all are answered or one is not. What looks odd by then adds steps, up to the policy's most. */
    async takeSteps(): Promise<void> {
      for (let index = 0, added = 0; ; index++) {
        if (index === collected.plan.steps.length) {
          if (added >= furtherSteps(issued.policy, collected)) return
          added++
          const { steps } = collected.plan
          const further = drawFurther(issued.policy.challenge, steps, bytes)
          collected.plan = { ...collected.plan, steps: [...steps, ...further] }
        }
        const result = await runStep(index)
        await evidence.endStep()
        collected.steps.push(result)
        if (result.outcome !== 'answered') return
      }
    },
    /**
     * Waits for the signed end of the capture and returns T, base64url. What was under way may come before it.
     */
    async takeSubmit(jwk: PublicJwk): Promise<string> {
      const passkey = await passkeyAsk(context, issued.policy, session)
      channel.send({ type: 'finish', ...(passkey === undefined ? {} : { passkey }) })
      const patienceMs = settings.capture.submitLimitMs + (passkey === undefined ? 0 : PASSKEY_MS)
      const deadline = clock.monotonicMs() + patienceMs
      for (;;) {
        const arrived = await nextRecord(deadline - clock.monotonicMs())
        if (!arrived || arrived.arrivedMs > deadline) throw new IpseError('capture_incomplete', 'no submit')
        if (arrived.record.kind === 'frame') admitFrame(arrived)
        else if (arrived.record.kind === 'seen') takeSeen(arrived)
        else if (arrived.record.kind === 'submit') {
          if (!shown.isComplete()) throw mismatch('not seen')
          const submitted = parseSubmitHeader(arrived.record.header)
          const { digest, signature } = submitted
          if (digest !== toBase64url(reader.digest)) throw mismatch('transcript digest')
          const raw = Buffer.from(signature, 'base64url')
          if (!verifyP256(jwk, raw, transcriptStatement(reader.digest))) throw mismatch('signature')
          collected.attestation = submitted.attestation
          collected.passkeyHindrance = passkeyHindrance(passkey, submitted)
          return digest
        } else throw mismatch('record out of place')
      }
    },
  }
}

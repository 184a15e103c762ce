/** The service that is attacked, as a relying party's backend uses it, and as a device reaches it. */
import { IpseClient } from '@ipse/client'
import {
  type CaptureCamera,
  type CaptureOptions,
  PLAUSIBLE_FACTS,
  runCapture,
} from '@ipse/lab/capture-client'
import { type CreatedSession, createDeviceKey, type Evidence, IpseError, toBase64url } from '@ipse/protocol'
import { ENROLMENT, type Job, type Presentation } from './presentation.ts'

export interface TargetOptions {
  readonly url: string
  readonly apiKey: string
  readonly policy: string
  /** Distinguishes the subjects of this run from all others on the service. */
  readonly run: string
  /** Captures that a session may take, as long as the service asks to try again. */
  readonly attempts: number
  /** Names of the people, in the order of the cast. */
  readonly names: readonly string[]
}

export type Device = Awaited<ReturnType<typeof createDeviceKey>>

export interface Target {
  readonly client: IpseClient
  readonly options: TargetOptions
  /** Opens the session that a job is about. */
  open(job: Job, allowedOrigins?: readonly string[]): Promise<CreatedSession>
  /** Runs a capture to its end, whatever the end is; the code when the service refused it. */
  capture(session: CreatedSession, camera: CaptureCamera, more?: CaptureChoices): Promise<Ended>
  /** What the service says about the session now. */
  judge(session: CreatedSession, job: Job, ended: Ended, beganMs: number): Promise<Presentation>
}

export type CaptureChoices = Pick<CaptureOptions, 'connect' | 'device'>

/** How a capture ended for the device. */
export interface Ended {
  readonly frames: number
  readonly asked?: readonly string[]
  readonly rateKept?: number
  readonly code?: string
  /** The service lets the person try again. */
  readonly again?: boolean
}

/** Faults of service, line and machine, and doors that earlier presentations have closed: the attack was not judged. */
const NO_RESPONSE: readonly string[] = [
  'connection_lost',
  'engine_unavailable',
  'internal',
  'rate_limited',
  'locked_out',
  'device_blocked',
  'subject_disabled',
]
/** Methods that make one capture and no more. */
const TAMPERED: readonly string[] = [
  'resubmission',
  'mitm-edit',
  'file-camera',
  'canvas-hook',
  'patched-media',
]
/** Longer than any capture takes with the steps that suspicion may add, seconds. */
const SESSION_SECONDS = 300

export function subjectOf({ run, names }: TargetOptions, person: number): string {
  return `ipse-attack-${run}-${names[person]?.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 60)}`
}

export function createTarget(options: TargetOptions): Target {
  const client = new IpseClient({ baseUrl: options.url, apiKey: options.apiKey })
  return {
    client,
    options,
    open: (job, allowedOrigins = []) =>
      client.createSession({
        purpose: job.method === ENROLMENT ? 'enrolment' : 'verification',
        subject: subjectOf(options, job.victim),
        policy: options.policy,
        maxAttempts: TAMPERED.includes(job.method) ? 1 : options.attempts,
        ttlSeconds: SESSION_SECONDS,
        allowedOrigins,
        ...(job.method === ENROLMENT ? { consent: SIMULATED_CONSENT } : {}),
      }),
    async capture({ captureToken, captureUrl }, camera, choices = {}) {
      const log = logOf(camera)
      const device = choices.device ?? (await createDeviceKey())
      try {
        const origin = new URL(captureUrl.replace(/^ws/, 'http')).origin
        const facts = PLAUSIBLE_FACTS
        const { outcome, attemptsLeft } = await runCapture({
          captureToken,
          captureUrl,
          ...choices,
          device,
          origin,
          facts,
          camera: log.camera,
        })
        return { ...log.end(), again: outcome === 'retry' && attemptsLeft > 0 }
      } catch (error) {
        if (!(error instanceof IpseError)) throw error
        return { ...log.end(), code: error.code }
      }
    },
    async judge({ id }, job, { frames, code, asked = [], rateKept }, beganMs) {
      const { decision, reasons, evidence, attempts } = await client.getSession(id)
      const found = new Set<string>([...(attempts.at(-1)?.reasons ?? []), ...reasons])
      if (code !== undefined) found.add(code)
      found.delete('attempts_exhausted')
      return {
        job,
        accepted: decision === 'accept',
        responded: code === undefined || !NO_RESPONSE.includes(code),
        ...(decision === undefined ? {} : { decision }),
        reasons: decision === 'accept' ? [] : [...found],
        evidence: Object.fromEntries(
          evidence.flatMap(({ signal, measurement }) =>
            measurement.status === 'assessed' ? [[signal, measurement.native]] : [],
          ),
        ),
        against: signalsOf(evidence, 'fail'),
        insufficient: signalsOf(evidence, 'insufficient'),
        asked,
        frames,
        ...(rateKept === undefined ? {} : { rateKept }),
        seconds: (performance.now() - beganMs) / 1000,
      }
    },
  }
}

function signalsOf(evidence: readonly Evidence[], stands: Evidence['verdict']): string[] {
  return [...new Set(evidence.flatMap(({ signal, verdict }) => (verdict === stands ? [signal] : [])))]
}

/** Counts the pictures of a camera, their times and the steps they were taken in. */
function logOf(camera: CaptureCamera) {
  /** Time from one picture to the next, in intervals that were asked for. */
  const gaps: number[] = []
  const kinds = new Set<string>()
  let frames = 0
  let last: number | undefined
  return {
    camera: {
      frame(step, tMs, framesPerSecond) {
        if (last !== undefined) gaps.push(((tMs - last) * framesPerSecond) / 1000)
        last = tMs
        kinds.add(step.kind)
        frames++
        return camera.frame(step, tMs, framesPerSecond)
      },
    } satisfies CaptureCamera,
    end(): Ended {
      const middle = gaps.toSorted((a, b) => a - b)[gaps.length >> 1]
      return { frames, asked: [...kinds], ...(middle ? { rateKept: 1 / middle } : {}) }
    },
  }
}

/** Nobody's face is enrolled: the subjects are made from published photographs. */
export const SIMULATED_CONSENT = {
  version: 'simulated',
  textSha256: toBase64url(new Uint8Array(32)),
  givenAt: new Date().toISOString(),
}

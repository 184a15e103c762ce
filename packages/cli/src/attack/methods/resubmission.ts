/** An accepted capture of the victim, kept by the attacker's device and sent again in four ways. */
import type { CaptureCamera } from '@ipse/lab/capture-client'
import { type CreatedSession, createDeviceKey, IpseError } from '@ipse/protocol'
import { BONA_FIDE, type Job, type Presentation } from '../presentation.ts'
import type { Device, Target } from '../target.ts'
import { inBetween, type Message } from './between.ts'

interface Kept {
  readonly session: CreatedSession
  readonly device: Device
  readonly messages: readonly Message[]
  readonly pictures: readonly Uint8Array[]
}

/** Tries until a capture is accepted; a person who is never accepted cannot be replayed. */
const ATTEMPTS = 4

export function createResubmitter(
  target: Target,
  film: (person: number, seed: number) => CaptureCamera,
): (job: Job) => Promise<Presentation> {
  const kept = new Map<number, Promise<Kept>>()

  async function keep({ victim, seed }: Job): Promise<Kept> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const job: Job = { method: BONA_FIDE, instrument: '', variant: '', victim, attacker: victim, seed }
      const device = await createDeviceKey()
      const messages: Message[] = []
      const pictures: Uint8Array[] = []
      const camera = film(victim, seed + attempt)
      const began = performance.now()
      const session = await target.open(job)
      const ended = await target.capture(
        session,
        {
          async frame(step, tMs, framesPerSecond) {
            const jpeg = await camera.frame(step, tMs, framesPerSecond)
            pictures.push(jpeg)
            return jpeg
          },
        },
        {
          device,
          connect: inBetween({
            outgoing(message) {
              messages.push(message)
              return [message]
            },
          }),
        },
      )
      const { accepted } = await target.judge(session, job, ended, began)
      if (accepted) return { session, device, messages, pictures }
    }
    throw new IpseError(
      'connection_lost',
      `no capture of person ${victim} was accepted, so none can be resubmitted`,
    )
  }

  return async (job) => {
    const began = performance.now()
    let first = kept.get(job.victim)
    if (!first) {
      first = keep(job)
      kept.set(job.victim, first)
      first.catch(() => kept.delete(job.victim))
    }
    const earlier = await first.catch((error: unknown) => error)
    if (earlier instanceof Error)
      return {
        job,
        accepted: false,
        responded: false,
        reasons: ['nothing-to-resubmit'],
        evidence: {},
        against: [],
        insufficient: [],
        asked: [],
        frames: 0,
        seconds: 0,
      }
    const { session, device, messages, pictures } = earlier as Kept
    const same = job.instrument === 'same-session'
    const opened = same ? session : await target.open(job)
    let next = 0
    const camera = { frame: async () => pictures[Math.min(next++, pictures.length - 1)]! }
    const ended = await target.capture(opened, camera, {
      device,
      ...(['same-bytes', 'own-hello'].includes(job.instrument)
        ? { connect: replaying(messages, job.instrument === 'own-hello') }
        : {}),
    })
    const judged = await target.judge(opened, job, ended, began)
    // The first capture was rightly accepted; accepted again would be a second outcome, which the device would be told.
    return same
      ? { ...judged, accepted: ended.code === undefined, reasons: [ended.code ?? 'taken twice'] }
      : judged
  }
}

/** Every message of the device is replaced by the one that was sent in its place before. */
function replaying(messages: readonly Message[], ownHello: boolean) {
  let sent = 0
  return inBetween({
    outgoing(message) {
      const at = sent++
      return [at === 0 && ownHello ? message : (messages[at] ?? message)]
    },
  })
}

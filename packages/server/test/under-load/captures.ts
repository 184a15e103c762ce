/** A person with a device before a node: one capture, to its end or to the end of the node. */
import { type Camera, runCapture } from '../capture-client.ts'
import { createPerson, PUBLIC_URL } from '../fixture.ts'
import type { KnownSession } from './ledger.ts'
import type { Node, SharedClock } from './nodes.ts'
import type { LoadEvent, Requests } from './requests.ts'

/** Captures at the same time: with more, none has the frames that its policy wants in the time that it gives. */
const MOST_AT_ONCE = 2

/** Share of captures in which nobody turns the head. */
const UNWILLING = 0.1

export interface Captures {
  /** Whether another one may begin. */
  free(): boolean
  /** Plays a whole capture and writes down what the device heard. */
  capture(session: KnownSession): Promise<void>
}

export function createCaptures(
  { count, counts }: Requests,
  clock: SharedClock,
  node: () => Node,
  random: () => number,
  onEvent: (event: LoadEvent) => void,
): Captures {
  let underWay = 0
  /** Somebody who does not do what is asked: fails, and may try again. */
  const still = () => (random() < UNWILLING ? { answer: () => ({}) } : {})

  /** Every frame takes its time of the one clock, so that of several captures each is a little slow. */
  function cameraOf(person: number): Camera {
    let ahead = 0
    const now = () => clock.now() + ahead
    const advance = (ms: number) => {
      ahead += ms
    }
    const { onStep, frame } = createPerson({ now, monotonicMs: now, advance }, { person, ...still() })
    return {
      ...(onStep === undefined ? {} : { onStep }),
      async frame() {
        const shot = await frame()
        const ms = ahead
        ahead = 0
        await clock.advance(ms)
        onEvent('frame')
        return shot
      },
    }
  }

  const run = async ({ created, subject, pair }: KnownSession) => {
    if (created === undefined) return undefined
    underWay++
    try {
      return await runCapture({
        socketUrl: node().socketUrl,
        captureUrl: created.captureUrl,
        captureToken: created.captureToken,
        origin: PUBLIC_URL,
        pair,
        now: () => clock.now() / 1000,
        camera: cameraOf(subject?.person ?? 1),
        onSubmit: () => onEvent('submit'),
      })
    } catch {
      // The connection broke before the first word.
      return undefined
    } finally {
      underWay--
    }
  }

  async function capture(session: KnownSession): Promise<void> {
    const { subject, wish } = session
    const enrols = wish.purpose === 'enrolment'
    counts.captures++
    delete session.heard
    // Whether it went through is open until the device has heard it.
    if (subject && enrols) subject.maybe++
    const result = await run(session)
    const heard = result?.outcome?.outcome
    if (heard !== undefined) {
      session.heard = heard
      if (session.cut > 0) counts.resumed++
      count(`capture ${heard}`)
      if (subject && enrols) subject.maybe--
      if (subject && enrols && heard === 'pass') subject.captures++
      return
    }
    const error = result?.error
    if (error === undefined) counts.broken++
    else {
      count(`capture ${error}`)
      if (session.cut > 0 && error === 'session_wrong_state') session.stuck = true
      else counts.failures.push(`capture ${error}`)
    }
    session.cut++
  }

  return { free: () => underWay < MOST_AT_ONCE, capture }
}

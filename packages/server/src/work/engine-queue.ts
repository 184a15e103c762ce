/**
 * The way to the engine: a bounded queue with a deadline, so that a busy machine answers "later" at once instead of
 * growing without bound. What times out is never good evidence: the caller gets an error.
 */
import type { Clip, Engine, FrameMeasurement, MeasureOptions } from '@ipse/engine'
import { IpseError } from '@ipse/protocol'

export interface QueueLimits {
  readonly concurrency: number
  readonly queueLimit: number
  readonly deadlineMs: number
}

export interface EngineQueue {
  /** Like `Engine.measure`. @throws IpseError `engine_unavailable` when full, `assessment_timeout` past the deadline */
  measure(encoded: Uint8Array, options?: MeasureOptions): Promise<FrameMeasurement>
  /** Like `Engine.openClip`; its frames wait in the same queue and fail like single images. */
  openClip(): Clip
  /** Images that are measured or wait. */
  readonly depth: number
}

/** Advice for callers that were turned away, milliseconds: the queue drains about 30 images a second per core. */
const RETRY_AFTER_MS = 1_000

export function createEngineQueue(engine: Engine, limits: QueueLimits): EngineQueue {
  const waiting: (() => void)[] = []
  let running = 0

  const enter = (): Promise<void> => {
    if (running < limits.concurrency) {
      running++
      return Promise.resolve()
    }
    if (waiting.length >= limits.queueLimit)
      return Promise.reject(new IpseError('engine_unavailable', undefined, { retryAfterMs: RETRY_AFTER_MS }))
    return new Promise((resolve) => waiting.push(resolve))
  }
  const leave = () => {
    const next = waiting.shift()
    if (next) next()
    else running--
  }

  /** Work whose end is waited for until the deadline; `turn` is when it may begin. */
  async function before<T>(turn: Promise<void>, work: () => Promise<T>, after: () => void): Promise<T> {
    let expired = false
    const run = async () => {
      await turn
      try {
        if (expired) throw new IpseError('assessment_timeout')
        return await work()
      } finally {
        after()
      }
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const timer = setTimeout(() => {
      expired = true
      reject(new IpseError('assessment_timeout', undefined, { retryAfterMs: RETRY_AFTER_MS }))
    }, limits.deadlineMs)
    run().then(resolve, reject)
    try {
      return await promise
    } catch (cause) {
      throw cause instanceof IpseError ? cause : new IpseError('engine_unavailable', undefined, { cause })
    } finally {
      clearTimeout(timer)
    }
  }

  const queued = <T>(work: () => Promise<T>): Promise<T> => before(enter(), work, leave)
  /** Work that is no image: it waits for nobody but its clip. */
  const unqueued = <T>(work: () => Promise<T>): Promise<T> => before(Promise.resolve(), work, () => {})

  return {
    measure: (encoded, options) => queued(() => engine.measure(encoded, options)),
    openClip() {
      const clip = engine.openClip()
      return {
        measure: (encoded, options) => queued(() => clip.measure(encoded, options)),
        beginTrack: () => unqueued(() => clip.beginTrack()),
        endTrack: () => unqueued(() => clip.endTrack()),
        close: () => clip.close(),
      }
    },
    get depth() {
      return running + waiting.length
    },
  }
}

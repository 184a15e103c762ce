/** What ends a run before all is done, and how long it will take: told before it starts. */
import { availableParallelism } from 'node:os'
import type { Job } from './presentation.ts'

/**
 * Sessions side by side for each core. A `standard` capture of six to eight frames a second takes about 1.8 s of CPU in some 14 s,
 * almost half of it for renderer, JPEG and sealing (packages/lab/README.md) and the rest for the service (docs/evaluation.md, “A
 * session”); many attacks end early. People leave room, so that their cameras keep the rate that the service asks for; attacks
 * fill the cores. A report says what rate was kept.
 */
const PER_CORE = { people: 5, attacks: 8 }

export function defaultParallel(): number {
  return PER_CORE.attacks * availableParallelism()
}

/** People side by side, whatever was asked for: frames that come late are refused, and say nothing of the policy. */
export function mostPeople(): number {
  return PER_CORE.people * availableParallelism()
}

/** What sessions cost here, measured while the people enrolled. */
export interface Pace {
  readonly secondsPerSession: number
  /** Seconds of CPU, this process and the service; null where the service does not tell. */
  readonly cpuPerSession: number | null
  /** Kinds of steps that people were asked. */
  readonly asked: readonly string[]
}

/** Tamperings that the service notices in the first second, before frames cost anything. */
const SHORT: readonly string[] = [
  'same-bytes',
  'same-session',
  'own-hello',
  'dropped-record',
  'reordered-records',
  'repeated-record',
  'edited-record',
  'edited-step',
]
const SHORT_SHARE = 0.1

/** Seconds for the jobs: the lanes or the cores, whichever take longer. */
export function estimateSeconds(jobs: readonly Job[], pace: Pace, parallel: number): number {
  const sessions = jobs.reduce(
    (sum, { instrument }) => sum + (SHORT.includes(instrument) ? SHORT_SHARE : 1),
    0,
  )
  const byLanes = (sessions * pace.secondsPerSession) / parallel
  const byCores = (sessions * (pace.cpuPerSession ?? 0)) / availableParallelism()
  return Math.max(byLanes, byCores)
}

/** Why a run ended: everything was done, its time was over, or somebody interrupted it. */
export type End = 'complete' | 'time' | 'interrupted'

export interface Bounds extends Disposable {
  readonly stop: AbortSignal
  end(): End
}

/** A second interrupt this much later ends the process at once; sooner it is the same one, passed on twice, milliseconds. */
const AGAIN_MS = 1000

/**
 * Ends when the minutes are over or at SIGINT: nothing new begins then, what has begun is finished. A second SIGINT ends the
 * process.
 */
export function boundRun(minutes: number | undefined): Bounds {
  const controller = new AbortController()
  let end: End = 'complete'
  let interruptedMs: number | undefined
  const stopFor = (why: End) => {
    if (controller.signal.aborted) return
    end = why
    controller.abort()
  }
  const timer = minutes === undefined ? undefined : setTimeout(() => stopFor('time'), minutes * 60_000)
  const interrupt = () => {
    const now = performance.now()
    // Whoever cleans up at SIGTERM does so now as well.
    if (interruptedMs !== undefined && now - interruptedMs > AGAIN_MS) process.kill(process.pid, 'SIGTERM')
    interruptedMs ??= now
    stopFor('interrupted')
  }
  process.on('SIGINT', interrupt)
  return {
    stop: controller.signal,
    end: () => end,
    [Symbol.dispose]() {
      clearTimeout(timer)
      process.off('SIGINT', interrupt)
    },
  }
}

/** Runs jobs side by side and keeps the person at the terminal informed. */
import { note } from '../command.ts'
import type { Job, Presentation } from './presentation.ts'

/** Jobs that several lanes take from, each once, and nobody any more once `stop` says so. */
export interface Queue {
  next(): Job | undefined
}

export function queueOf(jobs: readonly Job[], stop?: AbortSignal): Queue {
  let at = 0
  return { next: () => (stop?.aborted ? undefined : jobs[at++]) }
}

/** At most `parallel` at a time, in order of the queue; the first error ends all. */
export async function sideBySide(
  queue: Queue,
  parallel: number,
  perform: (job: Job) => Promise<Presentation>,
  done: (presentation: Presentation) => void,
): Promise<void> {
  let stopped = false
  async function lane(): Promise<void> {
    for (let job = queue.next(); job && !stopped; job = queue.next()) {
      try {
        done(await perform(job))
      } catch (error) {
        stopped = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
}

const BAR = 24
/** Where the output is no terminal, a line every tenth. */
const TENTHS = 10

export interface Progress {
  step(presentation: Presentation): void
}

/** A bar with the time that is left, by the pace so far. */
export function showProgress(total: number, what: string): Progress {
  const began = performance.now()
  let done = 0
  let accepted = 0
  return {
    step(presentation) {
      done++
      if (presentation.accepted) accepted++
      const elapsed = (performance.now() - began) / 1000
      const left = time((elapsed / done) * (total - done))
      const line = `${what} ${done}/${total}, ${accepted} accepted, ${left} left`
      if (process.stderr.isTTY) {
        const filled = Math.round((BAR * done) / total)
        process.stderr.write(
          `\r${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${line}\x1b[K${done === total ? '\n' : ''}`,
        )
      } else if (Math.floor((TENTHS * done) / total) > Math.floor((TENTHS * (done - 1)) / total)) note(line)
    },
  }
}

export function time(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 90 ? `${whole} s` : `${Math.round(whole / 60)} min`
}

/**
 * Threads that perform jobs side by side. Rendering, JPEG and sealing take some 6 ms a frame (the dearest instruments twice
 * that, packages/lab/README.md), so the captures of one thread, at eight frames a second each, keep it busy for a third.
 */
import { Worker } from 'node:worker_threads'
import { ERRORS, type ErrorCode, IpseError } from '@ipse/protocol'
import type { Perform, PerformerOptions } from './performer.ts'
import type { Presentation } from './presentation.ts'

const CAPTURES_PER_THREAD = 6

export interface Crew extends AsyncDisposable {
  readonly perform: Perform
}

interface Reply {
  readonly id: number
  readonly presentation?: Presentation
  readonly error?: { readonly code?: string; readonly message: string }
}

export function hireCrew(options: PerformerOptions, parallel: number): Crew {
  const failAll = (error: Error) => {
    for (const { waiting } of threads) {
      for (const { reject } of waiting.values()) reject(error)
      waiting.clear()
    }
  }
  const threads = Array.from({ length: Math.ceil(parallel / CAPTURES_PER_THREAD) }, () => {
    const waiting = new Map<number, PromiseWithResolvers<Presentation>>()
    const thread = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options })
    thread.on('message', ({ id, presentation, error }: Reply) => {
      const asked = waiting.get(id)
      waiting.delete(id)
      if (presentation) asked?.resolve(presentation)
      else asked?.reject(new IpseError(codeOf(error?.code), error?.message))
    })
    thread.on('error', failAll)
    return { thread, waiting }
  })
  let next = 0
  return {
    perform(job) {
      const id = next++
      const asked = Promise.withResolvers<Presentation>()
      // Captures that end early would leave one thread idle beside a full one, if they took turns.
      const { thread, waiting } = threads.reduce((least, other) =>
        other.waiting.size < least.waiting.size ? other : least,
      )
      waiting.set(id, asked)
      thread.postMessage({ id, job })
      return asked.promise
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map(({ thread }) => thread.terminate()))
    },
  }
}

function codeOf(text: string | undefined): ErrorCode {
  return text !== undefined && Object.hasOwn(ERRORS, text) ? (text as ErrorCode) : 'internal'
}

/** Questions over HTTP, and a count of what was answered to them. */
import type { Installation, Node } from './nodes.ts'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: clients look into answers of every shape
  readonly body: any
}

/** What a client hears and does, for whoever waits for a certain moment. */
export type LoadEvent = 'answer' | 'frame' | 'submit'

export interface Counts {
  /** Answers by operation and status, outcomes of captures among them. */
  readonly answers: Map<string, number>
  /** Answers that no client need expect while the service works. */
  readonly failures: string[]
  /** Connections that broke before an answer. */
  broken: number
  captures: number
  /** Captures with an outcome, of sessions in which a kill had cut one off. */
  resumed: number
}

export interface Requests {
  readonly counts: Counts
  count(name: string): void
  /** The answer, if it is one of those that are right; undefined also when the connection broke before there was one. */
  ask(
    right: readonly number[],
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer | undefined>
}

/** @param node chooses one for the next request */
export function createRequests(
  { apiKey }: Pick<Installation, 'apiKey'>,
  node: () => Node,
  onEvent: (event: LoadEvent) => void,
  heard: (name: string, ms: number) => void,
): Requests {
  const counts: Counts = { answers: new Map(), failures: [], broken: 0, captures: 0, resumed: 0 }
  const count = (name: string) => counts.answers.set(name, (counts.answers.get(name) ?? 0) + 1)
  return {
    counts,
    count,
    async ask(right, method, path, body, headers = {}) {
      const form = body instanceof URLSearchParams
      const asked = performance.now()
      let answer: Answer
      try {
        const reply = await fetch(node().url + path, {
          method,
          headers: {
            ...(form ? {} : { authorization: `Bearer ${apiKey}` }),
            ...(body === undefined || form ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
        })
        answer = { status: reply.status, body: JSON.parse(await reply.text()) }
      } catch {
        counts.broken++
        return undefined
      }
      const name = `${method} ${path.replace(/\/(ses_|person-)[\w-]+/, '/:id')} ${answer.status}`
      count(name)
      heard(name, performance.now() - asked)
      onEvent('answer')
      if (right.includes(answer.status)) return answer
      counts.failures.push(`${name} ${answer.body?.code ?? ''}`)
      return undefined
    },
  }
}

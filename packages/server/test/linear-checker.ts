/**
 * Is a concurrent history linearizable? The search of Wing & Gong (1993) with Lowe's memory of states that were tried before
 * (2017), as Porcupine does it: some order of the operations must agree with the sequential model and put none before one that
 * had ended when it began.
 */

/** One operation of a client. Several may stand for one request, where it does several things one after the other. */
export interface Operation<T> {
  /** When it was asked and answered, by one clock; any unit. Infinity when nobody knows whether it was done. */
  readonly invoked: number
  readonly returned: number
  /** What was asked, and what was answered. */
  readonly did: T
  /** Index of an operation of the same request that comes before it. */
  readonly after?: number
}

export interface Model<State, T> {
  readonly initial: State
  /** Every state that may follow; none when the operation cannot have been answered so. Pure. */
  step(state: State, did: T): readonly State[]
}

export interface Verdict {
  readonly linearizable: boolean
  /** Operations in the order that explains the history, or in the longest order that was found. */
  readonly order: readonly number[]
}

/** More operations than these do not fit into one number of bits. */
export const MOST_OPERATIONS = 31

interface Node<State> {
  readonly done: number
  readonly state: State
  readonly order: readonly number[]
}

export function check<State, T>(
  history: readonly Operation<T>[],
  { initial, step }: Model<State, T>,
): Verdict {
  if (history.length > MOST_OPERATIONS) throw new RangeError(`${history.length} operations are too many`)
  const answered = bitsOf(
    history.flatMap(({ returned }, i) => (returned === Number.POSITIVE_INFINITY ? [] : [i])),
  )
  const seen = new Set<string>()
  const ways: Node<State>[] = [{ done: 0, state: initial, order: [] }]
  let longest: readonly number[] = []
  for (let way = ways.pop(); way; way = ways.pop()) {
    const { done, state, order } = way
    if ((done & answered) === answered) return { linearizable: true, order }
    const known = `${done} ${JSON.stringify(state)}`
    if (seen.has(known)) continue
    seen.add(known)
    if (order.length > longest.length) longest = order
    for (const i of next(history, done)) {
      const operation = history[i]
      if (!operation) continue
      for (const following of step(state, operation.did))
        ways.push({ done: done | (1 << i), state: following, order: [...order, i] })
    }
  }
  return { linearizable: false, order: longest }
}

/** What may come next: nothing that began after something open had ended, and nothing before its own beginning. */
function next(history: readonly Operation<unknown>[], done: number): number[] {
  const open = history.flatMap((_, i) => (done & (1 << i) ? [] : [i]))
  const firstEnd = Math.min(...open.map((i) => history[i]?.returned ?? 0))
  return open.filter((i) => {
    const { invoked = 0, after } = history[i] ?? {}
    return invoked <= firstEnd && (after === undefined || (done & (1 << after)) !== 0)
  })
}

function bitsOf(indices: readonly number[]): number {
  return indices.reduce((bits, i) => bits | (1 << i), 0)
}

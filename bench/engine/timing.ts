/** The shape of a result, and how a duration is taken. */

/** One line of the benchmark table. A ratio above 1 means that we are that many times better than the peer. */
export interface Case {
  readonly name: string
  readonly unit: string
  readonly value: number
  readonly ratios: Readonly<Record<string, number>>
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Milliseconds that `action` takes. */
export async function time(action: () => unknown): Promise<number> {
  const start = performance.now()
  await action()
  return performance.now() - start
}

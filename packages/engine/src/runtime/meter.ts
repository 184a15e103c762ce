/**
 * What each stage of the work costs: CPU time of this thread, lap by lap, so that nothing is counted twice or left out.
 * Decoding is done by other threads; its lap holds what this one does for it. Linux counts a running thread only at its
 * ticks (4 ms) and when it sleeps: the lap with a sleep in it, decoding, takes some of what ran before. Sums are right.
 */
import type { Costs, Stage } from '../types.ts'

/** Microseconds to milliseconds. */
const MS = 1e-3

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return MS * (user + system)
}

export class Meter {
  private readonly on: boolean
  private last: number
  private costs: Record<string, number> = {}

  /** @param on without it every lap is free and nothing is found */
  constructor(on: boolean) {
    this.on = on
    this.last = on ? threadMs() : 0
  }

  /** What was spent since the lap before belongs to this stage. */
  lap(stage: Stage): void {
    if (!this.on) return
    const now = threadMs()
    this.costs[stage] = (this.costs[stage] ?? 0) + now - this.last
    this.last = now
  }

  /** What has been spent since it was asked last; undefined when nothing is counted. */
  take(): Costs | undefined {
    if (!this.on) return undefined
    this.lap('rest')
    const costs = this.costs
    this.costs = {}
    return costs
  }
}

/** For work that nobody counts. */
export const NO_METER = new Meter(false)

/** What every group of cases gives back, and where it says how far it is. */
import type { Case as Measured } from './engine/timing.ts'

export interface Case extends Measured {
  /** What was counted, for people. */
  readonly note?: string
}

/** Progress goes to standard error: standard output belongs to the result. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}

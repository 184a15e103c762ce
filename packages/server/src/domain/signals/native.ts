/** Reading measurements: what was not assessed is not a number, and compares as false with everything. */
import type { Measurement } from '@ipse/protocol'

export function nativeOf(measured: Measurement | undefined): number {
  return measured?.status === 'assessed' ? measured.native : Number.NaN
}

/** The natives of those that were assessed. */
export function assessedNatives(measured: readonly (Measurement | undefined)[]): number[] {
  return measured.map(nativeOf).filter((native) => !Number.isNaN(native))
}

/** The middle value; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

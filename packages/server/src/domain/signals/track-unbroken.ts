/**
 * track-unbroken: was one and the same face followed through the turns? An exchanged photograph keeps 1 to 10 % of the
 * corners, a person who turns most of them (docs/evaluation.md).
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

/** Native: share of the turns that were followed to their end. */
export function trackUnbroken({ turns }: CaptureRecord): Signal {
  const share = turns.filter(({ broken }) => !broken).length / turns.length
  return {
    name: 'track-unbroken',
    measurement: turns.length === 0 ? failed('not-answered') : assessed(share, share),
    samples: turns.length,
  }
}

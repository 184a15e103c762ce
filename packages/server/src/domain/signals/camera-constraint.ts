/** camera-constraint: did the pictures take the size and rate that were asked for in mid-capture? A sign, no proof. */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

/** Native: smallest share of the demands that were met; not assessed when nothing was asked. */
export function cameraConstraint({ steps }: CaptureRecord): Signal {
  const shares = steps.flatMap(({ measures }) => measures?.constraintMet ?? [])
  const least = Math.min(...shares)
  return {
    name: 'camera-constraint',
    measurement: shares.length === 0 ? failed('not-supported') : assessed(least, least),
    samples: shares.length,
  }
}

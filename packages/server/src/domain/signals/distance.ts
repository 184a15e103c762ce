/**
 * distance: does a face that comes nearer change its perspective as a head does? A plane does not. The mesh shows about
 * two fifths of what a head's depth makes, on one of six simulated people less than nothing: reported, no rule
 * (docs/evaluation.md).
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

/** Native: measured change as a share of the expected one; 0 is a plane. */
export function distance({ approach, steps }: CaptureRecord): Signal {
  const asked = steps.some(({ step }) => step.kind === 'distance')
  return {
    name: 'distance',
    measurement:
      approach === undefined
        ? failed(asked ? 'too-few-frames' : 'not-supported')
        : assessed(approach.perspective, Math.max(0, Math.min(1, approach.perspective))),
    samples: approach?.frames ?? 0,
  }
}

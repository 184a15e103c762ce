/**
 * visibility: is the face open to view while the person looks straight? Dark glasses and masks of another colour than skin
 * are told apart well enough to ask for another attempt; hands and closed eyes are not (docs/evaluation.md).
 */
import { assessed, failed, type Guidance, type Signal } from '@ipse/protocol'
import type { CaptureRecord, VisibilityObservation } from '../capture-record.ts'
import { assessedNatives, medianOf, nativeOf } from './native.ts'

/** Below: 96 of 100 dark and brown glasses painted on photographs; 1 of 100 as they were, which wears dark glasses. */
const LEAST_EYES = 0.06
/** Below: 94 of 96 blue masks, 11 to 20 of 97 white and black ones; 0 of 100 bare faces, bearded ones among them. */
const LEAST_LOWER_FACE = 0.65

/** What the person may take away; undefined when nothing is to be seen of a cover. */
export function coverHint({ eyes, lowerFace }: VisibilityObservation): Guidance | undefined {
  if (nativeOf(eyes) < LEAST_EYES) return 'take-off-glasses'
  return nativeOf(lowerFace) < LEAST_LOWER_FACE ? 'uncover-face' : undefined
}

/** Native: the lesser of both medians over the hold, in shares of their limits; from 1 on nothing is covered. */
export function visibility({ frames, steps }: CaptureRecord): Signal {
  const seen = frames.flatMap(({ step, visibility: found }) =>
    found !== undefined && steps[step]?.step.kind === 'hold' ? [found] : [],
  )
  const eyes = assessedNatives(seen.map((found) => found.eyes))
  const lower = assessedNatives(seen.map((found) => found.lowerFace))
  const native = Math.min(medianOf(eyes) / LEAST_EYES, medianOf(lower) / LEAST_LOWER_FACE)
  return {
    name: 'visibility',
    measurement: Number.isNaN(native) ? failed('too-few-frames') : assessed(native, Math.min(1, native)),
    samples: Math.min(eyes.length, lower.length),
  }
}

/**
 * What the device was told to show and has not yet said that it shows: steps and cues, in their order. The device answers
 * each with the digest of the message as it came, so the signed transcript holds what the person saw and in which order.
 */
import { createHash } from 'node:crypto'
import type { SeenHeader } from '@ipse/protocol'

type Due = Pick<SeenHeader, 'step' | 'cue' | 'digest'>

export interface Shown {
  /** A message has left. */
  show(text: string, step: number, cue?: number): void
  /** False when the device names another message than the one whose turn it is, or reads it otherwise. */
  saw(header: SeenHeader): boolean
  /** Everything was seen. */
  isComplete(): boolean
}

export function createShown(): Shown {
  const due: Due[] = []
  return {
    show(text, step, cue) {
      const digest = createHash('sha256').update(text).digest('base64url')
      due.push({ step, digest, ...(cue === undefined ? {} : { cue }) })
    },
    saw({ step, cue, digest }) {
      const next = due.shift()
      return next !== undefined && next.step === step && next.cue === cue && next.digest === digest
    },
    isComplete: () => due.length === 0,
  }
}

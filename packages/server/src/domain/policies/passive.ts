/**
 * Nothing is asked but to keep still a little longer. What a challenge would show cannot be demanded, and the receipt's
 * assurance says so: for low risks, or beside another factor.
 */
import type { Policy, SignalName } from '@ipse/protocol'
import { standard } from './standard.ts'

/** Signals that need an answer of the person. */
const NEEDS_ANSWERS: ReadonlySet<SignalName> = new Set([
  'challenge-pace',
  'identity-continuity',
  'planarity',
  'track-unbroken',
])

export const passive: Policy = {
  ...standard,
  name: 'passive',
  description: 'Keep still for about three seconds; no challenge, so a recording is not kept out.',
  challenge: {
    ...standard.challenge,
    follows: 0,
    headPoseSteps: 0,
    expressions: [],
    holdFrames: 24,
    holdSpread: 8,
    stepUp: { on: [], most: 0 },
  },
  assurance: 'passive',
  rules: standard.rules.filter(({ signal }) => !NEEDS_ANSWERS.has(signal)),
}

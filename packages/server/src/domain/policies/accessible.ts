/**
 * For people who cannot move much or fast: a longer hold, an open mouth, one small movement of the head, and time. No path
 * to follow, no flashes. Easier to guess than `standard`, and turns too small to show depth: the receipt's assurance says
 * so.
 */
import type { Policy, SignalName } from '@ipse/protocol'
import { standard } from './standard.ts'

/** Signals that need turns of at least fifteen degrees. */
const NEEDS_TURNS: ReadonlySet<SignalName> = new Set(['planarity', 'track-unbroken'])

export const accessible: Policy = {
  ...standard,
  name: 'accessible',
  description: 'Small movements and more time, for people who cannot turn their head far; lower assurance.',
  challenge: {
    ...standard.challenge,
    follows: 0,
    yawTargetDeg: 10,
    pitchTargetDeg: 8,
    holdFrames: 16,
    stepLimitMs: 25_000,
    stepUp: { on: ['repeated-frames', 'perfect-tempo'], most: 2 },
  },
  assurance: 'active-reduced',
  rules: standard.rules.filter(({ signal }) => !NEEDS_TURNS.has(signal)),
}

/** `standard` with more of everything: further turns, two with the eyes on a dot, evidence against re-posed photographs. */
import type { Policy } from '@ipse/protocol'
import { HIGH_EVIDENCE_RULES, STANDARD_EVIDENCE_RULES } from '../signals/rules.ts'
import { standard } from './standard.ts'

export const high: Policy = {
  ...standard,
  name: 'high',
  description:
    'A path to follow, turns, turns with the eyes on a dot and an open mouth; weak signs of a puppet lead to a review.',
  challenge: {
    ...standard.challenge,
    headPoseSteps: 2,
    gazeHolds: 2,
    stepUp: { on: ['repeated-frames', 'perfect-tempo', 'constraint-ignored'], most: 2 },
  },
  rules: [
    ...standard.rules.filter((rule) => !STANDARD_EVIDENCE_RULES.includes(rule)),
    ...HIGH_EVIDENCE_RULES,
  ],
}

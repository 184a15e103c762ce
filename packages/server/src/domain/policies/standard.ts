/**
 * The default policy. Numbers: docs/evaluation.md (pose gates, repeats, loops, human reaction) and the comparison
 * model's own operating points. The rule on texture concerns an operator's PAD networks only: the shipped ones do not
 * separate attacks.
 */
import type { Policy } from '@ipse/protocol'
import { STANDARD_EVIDENCE_RULES } from '../signals/rules.ts'

export const standard: Policy = {
  name: 'standard',
  version: 3,
  description:
    'Interactive challenge, one person throughout, no sign of injection, comparison at one in a thousand.',
  challenge: {
    follows: 1,
    headPoseSteps: 1,
    gazeHolds: 0,
    expressions: ['mouth-open'],
    cameraConstraint: true,
    distance: false,
    colourLight: false,
    directions: ['left', 'right', 'up', 'down'],
    yawTargetDeg: 18,
    pitchTargetDeg: 12,
    holdFrames: 8,
    holdSpread: 3,
    stepLimitMs: 8_000,
    stepUp: { on: ['turn-unseen', 'repeated-frames', 'perfect-tempo'], most: 2 },
  },
  virtualCamera: 'step-up',
  rules: [
    // −1 and less count the wrong turns of an attempt. One asks for another attempt, with a challenge drawn anew: people
    // mix up left and right. Two are what a recording does that was made for another challenge.
    {
      signal: 'challenge-response',
      atLeast: -1,
      otherwise: 'reject',
      reason: 'challenge_wrong_answer',
      missing: 'retry',
    },
    {
      signal: 'challenge-response',
      atLeast: 1,
      otherwise: 'retry',
      reason: 'challenge_not_answered',
      missing: 'retry',
    },
    {
      signal: 'challenge-pace',
      atLeast: 150,
      otherwise: 'reject',
      reason: 'challenge_too_fast',
      missing: 'retry',
    },
    // Between the two, people with luck and programs with some patience: try again.
    {
      signal: 'challenge-pace',
      atLeast: 300,
      otherwise: 'retry',
      reason: 'challenge_too_fast',
      missing: 'retry',
    },
    { signal: 'single-face', atLeast: 0.9, otherwise: 'retry', reason: 'several_faces', missing: 'retry' },
    {
      signal: 'identity-continuity',
      atLeast: 0,
      otherwise: 'reject',
      reason: 'identity_changed',
      missing: 'retry',
    },
    {
      signal: 'frame-freshness',
      atLeast: 0.8,
      otherwise: 'reject',
      reason: 'frames_repeated',
      missing: 'retry',
    },
    {
      signal: 'frame-freshness',
      atLeast: 1,
      otherwise: 'review',
      reason: 'frames_repeated',
      missing: 'retry',
    },
    {
      signal: 'capture-variety',
      atLeast: 0.2,
      otherwise: 'reject',
      reason: 'capture_looped',
      missing: 'retry',
    },
    // Twelve segments in common, or one picture; then five segments (docs/evaluation.md).
    {
      signal: 'capture-novelty',
      atLeast: 0.04,
      otherwise: 'reject',
      reason: 'capture_replayed',
      missing: 'retry',
    },
    {
      signal: 'capture-novelty',
      atLeast: 0.6,
      otherwise: 'review',
      reason: 'capture_replayed',
      missing: 'retry',
    },
    {
      signal: 'frame-cadence',
      atLeast: 0.8,
      otherwise: 'review',
      reason: 'cadence_implausible',
      missing: 'retry',
    },
    ...STANDARD_EVIDENCE_RULES,
    { signal: 'visibility', atLeast: 1, otherwise: 'retry', reason: 'face_covered', missing: 'retry' },
    {
      signal: 'capture-quality',
      atLeast: 30,
      otherwise: 'retry',
      reason: 'quality_too_low',
      missing: 'retry',
    },
    {
      signal: 'match',
      atLeast: { fmr: 1e-3 },
      otherwise: 'reject',
      reason: 'face_mismatch',
      missing: 'retry',
      purposes: ['verification'],
    },
  ],
  maxAttempts: 3,
  ttlSeconds: 600,
  consentForEnrolment: true,
}

/**
 * What policies ask of the evidence in this folder; policies include these lists. Numbers: docs/evaluation.md. Whatever
 * cannot be measured is another attempt, never a pass and never an attack.
 */
import type { Rule } from '@ipse/protocol'

/** A plane is refused; a turn that shows too little shape is repeated. */
export const PLANARITY_RULES: readonly Rule[] = [
  { signal: 'planarity', atLeast: 2 / 3, otherwise: 'reject', reason: 'flat_surface', missing: 'retry' },
  { signal: 'planarity', atLeast: 1, otherwise: 'retry', reason: 'flat_surface', missing: 'retry' },
]

/** One lost track is forgiven where another turn holds. */
export const TRACK_RULES: readonly Rule[] = [
  { signal: 'track-unbroken', atLeast: 0.5, otherwise: 'retry', reason: 'track_broken', missing: 'retry' },
]

/** Weak signs: a person looks at it. */
export const PICTURE_RULES: readonly Rule[] = [
  { signal: 'moire', atLeast: 0, otherwise: 'review', reason: 'display_suspected', missing: 'retry' },
  {
    signal: 'sensor-noise',
    atLeast: 0.5,
    otherwise: 'review',
    reason: 'noise_implausible',
    missing: 'retry',
  },
]

/** Every turn must hold. */
export const STRICT_TRACK_RULES: readonly Rule[] = [
  { signal: 'track-unbroken', atLeast: 1, otherwise: 'retry', reason: 'track_broken', missing: 'retry' },
]

/** Never a rejection by itself. */
export const PUPPET_RULES: readonly Rule[] = [
  { signal: 'puppet', atLeast: 0.2, otherwise: 'review', reason: 'puppet_suspected', missing: 'retry' },
  { signal: 'weak-signs', atLeast: 0, otherwise: 'review', reason: 'weak_signs', missing: 'retry' },
]

/** Judges only where the operator has filled the PAD slot with a network that was measured (manifest, operating points). */
export const TEXTURE_RULES: readonly Rule[] = [
  {
    signal: 'texture',
    atLeast: { apcer: 0.05 },
    otherwise: 'reject',
    reason: 'texture_suspicious',
    missing: 'retry',
  },
]

/** For policies that ask for turns of the head. */
export const STANDARD_EVIDENCE_RULES: readonly Rule[] = [
  ...PLANARITY_RULES,
  ...TRACK_RULES,
  ...PICTURE_RULES,
  ...TEXTURE_RULES,
]

/** For policies that ask for at least two turns of yaw. */
export const HIGH_EVIDENCE_RULES: readonly Rule[] = [
  ...PLANARITY_RULES,
  ...STRICT_TRACK_RULES,
  ...PICTURE_RULES,
  ...TEXTURE_RULES,
  ...PUPPET_RULES,
]

/**
 * For every policy that shows colours, whether it names these signals or not (policies/colour-light.ts): who declines is
 * looked at by a person. The limit of the relief is from simulated people and rooms only, hence a hint.
 */
export const COLOUR_LIGHT_RULES: readonly Rule[] = [
  { signal: 'colours-shown', atLeast: 1, otherwise: 'review', reason: 'colours_declined', missing: 'retry' },
  {
    signal: 'colour-light',
    atLeast: 0.9,
    otherwise: 'retry',
    reason: 'light_not_answered',
    missing: 'retry',
  },
  {
    signal: 'colour-relief',
    atLeast: 0.2,
    otherwise: 'review',
    reason: 'light_not_answered',
    missing: 'retry',
  },
]

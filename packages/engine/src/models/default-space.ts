/**
 * How the two shipped comparison networks are fused, and what was measured with them. Reproduce every number with
 * `bench/engine/accuracy.ts`; the sets and their limits are described in docs/evaluation.md.
 */
import type { OperatingPoint } from '../types.ts'
import { DEFAULT_MODELS } from './default-models.ts'

/** Changes whenever a vector would: networks, chips, preprocessing, order. */
export const DEFAULT_SPACE_ID = `${DEFAULT_MODELS.dlib.id}+${DEFAULT_MODELS.faceres.id}/1`

/** −1.4 · distance of the 128-d unit vectors + 0.9 · cosine of the 1024-d ones; the 128-d vectors have length 1.4. */
export const DEFAULT_FUSION = [
  { cosineWeight: 0, distanceWeight: 1.4 },
  { cosineWeight: 0.9, distanceWeight: 0 },
] as const

const DATASET = 'lfw10 all pairs + ORL all pairs'
const DATE = '2026-11-21'

export const DEFAULT_OPERATING_POINTS: readonly OperatingPoint[] = [
  { fmr: 1e-1, threshold: -0.23, fnmr: 0.001, dataset: DATASET, mated: 2250, nonMated: 82500, date: DATE },
  { fmr: 1e-2, threshold: -0.1, fnmr: 0.005, dataset: DATASET, mated: 2250, nonMated: 82500, date: DATE },
  { fmr: 1e-3, threshold: -0.01, fnmr: 0.02, dataset: DATASET, mated: 2250, nonMated: 82500, date: DATE },
]

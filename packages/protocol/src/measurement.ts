/**
 * Measurements: what engine and server report before anything is decided (principles 3 and 4).
 * There is no number without an assessment, and no zero that means "unknown".
 */

/** Why a measurement could not be made. Closed list; guidance and reasons refer to it. */
export const FAILURE_REASONS = [
  'no-face',
  'several-faces',
  'face-too-small',
  'face-cropped',
  'too-few-frames',
  'too-few-points',
  'too-dark',
  'light-too-weak',
  'too-blurred',
  'pose-out-of-range',
  'not-answered',
  'track-lost',
  'not-supported',
  'not-configured',
  'no-reference',
  'model-absent',
  'internal',
] as const
export type FailureReason = (typeof FAILURE_REASONS)[number]

/**
 * One measured quantity. `native` is what the mechanism computed, in its own unit; `score` is calibrated and rises
 * with the quantity's name: [0, 1] for signals, integer [0, 100] for ISO/IEC 29794-5 quality components.
 */
export type Measurement =
  | { readonly status: 'assessed'; readonly native: number; readonly score: number }
  | { readonly status: 'failure-to-assess'; readonly reason: FailureReason }

/** A measurement that was made. Non-finite numbers become a failure: NaN must never pass a comparison. */
export function assessed(native: number, score: number): Measurement {
  if (!Number.isFinite(native) || !Number.isFinite(score)) return failed('internal')
  return { status: 'assessed', native, score }
}

export function failed(reason: FailureReason): Measurement {
  return { status: 'failure-to-assess', reason }
}

/** ISO/IEC 29794-5 quality components that Ipse assesses on every frame. */
export const QUALITY_COMPONENTS = [
  'singleFacePresent',
  'interEyeDistance',
  'headPoseYaw',
  'headPosePitch',
  'headPoseRoll',
  'sharpness',
  'luminanceMean',
  'underExposurePrevention',
  'overExposurePrevention',
  'dynamicRange',
  'cropMargins',
  'eyesOpen',
  'mouthClosed',
] as const
export type QualityComponent = (typeof QUALITY_COMPONENTS)[number]
export type Quality = Readonly<Record<QualityComponent, Measurement>>

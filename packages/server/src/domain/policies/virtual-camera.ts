/**
 * What a policy's `virtualCamera` means: the rule on the signal `capture-device`, and whether a sign in mid-capture adds a
 * step. The one home of both, so that a policy cannot say one thing and do another.
 */
import type { Policy, Rule, VirtualCameraPolicy } from '@ipse/protocol'

/** A device that says nothing about its track is no proof of anything: a person looks at it. */
const RULES: Readonly<Record<VirtualCameraPolicy, readonly Rule[]>> = {
  block: [captureDeviceRule('reject')],
  // Filters and accessibility tools are virtual cameras too, and no answer to a challenge shows what feeds one.
  'step-up': [captureDeviceRule('review')],
  signal: [],
}

function captureDeviceRule(otherwise: Rule['otherwise']): Rule {
  return { signal: 'capture-device', atLeast: 1, otherwise, reason: 'virtual_camera', missing: 'review' }
}

export function virtualCameraRules({ virtualCamera }: Pick<Policy, 'virtualCamera'>): readonly Rule[] {
  return RULES[virtualCamera]
}

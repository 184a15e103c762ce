/** All kinds of challenge steps. A kind that the protocol knows and this table lacks does not compile. */
import type { ChallengeStep } from '@ipse/protocol'
import { cameraConstraint } from './camera-constraint.ts'
import { center } from './center.ts'
import { colourLight } from './colour-light.ts'
import { distance } from './distance.ts'
import { expression } from './expression.ts'
import { follow } from './follow.ts'
import { gazeHold } from './gaze-hold.ts'
import { headPose } from './head-pose.ts'
import { hold } from './hold.ts'
import type { ChallengeKind } from './kind.ts'

const KINDS = {
  hold,
  'head-pose': headPose,
  center,
  follow,
  expression,
  'gaze-hold': gazeHold,
  'camera-constraint': cameraConstraint,
  distance,
  'colour-light': colourLight,
} satisfies Record<ChallengeStep['kind'], unknown>

/** The kind, for steps of that kind: the table above holds the two together. */
export function kindOf(name: ChallengeStep['kind']): ChallengeKind {
  return KINDS[name] as unknown as ChallengeKind
}

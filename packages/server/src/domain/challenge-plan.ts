/**
 * Draws the challenge: the hold, then everything else that the policy asks for in random order. How many challenges a
 * policy can draw is counted in challenge-entropy.ts.
 */
import {
  CHALLENGE_VERSION,
  type ChallengePlan,
  type ChallengePolicy,
  type ChallengeStep,
  type Direction,
  type PlannedStep,
} from '@ipse/protocol'
import { type Bytes, createDraw } from './challenges/draw.ts'
import { kindOf } from './challenges/index.ts'

export { isYaw } from './challenges/kind.ts'

type Kind = ChallengeStep['kind']

/** What comes after the hold, one entry for every part that is drawn: a step, with its way back where it has one. */
export function partsOf(challenge: ChallengePolicy): Kind[] {
  const times = (count: number, kind: Kind): Kind[] => Array.from({ length: count }, () => kind)
  return [
    ...times(challenge.follows, 'follow'),
    ...times(challenge.headPoseSteps, 'head-pose'),
    ...times(challenge.gazeHolds, 'gaze-hold'),
    ...times(challenge.expressions.length, 'expression'),
    ...times(challenge.cameraConstraint ? 1 : 0, 'camera-constraint'),
    ...times(challenge.distance ? 1 : 0, 'distance'),
    ...times(challenge.colourLight ? 1 : 0, 'colour-light'),
  ]
}

export function drawPlan(challenge: ChallengePolicy, bytes: Bytes): ChallengePlan {
  const draw = createDraw(bytes)
  const steps: PlannedStep[] = []
  for (const kind of ['hold' as const, ...draw.shuffle(partsOf(challenge))])
    steps.push(...kindOf(kind).draw(challenge, draw, steps))
  return { version: CHALLENGE_VERSION, steps }
}

/** Further steps for a capture that became suspicious: a turn to a side, or a path where the policy has no poses. */
export function drawFurther(
  challenge: ChallengePolicy,
  before: readonly PlannedStep[],
  bytes: Bytes,
): readonly PlannedStep[] {
  const kind = challenge.headPoseSteps > 0 ? 'head-pose' : 'follow'
  const draw = createDraw(bytes)
  // As the first one of a capture: to either side, whatever was asked before.
  return kindOf(kind).draw(challenge, draw, kind === 'head-pose' ? [] : before)
}

/** Whether the screen will change its colours. */
export function showsColours({ steps }: ChallengePlan): boolean {
  return steps.some(({ step }) => step.kind === 'colour-light')
}

/** The plan for a person who declined the colours. */
export function withoutColours(plan: ChallengePlan): ChallengePlan {
  return { ...plan, steps: plan.steps.filter(({ step }) => step.kind !== 'colour-light') }
}

/** The directions of a plan, for reviewers. */
export function askedDirections(plan: ChallengePlan): Direction[] {
  return plan.steps.flatMap(({ step }) => (step.kind === 'head-pose' ? [step.direction] : []))
}

/** What no policy of an operator may be, although each member is well formed: weaker than it says. */
import {
  ASSURANCE_LEVELS,
  type AssuranceLevel,
  type Policy,
  type Rule,
  type SignalName,
} from '@ipse/protocol'
import { isYaw } from '../challenges/kind.ts'
import { PUPPET_RULES } from '../signals/rules.ts'
import { refuse } from './fields.ts'

/** Least turn that shows depth, degrees (docs/evaluation.md). */
const DEPTH_DEG = 15
/** Signals that people share with puppets too often to be rejected by them. */
const HINTS: ReadonlySet<SignalName> = new Set(PUPPET_RULES.map(({ signal }) => signal))

/**
 * @param ownRules those that the file adds to the base's
 * @throws IpseError `policy_invalid` naming the member
 */
export function checkPolicy(policy: Policy, base: Policy, ownRules: readonly Rule[]): void {
  const { challenge, rules, developmentOnly } = policy
  for (const [i, { signal, atLeast, model, otherwise }] of ownRules.entries()) {
    const path = `rules[${i}]`
    if (typeof atLeast === 'object' && 'fmr' in atLeast && signal !== 'match')
      refuse({ path }, `names a false match rate; only match has one`)
    if (typeof atLeast === 'object' && 'apcer' in atLeast && signal !== 'texture')
      refuse({ path }, `names an APCER; only texture has operating points of models`)
    if (model !== undefined && signal !== 'texture')
      refuse({ path }, 'names a model; only texture has several')
    if (HINTS.has(signal) && otherwise === 'reject')
      refuse({ path }, `rejects by ${signal}, which is a hint and never enough to reject`)
  }
  const comparisons = rules.filter(({ signal }) => signal === 'match')
  if (!comparisons.some(({ purposes }) => purposes === undefined || purposes.includes('verification')))
    refuse({ path: 'withoutRules' }, 'leaves verifications without a comparison: a rule on match must stay')
  if (challenge.headPoseSteps > 0 && !challenge.directions.some(isYaw))
    refuse({ path: 'challenge.directions' }, 'must have left or right: the first turn shows depth')
  if (challenge.headPoseSteps > 1 && challenge.directions.length < 2)
    refuse({ path: 'challenge.directions' }, 'must have two at least: none is asked twice in a row')
  if (base.developmentOnly === true && developmentOnly !== true)
    refuse({ path: 'developmentOnly' }, `cannot be false on the ground of ${base.name}`)
  if (policy.passkey === 'use' && !rules.some(({ signal }) => signal === 'attestation'))
    refuse(
      { path: 'passkey' },
      'is asked for in vain: a rule on attestation must say what follows without one',
    )
  const claimed = policy.assurance ?? 'active-geometry'
  const [carried, why] = carriedLevel(policy)
  if (LEVELS.indexOf(claimed) > LEVELS.indexOf(carried))
    refuse({ path: 'assurance' }, `${claimed} is more than this policy shows: ${why}; ${carried} at most`)
}

const LEVELS = Object.keys(ASSURANCE_LEVELS) as AssuranceLevel[]

/** The highest level that such a challenge and such rules can show, and what is missing for more. */
function carriedLevel({ challenge, rules }: Policy): [AssuranceLevel, string] {
  const asks = (signal: SignalName) => rules.some((rule) => rule.signal === signal)
  if (!asks('challenge-response')) return ['none', 'no rule demands challenge-response']
  const { follows, headPoseSteps, gazeHolds, expressions } = challenge
  if (follows + headPoseSteps + gazeHolds + expressions.length === 0) return ['passive', 'nothing is asked']
  const turns = headPoseSteps + gazeHolds > 0 && challenge.yawTargetDeg >= DEPTH_DEG
  for (const signal of ['planarity', 'identity-continuity'] as const)
    if (!asks(signal)) return ['active-reduced', `no rule demands ${signal}`]
  if (!turns) return ['active-reduced', `no turn of ${DEPTH_DEG}° or more is asked`]
  return ['active-geometry', 'a PAD network or a device is claimed for each session, where it passed']
}

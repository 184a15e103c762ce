/**
 * A policy of the operator, from JSON of unknown origin. It stands on a shipped policy and says what is different: further
 * rules only tighten, because the worst rule decides; what is let go is named in `withoutRules`. docs/calibration.md has
 * an example.
 */
import {
  ASSURANCE_LEVELS,
  type AssuranceLevel,
  type Calibration,
  type ChallengePolicy,
  DIRECTIONS,
  EXPRESSIONS,
  type MeasuredRate,
  PASSKEY_CEREMONIES,
  type PadRates,
  type Policy,
  PURPOSES,
  REASONS,
  type Reason,
  type Rule,
  SIGNAL_NAMES,
  type SignalName,
  type StepUpSuspicion,
  SUSPICIONS,
  VIRTUAL_CAMERA_POLICIES,
} from '@ipse/protocol'
import {
  at,
  demand,
  flag,
  integer,
  list,
  number,
  oneOf,
  type Place,
  type Read,
  type Readers,
  readMembers,
  record,
  refuse,
  setOf,
  text,
} from './fields.ts'
import { checkPolicy } from './policy-check.ts'

/** What a file holds: the members of a policy, and what it stands on. */
interface PolicyFile extends Policy {
  readonly extends: string
  /** Rules of the base that do not apply, by signal. */
  readonly withoutRules: readonly SignalName[]
}

const ADVERSE = ['reject', 'retry', 'review'] as const
const name = text(/^[a-z][a-z0-9-]{0,63}$/, 'a name of a–z, 0–9 and -, beginning with a letter')
const sentence = text(/^[^\p{Cc}]{1,300}$/u, 'a text of 1–300 characters')
const modelId = text(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'the id of a model')
const sha256 = text(/^[0-9a-f]{64}$/, '64 hex digits')
const rate = number(0, 1)

const CHALLENGE: Readers<ChallengePolicy> = {
  headPoseSteps: integer(0, 8),
  directions: setOf(DIRECTIONS),
  yawTargetDeg: number(5, 30),
  pitchTargetDeg: number(5, 25),
  holdFrames: integer(5, 60),
  holdSpread: integer(0, 30),
  stepLimitMs: integer(1_000, 60_000),
  follows: integer(0, 3),
  expressions: setOf(EXPRESSIONS),
  gazeHolds: integer(0, 4),
  cameraConstraint: flag,
  distance: flag,
  colourLight: flag,
  stepUp: (place) =>
    whole(place, { on: setOf(Object.keys(SUSPICIONS).filter(isStepUp)), most: integer(0, 5) }, []),
}

const RULE: Readers<Rule> = {
  signal: oneOf(SIGNAL_NAMES),
  model: modelId,
  atLeast: readAtLeast,
  otherwise: oneOf(ADVERSE),
  reason: oneOf(Object.keys(REASONS) as Reason[]),
  missing: oneOf(ADVERSE),
  purposes: setOf(PURPOSES),
}

const MEASURED: Readers<MeasuredRate> = { n: integer(1, 1e9), rate, upper95: rate }
const RATES: Readers<PadRates> = {
  species: record((place) => whole(place, MEASURED, [])),
  bonaFide: (place) => whole(place, MEASURED, []),
}

const CALIBRATION: Readers<Calibration> = {
  signal: oneOf(SIGNAL_NAMES),
  model: modelId,
  atLeast: number(),
  apcer: rate,
  measured: (place) => whole(place, RATES, []),
  heldOut: (place) => whole(place, RATES, []),
  bySubject: flag,
  dataset: (place) => whole(place, { name: sentence, sha256 }, []),
  models: record(sha256),
  date: text(/^\d{4}-\d{2}-\d{2}$/, 'YYYY-MM-DD'),
}

const POLICY: Readers<PolicyFile> = {
  name,
  version: integer(1, 1e6),
  description: sentence,
  extends: name,
  challenge: (place) => readMembers(place, CHALLENGE) as ChallengePolicy,
  assurance: oneOf(Object.keys(ASSURANCE_LEVELS) as AssuranceLevel[]),
  virtualCamera: oneOf(VIRTUAL_CAMERA_POLICIES),
  withoutRules: setOf(SIGNAL_NAMES),
  rules: list((place) => whole(place, RULE, ['model', 'purposes'])),
  maxAttempts: integer(1, 3),
  ttlSeconds: integer(30, 600),
  consentForEnrolment: flag,
  consentForSessions: flag,
  userVerification: flag,
  passkey: oneOf(PASSKEY_CEREMONIES),
  developmentOnly: flag,
  calibration: list((place) => whole(place, CALIBRATION, ['model', 'heldOut'])),
}

/**
 * @param value the parsed JSON document
 * @param shipped policies that it may stand on and must not replace
 * @throws IpseError `policy_invalid` naming the member
 */
export function parsePolicy(value: unknown, shipped: Readonly<Record<string, Policy>>): Policy {
  const root: Place = { path: '', value }
  const file = readMembers(root, POLICY)
  const {
    extends: baseName,
    withoutRules = [],
    rules = [],
    ...own
  } = demand(root, file, ['name', 'version', 'extends'])
  const base = Object.values(shipped).find((policy) => policy.name === baseName)
  if (!base)
    refuse(
      { path: 'extends' },
      `must be one of ${Object.values(shipped)
        .map((policy) => policy.name)
        .join(', ')}`,
    )
  if (Object.values(shipped).some((policy) => policy.name === own.name))
    refuse({ path: 'name' }, `${own.name} comes with Ipse and cannot be replaced; choose another`)
  const known = base.rules.map(({ signal }) => signal)
  for (const [i, signal] of withoutRules.entries())
    if (!known.includes(signal))
      refuse({ path: `withoutRules[${i}]` }, `: ${baseName} has no rule on ${signal}`)
  const policy: Policy = {
    ...base,
    ...own,
    description: own.description ?? `${own.name}, on the ground of ${baseName}.`,
    challenge: { ...base.challenge, ...own.challenge },
    rules: [...base.rules.filter(({ signal }) => !withoutRules.includes(signal)), ...rules],
  }
  checkPolicy(policy, base, rules)
  return policy
}

/** An object that must have all members but some. */
function whole<T extends object>(place: Place, readers: Readers<T>, optional: readonly (keyof T)[]): T {
  const names = Object.keys(readers) as (keyof T & string)[]
  const required = names.filter((member) => !optional.includes(member))
  return demand(place, readMembers(place, readers), required) as T
}

function isStepUp(suspicion: string): suspicion is StepUpSuspicion {
  return suspicion !== 'virtual-camera'
}

/** A number in the signal's unit, or an error rate that a model's operating point stands for. */
function readAtLeast(place: Place): Rule['atLeast'] {
  if (typeof place.value !== 'object') return number()(place)
  const errorRate: Read<number> = number(1e-9, 0.5)
  const { fmr, apcer } = readMembers<{ fmr: number; apcer: number }>(place, {
    fmr: errorRate,
    apcer: errorRate,
  })
  if (fmr !== undefined && apcer === undefined) return { fmr }
  if (apcer !== undefined && fmr === undefined) return { apcer }
  return refuse({ path: at(place, 'fmr') }, 'or apcer must be there, one of the two')
}

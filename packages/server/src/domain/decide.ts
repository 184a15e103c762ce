/**
 * The security heart: measurements and a policy in, a decision out. Pure, total, the same function in service, CLI and
 * evaluation. The worst rule wins; what is missing or not a number counts by the rule's `missing`, never as good. Every
 * line of evidence says how it stood, what it can do and why it did.
 */
import {
  type Adverse,
  type AssuranceLevel,
  type Decision,
  type Evidence,
  type EvidenceWeight,
  failed,
  type Purpose,
  type Reason,
  type ResolvedPolicy,
  type ResolvedRule,
  type Signal,
} from '@ipse/protocol'
import { attestationLevel } from './signals/attestation.ts'

export interface DecisionResult {
  readonly decision: Decision
  /** Why the decision is not `accept`, each once, the worst first. */
  readonly reasons: readonly Reason[]
  readonly evidence: readonly Evidence[]
  readonly assurance: AssuranceLevel
}

const SEVERITY: Readonly<Record<Decision, number>> = { accept: 0, retry: 1, review: 2, reject: 3 }
const WEIGHTS: Readonly<Record<Adverse, EvidenceWeight>> = {
  reject: 'decisive',
  review: 'hint',
  retry: 'step',
}

/** A PAD network that lets more of the worst species through raises no level: our own bound. */
const MOST_APCER = 0.1

/** One line of evidence and what it asks for. */
interface Finding {
  readonly decision: Decision
  readonly evidence: Evidence
}

export function decide(policy: ResolvedPolicy, signals: readonly Signal[], purpose: Purpose): DecisionResult {
  const rules = policy.rules.filter((rule) => rule.purposes === undefined || rule.purposes.includes(purpose))
  const findings = rules.flatMap((rule) => applyRule(rule, signals))
  const demandsLiveness = rules.some((rule) => rule.signal === 'challenge-response')
  if (!demandsLiveness) findings.push(NO_LIVENESS)
  const worst = findings.reduce<Decision>(
    (a, { decision: b }) => (SEVERITY[b] > SEVERITY[a] ? b : a),
    'accept',
  )
  const reported = signals
    .filter((signal) => !rules.some((rule) => concerns(rule, signal)))
    .map((signal): Evidence => ({ ...lineOf(signal), verdict: 'reported', weight: 'none' }))
  return {
    decision: worst,
    reasons: reasonsOf(findings),
    evidence: [...findings.map((finding) => finding.evidence), ...reported],
    assurance: demandsLiveness ? withDevice(assuranceOf(findings, policy.assurance), signals) : 'none',
  }
}

/** A policy that asks for no liveness must not pass for a liveness check. */
const NO_LIVENESS: Finding = {
  decision: 'review',
  evidence: {
    signal: 'challenge-response',
    measurement: failed('not-supported'),
    samples: 0,
    verdict: 'insufficient',
    weight: 'hint',
    reason: 'evidence_missing',
  },
}

function concerns(rule: ResolvedRule, { name, model }: Signal): boolean {
  return rule.signal === name && (rule.model === undefined || rule.model === model)
}

function lineOf({ name, measurement, model, samples }: Signal) {
  return { signal: name, measurement, ...(model === undefined ? {} : { model }), samples }
}

/** One finding for every signal that the rule is about, or one for its absence. */
function applyRule(rule: ResolvedRule, signals: readonly Signal[]): Finding[] {
  const { atLeast, fmr, apcer, model } = rule
  const demand = {
    weight: WEIGHTS[rule.otherwise],
    atLeast,
    ...(fmr === undefined ? {} : { fmr }),
    ...(apcer === undefined ? {} : { apcer }),
  }
  const unmet = (line: ReturnType<typeof lineOf>, missing: boolean, reason: Reason): Finding => ({
    decision: missing ? rule.missing : rule.otherwise,
    evidence: { ...line, ...demand, verdict: missing ? 'insufficient' : 'fail', reason },
  })
  const found = signals.filter((signal) => concerns(rule, signal))
  if (found.length === 0) {
    const absent = { signal: rule.signal, measurement: failed('not-supported'), samples: 0 }
    return [unmet({ ...absent, ...(model === undefined ? {} : { model }) }, true, 'evidence_missing')]
  }
  return found.map((signal): Finding => {
    const line = lineOf(signal)
    const { measurement, finding } = signal
    if (measurement?.status !== 'assessed' || !Number.isFinite(measurement.native))
      return unmet(line, true, finding ?? 'evidence_missing')
    if (measurement.native >= atLeast)
      return { decision: 'accept', evidence: { ...line, ...demand, verdict: 'pass' } }
    return unmet(line, false, finding ?? rule.reason)
  })
}

function reasonsOf(findings: readonly Finding[]): Reason[] {
  const ordered = findings.toSorted((a, b) => SEVERITY[b.decision] - SEVERITY[a.decision])
  return [...new Set(ordered.flatMap(({ evidence: { reason } }) => (reason === undefined ? [] : [reason])))]
}

/**
 * The policy's level is claimed only when every demand on the challenge was met; a PAD network counts only when it was
 * judged at its own operating point, and only when all of them passed and none is too weak.
 */
function assuranceOf(
  findings: readonly Finding[],
  claimed: AssuranceLevel = 'active-geometry',
): AssuranceLevel {
  const passed = (of: (evidence: Evidence) => boolean): boolean => {
    const lines = findings.map(({ evidence }) => evidence).filter(of)
    return lines.length > 0 && lines.every(({ verdict }) => verdict === 'pass')
  }
  if (!passed(({ signal }) => signal === 'challenge-response')) return 'none'
  const judgedByPad = ({ signal, apcer }: Evidence) => signal === 'texture' && apcer !== undefined
  const strong = findings.every(({ evidence }) => (evidence.apcer ?? 0) <= MOST_APCER)
  return claimed === 'active-geometry' && strong && passed(judgedByPad) ? 'active+pad-model' : claimed
}

/** The makers' word about the device needs no rule to count, and raises no level below `active-geometry`. */
function withDevice(level: AssuranceLevel, signals: readonly Signal[]): AssuranceLevel {
  if (attestationLevel(signals) === 'none') return level
  if (level === 'active-geometry') return 'active+attested'
  return level === 'active+pad-model' ? 'active+pad-model+attested' : level
}

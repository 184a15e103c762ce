/**
 * The security heart: measurements and a policy in, a decision out. Pure, total, the same function in service, CLI and
 * evaluation. The worst rule wins; what is missing or not a number counts by the rule's `missing`, never as good.
 */
import {
  type AssuranceLevel,
  type Decision,
  type Evidence,
  failed,
  type Purpose,
  type Reason,
  type ResolvedPolicy,
  type ResolvedRule,
  type Signal,
} from '@ipse/protocol'

export interface DecisionResult {
  readonly decision: Decision
  /** Why the decision is not `accept`, each once, the worst first. */
  readonly reasons: readonly Reason[]
  readonly evidence: readonly Evidence[]
  readonly assurance: AssuranceLevel
}

const SEVERITY: Readonly<Record<Decision, number>> = { accept: 0, retry: 1, review: 2, reject: 3 }

interface Finding {
  readonly decision: Decision
  readonly reason?: Reason
  readonly evidence: Evidence
}

export function decide(policy: ResolvedPolicy, signals: readonly Signal[], purpose: Purpose): DecisionResult {
  const rules = policy.rules.filter((rule) => rule.purposes === undefined || rule.purposes.includes(purpose))
  const findings = rules.flatMap((rule) => applyRule(rule, signals))
  const demandsLiveness = rules.some((rule) => rule.signal === 'challenge-response')
  if (!demandsLiveness) {
    // A policy that asks for no liveness must not pass for a liveness check.
    findings.push({
      decision: 'review',
      reason: 'evidence_missing',
      evidence: {
        signal: 'challenge-response',
        measurement: failed('not-supported'),
        samples: 0,
        verdict: 'insufficient',
      },
    })
  }
  const worst = findings.reduce<Decision>(
    (a, { decision: b }) => (SEVERITY[b] > SEVERITY[a] ? b : a),
    'accept',
  )
  const reported = signals
    .filter((signal) => !rules.some((rule) => rule.signal === signal.name))
    .map(
      ({ name, measurement, samples }): Evidence => ({
        signal: name,
        measurement,
        samples,
        verdict: 'reported',
      }),
    )
  return {
    decision: worst,
    reasons: reasonsOf(findings),
    evidence: [...findings.map((finding) => finding.evidence), ...reported],
    assurance: assuranceOf(findings, demandsLiveness, policy.assurance),
  }
}

/** One finding for every signal of the rule's name, or one for its absence. */
function applyRule(rule: ResolvedRule, signals: readonly Signal[]): Finding[] {
  const found = signals.filter((signal) => signal.name === rule.signal)
  const demand = { atLeast: rule.atLeast, ...(rule.fmr === undefined ? {} : { fmr: rule.fmr }) }
  if (found.length === 0) {
    const evidence: Evidence = {
      signal: rule.signal,
      measurement: failed('not-supported'),
      samples: 0,
      verdict: 'insufficient',
      ...demand,
    }
    return [{ decision: rule.missing, reason: 'evidence_missing', evidence }]
  }
  return found.map(({ measurement, samples, finding }) => {
    const evidence = { signal: rule.signal, measurement, samples, ...demand }
    if (measurement?.status !== 'assessed' || !Number.isFinite(measurement.native))
      return {
        decision: rule.missing,
        reason: finding ?? 'evidence_missing',
        evidence: { ...evidence, verdict: 'insufficient' },
      }
    if (measurement.native >= rule.atLeast)
      return { decision: 'accept', evidence: { ...evidence, verdict: 'pass' } }
    return {
      decision: rule.otherwise,
      reason: finding ?? rule.reason,
      evidence: { ...evidence, verdict: 'fail' },
    }
  })
}

function reasonsOf(findings: readonly Finding[]): Reason[] {
  const adverse = findings.filter((finding) => finding.reason !== undefined && finding.decision !== 'accept')
  const ordered = adverse.toSorted((a, b) => SEVERITY[b.decision] - SEVERITY[a.decision])
  return [...new Set(ordered.flatMap(({ reason }) => (reason === undefined ? [] : [reason])))]
}

/** The policy's level is claimed only when the challenge was demanded and every demand on it was met. */
function assuranceOf(
  findings: readonly Finding[],
  demanded: boolean,
  claimed: AssuranceLevel = 'active-geometry',
): AssuranceLevel {
  const challenge = findings.filter(({ evidence }) => evidence.signal === 'challenge-response')
  const met =
    demanded && challenge.length > 0 && challenge.every(({ evidence }) => evidence.verdict === 'pass')
  return met ? claimed : 'none'
}

/**
 * A decision, made again from what was stored of it: by the same policy it is the same to the last bit, by another one it
 * is what would have been decided. Pure, the same `decide` as in the service.
 */
import {
  canonicalJson,
  type Decision,
  type Evidence,
  type Json,
  type Policy,
  type Purpose,
  type Reason,
  type ResolvedPolicy,
  type Signal,
} from '@ipse/protocol'
import { type DecisionResult, decide } from '../decide.ts'
import { resolvePolicy, type Threshold } from '../policies/index.ts'
import type { PadSlot } from '../policies/pad-rules.ts'

/** What a decision stands on besides its signals; the same for many decisions. */
export interface DecisionBasis {
  /** As it decided: its thresholds are numbers. */
  readonly policy: ResolvedPolicy
  /** Of the models that measured: thresholds of another policy come from them. */
  readonly operatingPoints: readonly Threshold[]
  readonly pads: readonly PadSlot[]
}

/** What is stored of one attempt. Numbers and words about a capture, no picture and no template. */
export interface DecisionRecord {
  readonly tenant: string
  readonly sessionId: string
  /** From 1. */
  readonly attempt: number
  readonly purpose: Purpose
  /** Milliseconds since the epoch. */
  readonly decidedAt: number
  /** SHA-256 of the basis' canonical JSON, base64url. */
  readonly basis: string
  readonly signals: readonly Signal[]
  /** As it was, before attempts that are used up make a rejection of a retry. */
  readonly decision: Decision
  readonly reasons: readonly Reason[]
}

/** One demand then and now; absent where there is none. */
export interface ReplayedLine {
  readonly signal: Evidence['signal']
  readonly model?: string
  readonly measurement: Evidence['measurement']
  readonly before?: Judged
  readonly after?: Judged
}

type Judged = Pick<Evidence, 'verdict' | 'weight' | 'reason' | 'atLeast'>

export interface Replay {
  readonly sessionId: string
  readonly attempt: number
  readonly purpose: Purpose
  readonly policy: string
  readonly recorded: { readonly decision: Decision; readonly reasons: readonly Reason[] }
  /** Whether the stored signals and the stored policy lead to what was recorded; if not, the store was altered. */
  readonly reproduced: boolean
  readonly candidate?: Candidate
}

interface Candidate {
  readonly policy: string
  readonly decision: Decision
  readonly reasons: readonly Reason[]
  readonly assurance: DecisionResult['assurance']
  readonly differs: boolean
  /** It would have asked for other things than were done: then only its rules are compared. */
  readonly otherChallenge: boolean
  readonly lines: readonly ReplayedLine[]
}

/** @param candidate judged beside the policy that decided; none to check only what was recorded */
export function replayDecision(record: DecisionRecord, basis: DecisionBasis, candidate?: Policy): Replay {
  const { sessionId, attempt, purpose, signals, decision, reasons } = record
  const before = decide(basis.policy, signals, purpose)
  const reproduced = before.decision === decision && before.reasons.join() === reasons.join()
  return {
    sessionId,
    attempt,
    purpose,
    policy: nameOf(basis.policy),
    recorded: { decision, reasons },
    reproduced,
    ...(candidate === undefined ? {} : { candidate: judged(record, basis, before, candidate) }),
  }
}

function judged(
  { signals, purpose }: DecisionRecord,
  { policy, operatingPoints, pads }: DecisionBasis,
  before: DecisionResult,
  candidate: Policy,
): Candidate {
  const { decision, reasons, assurance, evidence } = decide(
    resolvePolicy(candidate, operatingPoints, pads),
    signals,
    purpose,
  )
  return {
    policy: nameOf(candidate),
    decision,
    reasons,
    assurance,
    differs: decision !== before.decision,
    otherChallenge: text(candidate.challenge) !== text(policy.challenge),
    lines: sideBySide(before.evidence, evidence),
  }
}

/** The demands on one signal in their order: a policy that stands on another adds its own behind the others. */
function sideBySide(before: readonly Evidence[], after: readonly Evidence[]): ReplayedLine[] {
  const keyOf = ({ signal, model = '' }: Evidence) => `${signal} ${model}`
  const [then, now] = [Map.groupBy(before, keyOf), Map.groupBy(after, keyOf)]
  return [...new Set([...then.keys(), ...now.keys()])].flatMap((key) => {
    const [a, b] = [then.get(key) ?? [], now.get(key) ?? []]
    return Array.from({ length: Math.max(a.length, b.length) }, (_, i): ReplayedLine => {
      const { signal, model, measurement } = (a[i] ?? b[i])!
      return {
        signal,
        ...(model === undefined ? {} : { model }),
        measurement,
        ...(a[i] ? { before: judgedOf(a[i]) } : {}),
        ...(b[i] ? { after: judgedOf(b[i]) } : {}),
      }
    })
  })
}

function judgedOf({ verdict, weight, reason, atLeast }: Evidence): Judged {
  return {
    verdict,
    weight,
    ...(reason === undefined ? {} : { reason }),
    ...(atLeast === undefined ? {} : { atLeast }),
  }
}

function nameOf({ name, version }: Pick<Policy, 'name' | 'version'>): string {
  return `${name}/${version}`
}

function text(value: Policy['challenge']): string {
  return canonicalJson(value as unknown as Json)
}

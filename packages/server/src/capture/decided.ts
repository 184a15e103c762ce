/** What a decision was made from, as it is kept: so that it can be made again, by the same policy or by another one. */
import { digestOf, type Json, type Signal } from '@ipse/protocol'
import type { DecisionResult } from '../domain/decide.ts'
import type { DecisionBasis } from '../domain/rollout/replay.ts'
import type { Decided } from '../store/rollout-records.ts'
import type { SessionRecord } from '../store/store.ts'
import type { IssuedAttempt } from './attempt.ts'
import type { CaptureContext } from './context.ts'

/** The policy as it decided, and the operating points that other policies' thresholds would come from. */
export function basisOf(
  { engine }: Pick<CaptureContext, 'engine'>,
  { policy }: IssuedAttempt,
): DecisionBasis {
  return {
    policy,
    operatingPoints: engine.operatingPoints.map(({ fmr, threshold }) => ({ fmr, threshold })),
    pads: engine.pads.map(({ id, operatingPoints }) => ({
      id,
      operatingPoints: operatingPoints.map(({ apcer, threshold }) => ({ apcer, threshold })),
    })),
  }
}

/** @param decidedAt milliseconds since the epoch */
export async function decidedFrom(
  basis: DecisionBasis,
  { id: sessionId, tenant, purpose }: SessionRecord,
  attempt: number,
  signals: readonly Signal[],
  { decision, reasons }: DecisionResult,
  decidedAt: number,
): Promise<Decided> {
  const digest = await digestOf(basis as unknown as Json)
  return {
    basis,
    record: { tenant, sessionId, attempt, purpose, decidedAt, basis: digest, signals, decision, reasons },
  }
}

/** What a process does about rollouts besides deciding: notes its models, writes counts, judges canaries. */
import { digestOf, type Json, type ReceiptClaims } from '@ipse/protocol'
import type { Clock } from '../deps.ts'
import type { Store } from '../store/store.ts'
import type { Auditor } from './audit.ts'
import { judgeCanaries, noteModels } from './rollout.ts'
import type { RolloutWatch } from './rollout-watch.ts'

/** Counts that a crash can lose: those of so many milliseconds. */
const FLUSH_INTERVAL_MS = 1_000
const GUARD_INTERVAL_MS = 60_000

export interface UpkeepContext {
  readonly store: Store
  readonly auditor: Auditor
  readonly clock: Clock
  readonly rollout: RolloutWatch
  /** Of the engine that measures here. */
  readonly models: ReceiptClaims['models']
  /** Whether canaries that do worse are taken back. */
  readonly guard: boolean
  /** A canary that was taken back, for the log. */
  rolledBack(policy: string): void
  troubled(error: unknown): void
}

/** @returns what ends it, with the last counts written */
export async function keepRollout(context: UpkeepContext): Promise<() => Promise<void>> {
  const { rollout, guard, troubled } = context
  const models = context.models.map(({ id, version, sha256 }) => ({ id, version, sha256 }))
  await noteModels(context, models, await digestOf(models as Json))
  const judge = async () => {
    await rollout.flush()
    for (const { name, version } of await judgeCanaries(context)) context.rolledBack(`${name}/${version}`)
  }
  const flushing = setInterval(() => void rollout.flush().catch(troubled), FLUSH_INTERVAL_MS)
  const judging = guard ? setInterval(() => void judge().catch(troubled), GUARD_INTERVAL_MS) : undefined
  flushing.unref()
  judging?.unref()
  return async () => {
    clearInterval(flushing)
    clearInterval(judging)
    await rollout.flush()
  }
}

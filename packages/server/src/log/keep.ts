/** Keeps the logs signed and their checkpoints on the way: at intervals as long as the service runs, and once more at its end. */
import { once } from 'node:events'
import { Gauge, type Registry } from 'prom-client'
import type { Clock } from '../deps.ts'
import type { Settings } from '../settings.ts'
import type { LogStore } from '../store/log-records.ts'
import { type CheckpointContext, signCheckpoints } from './checkpoints.ts'
import { createShipping, type Ship, shipToAddress, shipToFile } from './shipping.ts'

export interface LogKeeping extends CheckpointContext {
  readonly settings: Pick<Settings, 'audit'>
  readonly registry: Registry
  troubled(error: unknown): void
}

/** What the last round has not signed and shipped by then waits for another node or the next start, milliseconds. */
const LAST_ROUND_MS = 3_000

/** @returns ends it, after a last round: what was shipped then covers all that was written. Call it when nobody writes any more. */
export function keepLogs(context: LogKeeping, lastRoundMs = LAST_ROUND_MS): () => Promise<void> {
  const { store, clock, settings, troubled } = context
  const ways = waysOf(settings, clock)
  const shipping = createShipping(store, clock, ways)
  addLogMetrics(context.registry, store, clock, ways.length > 0)
  const stop = new AbortController()
  let round: Promise<void> | undefined
  const keep = async () => {
    // A checkpoint that cannot be shipped does not keep the next one from being signed.
    for (const step of [() => signCheckpoints(context), () => shipping.round(stop.signal)])
      await step().catch(troubled)
  }
  const last = async () => {
    await round
    while (!stop.signal.aborted && (await signCheckpoints(context, stop.signal)) > 0);
    while (!stop.signal.aborted && (await shipping.round(stop.signal)) > 0);
  }
  const timer = setInterval(() => {
    round ??= keep().finally(() => {
      round = undefined
    })
  }, settings.audit.checkpointSeconds * 1000)
  timer.unref()
  return async () => {
    clearInterval(timer)
    const limit = setTimeout(() => stop.abort(), lastRoundMs)
    await Promise.race([last().catch(troubled), once(stop.signal, 'abort')])
    clearTimeout(limit)
  }
}

function waysOf({ audit }: Pick<Settings, 'audit'>, clock: Clock): Ship[] {
  return [
    ...(audit.checkpointFile === '' ? [] : [shipToFile(audit.checkpointFile)]),
    ...(audit.checkpointUrl === ''
      ? []
      : [shipToAddress(audit.checkpointUrl, audit.checkpointSecret, clock)]),
  ]
}

/** Read from the store at each scrape: whoever signs, every node tells the same; a store that is down tells nothing. */
function addLogMetrics(registry: Registry, store: LogStore, clock: Clock, ships: boolean): void {
  const age = (name: string, help: string, oldest: () => Promise<number | undefined>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const since = await oldest().catch(() => Number.NaN)
        this.set(since === undefined ? 0 : (clock.now() - since) / 1000)
      },
    })
  age(
    'ipse_audit_unsigned_seconds',
    'Age of the oldest entry of an audit log that no checkpoint covers.',
    () => store.oldestUnsigned(),
  )
  if (ships)
    age(
      'ipse_audit_unshipped_seconds',
      'Age of the oldest checkpoint that has not left this machine.',
      async () => (await store.listUnsentCheckpoints(1))[0]?.time,
    )
}

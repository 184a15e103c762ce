/**
 * Takes checkpoints off this machine, so that whoever rules it cannot take them back: appended to a file on another one, or
 * sent to an address. Every checkpoint is tried until it has arrived, in order, with longer and longer pauses.
 */
import { createHmac } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import type { Clock } from '../deps.ts'
import type { CheckpointRecord, LogStore } from '../store/log-records.ts'

/** @param signal gives up what is on the way */
export type Ship = (checkpoint: CheckpointRecord, signal?: AbortSignal) => Promise<void>

/** Checkpoints that one round ships at most. */
const BATCH = 100
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 3_600_000
/** An address that takes longer to answer has not answered, milliseconds. */
const ANSWER_LIMIT_MS = 10_000

/** Signed notes one after the other, each followed by an empty line. */
export function shipToFile(path: string): Ship {
  return ({ note }) => appendFile(path, `${note}\n`, { mode: 0o644, flush: true })
}

/**
 * POST of the signed note, with the headers of Standard Webhooks: `webhook-id`, `webhook-timestamp` (seconds) and
 * `webhook-signature: v1,` base64 of HMAC-SHA256(secret, id.timestamp.body). Redirects are not followed.
 */
export function shipToAddress(url: string, secret: string, clock: Clock, send: typeof fetch = fetch): Ship {
  return async ({ tenant, size, note }, stop) => {
    const limit = AbortSignal.timeout(ANSWER_LIMIT_MS)
    const id = `checkpoint-${encodeURIComponent(tenant)}-${size}`
    const timestamp = String(Math.floor(clock.now() / 1000))
    const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${note}`).digest('base64')
    const { ok, status } = await send(url, {
      method: 'POST',
      redirect: 'error',
      signal: stop ? AbortSignal.any([stop, limit]) : limit,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${mac}`,
      },
      body: note,
    })
    if (!ok) throw new Error(`the address of checkpoints answered ${status}`)
  }
}

export interface Shipping {
  /** Ships what waits, unless it is too early after a failure. @throws what the first failure was; the rest waits */
  round(signal?: AbortSignal): Promise<number>
}

export function createShipping(
  store: Pick<LogStore, 'listUnsentCheckpoints' | 'markCheckpointSent'>,
  clock: Clock,
  ways: readonly Ship[],
): Shipping {
  let failures = 0
  let notBefore = Number.NEGATIVE_INFINITY
  return {
    async round(signal) {
      if (ways.length === 0 || clock.monotonicMs() < notBefore) return 0
      let shipped = 0
      try {
        for (const checkpoint of await store.listUnsentCheckpoints(BATCH)) {
          for (const ship of ways) await ship(checkpoint, signal)
          await store.markCheckpointSent(checkpoint, clock.now())
          shipped++
        }
        failures = 0
        return shipped
      } catch (error) {
        const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures)
        failures++
        notBefore = clock.monotonicMs() + pause
        throw error
      }
    },
  }
}

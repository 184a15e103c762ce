/** What a capture conversation works with. */
import type { Engine } from '@ipse/engine'
import type { Decision, ErrorCode } from '@ipse/protocol'
import type { Refusal } from '../attestation/refusals.ts'
import type { AttestationTrust } from '../attestation/trust.ts'
import type { Clock, Random } from '../deps.ts'
import type { DayKeys } from '../keys/day-keys.ts'
import type { Keys } from '../keys/keys.ts'
import type { Settings } from '../settings.ts'
import type { Store } from '../store/store.ts'
import type { Vault } from '../vault/vault.ts'
import type { Auditor } from '../work/audit.ts'
import type { EngineQueue } from '../work/engine-queue.ts'
import type { PolicyBook } from '../work/policy-book.ts'
import type { RolloutWatch } from '../work/rollout-watch.ts'

export interface CaptureContext {
  readonly engine: Engine
  readonly queue: EngineQueue
  readonly store: Store
  readonly keys: Keys
  readonly vault: Vault
  readonly dayKeys: DayKeys
  readonly clock: Clock
  readonly random: Random
  readonly settings: Settings
  readonly policies: PolicyBook
  readonly rollout: RolloutWatch
  readonly auditor: Auditor
  readonly attestation: AttestationTrust
  /** Told about every end of a capture; for metrics and log. */
  readonly report: {
    decided(sessionId: string, decision: Decision): void
    /** A device's proof that does not hold; the capture goes on without it. */
    unattested(sessionId: string, refusal: Refusal): void
    refused(sessionId: string | undefined, code: ErrorCode, cause: unknown): void
  }
}

/** http(s) and ws(s) forms of the capture address. */
export function captureAddress(
  publicUrl: string,
  path: string,
): { readonly http: string; readonly ws: string } {
  const http = `${publicUrl}${path}`
  return { http, ws: http.replace(/^http/, 'ws') }
}

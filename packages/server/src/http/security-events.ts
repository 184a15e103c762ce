/**
 * What security monitoring counts, as a closed list: `ipse_security_events_total`. Who it was is in the log and in the audit
 * log; here are numbers only. deploy/prometheus/ipse.rules.yml raises alerts by them, docs/incident.md says what follows.
 */
import { BARRIERS, IpseError } from '@ipse/protocol'

export const SECURITY_EVENTS = {
  'credential-refused': 'A request with a credential that was missing or wrong (401).',
  'scope-refused': 'A caller asked for what it may not do (403).',
  'request-limited': 'A caller was over a limit (429).',
  'capture-barred': 'A capture met a lock-out, a block or a limit.',
  'attestation-refused': "A device's proof that did not hold.",
  'canary-taken-back': 'The guard took a policy back that did worse.',
} as const
export type SecurityEvent = keyof typeof SECURITY_EVENTS

/** @param status of the answer */
export function eventOfStatus(status: number): SecurityEvent | undefined {
  if (status === 401) return 'credential-refused'
  if (status === 403) return 'scope-refused'
  return status === 429 ? 'request-limited' : undefined
}

/** Why a capture was refused; the device hears less. */
export function isBarred(cause: unknown): boolean {
  return cause instanceof IpseError && (BARRIERS as readonly string[]).includes(cause.code)
}

/**
 * Does the device of a further attempt describe itself as the first one did? Attack stopped: one device that answers as a
 * person would, and another that goes on with its key. The description is kept as a keyed hash over the session's id, so
 * that it tells nothing and compares with no other session; it is forgotten when the session ends.
 */
import type { CaptureFacts } from '@ipse/protocol'
import { describeDevice } from '../domain/device-description.ts'
import { equalMacs } from '../keys/keys.ts'
import type { SessionChange, SessionRecord } from '../store/store.ts'
import type { CaptureContext } from './context.ts'

export interface Described {
  /** Undefined when no earlier attempt described its device. */
  readonly otherwise: boolean | undefined
  /** Keeps the first description; what comes later never replaces it. */
  readonly change: SessionChange
}

/** @param facts undefined when the attempt ended before the device said anything */
export function compareDescription(
  { keys }: Pick<CaptureContext, 'keys'>,
  { id, descriptionMac }: Pick<SessionRecord, 'id' | 'descriptionMac'>,
  facts: CaptureFacts | undefined,
): Described {
  if (facts === undefined) return { otherwise: undefined, change: {} }
  const mac = keys.mac('device-description', [id, describeDevice(facts)])
  return descriptionMac === undefined
    ? { otherwise: undefined, change: { descriptionMac: mac } }
    : { otherwise: !equalMacs(descriptionMac, mac), change: {} }
}

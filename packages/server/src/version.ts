/** Versions that the service states about itself. */
import { CAPTURE_PROTOCOL } from '@ipse/protocol'

/** Version of this package; all packages of Ipse share it. */
export const VERSION = '0.1.0'

/** Oldest `<ipse-check>` that may run a capture, and the newest; docs/protocol.md says how long an old one may. */
export const MINIMUM_SDK = '0.1.0'
export const CURRENT_SDK = VERSION

/** Capture protocols that are served. One: an element and its service come from one release. */
export const CAPTURE_PROTOCOLS: readonly string[] = [CAPTURE_PROTOCOL]

export function isServedProtocol(protocol: string): boolean {
  return CAPTURE_PROTOCOLS.includes(protocol)
}

/** Name and version as an SDK states them in `hello`, for example `ipse-web/0.1.0`. */
const SDK = /^([a-z][a-z0-9-]{0,31})\/(\d{1,4})\.(\d{1,4})\.(\d{1,4})$/

/** Whether it is such a statement at all. */
export function isSdk(text: string): boolean {
  return SDK.test(text)
}

/** Whether an SDK's own statement is well formed and not older than {@link MINIMUM_SDK}. */
export function isServedSdk(sdk: string): boolean {
  const match = SDK.exec(sdk)
  if (!match) return false
  const minimum = MINIMUM_SDK.split('.').map(Number)
  const version = match.slice(2).map(Number)
  for (const [index, part] of version.entries()) {
    const least = minimum[index] ?? 0
    if (part !== least) return part > least
  }
  return true
}

/** W3C Trace Context (Recommendation of 2021-11-23): the `traceparent` header, which names one trace across services. */

export interface Trace {
  /** 32 lower-case hex digits, the same in every service that the trace passes. */
  readonly traceId: string
  /** 16 lower-case hex digits, of the one call. */
  readonly parentId: string
  /** Whether the caller records this trace. */
  readonly sampled: boolean
}

/** `version-traceId-parentId-flags`; what follows is for versions after 00 (§4.3). */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const SAMPLED = 1

/** Undefined for anything that the standard lets nobody go on with: a new trace begins then (§4.3). */
export function parseTraceparent(header: unknown): Trace | undefined {
  const [, version, traceId = '', parentId = '', flags = '', more] =
    (typeof header === 'string' && header.length <= 512 && TRACEPARENT.exec(header)) || []
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 }
}

export function formatTraceparent({ traceId, parentId, sampled }: Trace): string {
  return `00-${traceId}-${parentId}-${sampled ? '01' : '00'}`
}

/** The next call of a trace; of a new one, which nobody records yet, when there is none. */
export function nextTrace(before: Trace | undefined, bytes: (length: number) => Uint8Array): Trace {
  const parentId = identifier(8, bytes)
  if (before) return { ...before, parentId }
  return { traceId: identifier(16, bytes), parentId, sampled: false }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Random, and never all zero: that means "none" (§3.2.2.3). */
function identifier(length: number, bytes: (length: number) => Uint8Array): string {
  for (;;) {
    const drawn = bytes(length)
    if (drawn.some((byte) => byte !== 0)) return drawn.reduce((text, byte) => text + HEX[byte], '')
  }
}

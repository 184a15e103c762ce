/** The trace that a request belongs to: its caller's, or a new one. Every log line of the request names it. */
import type { IncomingMessage } from 'node:http'
import { nextTrace, parseTraceparent, type Trace } from '@ipse/protocol'
import type { Random } from '../deps.ts'

const traces = new WeakMap<IncomingMessage, Trace>()

/** Our own part of the trace: the caller's trace id, a call id of our own. The same for the whole request. */
export function traceOf(request: IncomingMessage, random: Random): Trace {
  const known = traces.get(request)
  if (known) return known
  const trace = nextTrace(parseTraceparent(request.headers.traceparent), (length) => random.bytes(length))
  traces.set(request, trace)
  return trace
}

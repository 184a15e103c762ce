/**
 * One HTTP call to Ipse with everything that goes wrong on a network: a total deadline, retries with exponential
 * backoff and full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"), Retry-After (RFC 9110 §10.2.3).
 * Only what the error registry calls `retry: 'same'` and faults of the network are sent again, all under one trace id.
 */
import {
  formatTraceparent,
  IpseError,
  type Json,
  nextTrace,
  parseTraceparent,
  type Trace,
} from '@ipse/protocol'
import { errorFrom } from './problem.ts'

export interface Transport {
  /** Service address, with `/` at its end. */
  readonly base: string
  readonly apiKey: string
  /** Total time for a call with all its repetitions, milliseconds. */
  readonly timeoutMs: number
  /** How often a call is sent again at most. */
  readonly retries: number
  readonly fetch: typeof fetch
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Relative to the service address, without a leading slash. */
  readonly path: string
  readonly body?: unknown
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
  /** The caller's own place in a trace (W3C Trace Context); a new trace begins without. */
  readonly traceparent?: string
  /** Ipse names it in its log and in its answer instead of one of its own. */
  readonly requestId?: string
  /** Public documents are asked for without the API key. */
  readonly public?: boolean
  /** What the answer is when it is not JSON: it is given as it is. */
  readonly answer?: keyof typeof ACCEPTED
}

const ACCEPTED = { text: 'text/plain', picture: 'image/jpeg' } as const

/** First pause before a repetition, milliseconds; doubles each time, the real pause is drawn from [0, that]. */
const FIRST_PAUSE_MS = 200
/** No single drawn pause is longer, milliseconds. */
const LONGEST_PAUSE_MS = 5_000

/**
 * Sends the call and returns the parsed JSON answer; a text, or the bytes of a picture, where the call says so.
 * @throws IpseError with the code of the service's problem document, whose `cause` it is; `connection_lost` when no
 * answer of Ipse came within the deadline; the signal's reason when the caller aborted
 */
export async function request(transport: Transport, call: Call): Promise<Json | Uint8Array> {
  const deadline = performance.now() + transport.timeoutMs
  const trace = nextTrace(parseTraceparent(call.traceparent), drawBytes)
  /** What the service itself said last: more use to the caller than that the last repetition came too late. */
  let told: IpseError | undefined
  for (let attempt = 0; ; attempt++) {
    const failure = await send(transport, call, deadline, nextTrace(trace, drawBytes)).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    )
    if ('answer' in failure) return failure.answer
    const { error } = failure
    call.signal?.throwIfAborted()
    if (!(error instanceof IpseError)) throw error
    if (error.code !== 'connection_lost') told = error
    if (error.retry !== 'same' || attempt >= transport.retries) throw told ?? error
    const pauseMs = error.retryAfterMs ?? drawPause(attempt)
    if (performance.now() + pauseMs >= deadline) throw told ?? error
    await pause(pauseMs, call.signal)
  }
}

async function send(
  transport: Transport,
  call: Call,
  deadline: number,
  trace: Trace,
): Promise<Json | Uint8Array> {
  const { base, apiKey } = transport
  const limit = AbortSignal.timeout(Math.max(1, Math.ceil(deadline - performance.now())))
  const headers: Record<string, string> = {
    accept:
      call.answer === undefined ? 'application/json' : `${ACCEPTED[call.answer]}, application/problem+json`,
    traceparent: formatTraceparent(trace),
  }
  if (!call.public) headers.authorization = `Bearer ${apiKey}`
  if (call.body !== undefined) headers['content-type'] = 'application/json'
  if (call.idempotencyKey !== undefined) headers['idempotency-key'] = call.idempotencyKey
  if (call.requestId !== undefined) headers['x-request-id'] = call.requestId
  try {
    const response = await transport.fetch(new URL(call.path, base), {
      method: call.method,
      headers,
      signal: call.signal ? AbortSignal.any([call.signal, limit]) : limit,
      // A redirect would carry the API key to an address that nobody configured.
      redirect: 'error',
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    })
    if (response.ok && call.answer === 'picture') return new Uint8Array(await response.arrayBuffer())
    const text = await response.text()
    if (!response.ok) throw errorFrom(response, text)
    if (call.answer === 'text') return text
    return text === '' ? null : parse(text)
  } catch (cause) {
    if (cause instanceof IpseError) throw cause
    const what = limit.aborted ? `no answer within ${transport.timeoutMs} ms` : 'the service was not reached'
    throw new IpseError('connection_lost', `${call.method} ${call.path}: ${what}`, { cause })
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new IpseError('connection_lost', 'the answer is not JSON: is this the address of Ipse?', { cause })
  }
}

function drawBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}

function drawPause(attempt: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt)
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

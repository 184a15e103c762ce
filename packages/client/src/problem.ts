/** From an HTTP answer that is not a success to an IpseError: RFC 9457 problem documents, Retry-After, foreign proxies. */
import { ERRORS, type ErrorCode, IpseError, type Problem } from '@ipse/protocol'

/** Longest Retry-After that is believed, milliseconds; a longer one ends the call anyway, by its deadline. */
const LONGEST_WAIT_MS = 3_600_000

/** Never throws: an answer that is not Ipse's own becomes an error too. `cause` is the problem document. */
export function errorFrom(response: Response, text: string): IpseError {
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'))
  const options = retryAfterMs === undefined ? {} : { retryAfterMs }
  const problem = parseProblem(text)
  if (!problem) return new IpseError(foreignCode(response.status), foreignDetail(response.status), options)
  const code = isErrorCode(problem.code) ? problem.code : foreignCode(response.status)
  return new IpseError(code, sentence(problem, code), { ...options, cause: problem })
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}

function parseProblem(text: string): Problem | undefined {
  try {
    const value = JSON.parse(text) as Partial<Problem> | null
    return typeof value?.code === 'string' && typeof value.title === 'string' ? (value as Problem) : undefined
  } catch {
    return undefined
  }
}

function sentence(problem: Problem, code: string): string {
  const fields = (problem.errors ?? []).map(({ at, message }) => `${at}: ${message}`)
  const unknown = problem.code === code ? [] : [`code ${problem.code}`]
  const request = problem.requestId ? [`request ${problem.requestId}`] : []
  const notes = [...fields, ...unknown, ...request]
  return `${problem.detail ?? problem.title}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`
}

/** What to call an answer that something between us and Ipse gave, or that a newer Ipse gave with an unknown code. */
function foreignCode(status: number): ErrorCode {
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not_found'
  if (status === 413) return 'payload_too_large'
  if (status === 429) return 'rate_limited'
  return status >= 500 ? 'connection_lost' : 'invalid_request'
}

function foreignDetail(status: number): string {
  return `HTTP ${status} without a problem document of Ipse: a proxy or another service answered`
}

/** Seconds or an HTTP date, as milliseconds from now. */
function parseRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined
  const waitMs = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(waitMs) ? Math.min(LONGEST_WAIT_MS, Math.max(0, waitMs)) : undefined
}

/** Errors to RFC 9457 problem documents. Our own faults are logged in full and answered without detail. */
import { ERRORS, type ErrorCode, IpseError, type Problem } from '@ipse/protocol'
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

export function problemOf(error: IpseError, requestId: string, errors?: Problem['errors']): Problem {
  const { status, title, advice, retry } = ERRORS[error.code]
  return {
    type: `urn:ipse:error:${error.code}`,
    title,
    status: httpStatus(status),
    code: error.code,
    ...(error.expose && error.message !== title ? { detail: error.message } : {}),
    advice,
    retry,
    requestId,
    ...(errors === undefined ? {} : { errors }),
  }
}

/** Codes of the browser carry no HTTP status; should one ever get here it is our fault. */
function httpStatus(status: number): number {
  return status >= 400 ? status : 500
}

/** Fastify's and our own errors as ours. */
export function toIpseError(error: unknown): IpseError {
  if (error instanceof IpseError) return error
  const { code, statusCode, validation } = error as Partial<FastifyError>
  const as = (ours: ErrorCode, detail?: string) => new IpseError(ours, detail, { cause: error })
  if (validation) return as('invalid_request')
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || statusCode === 413) return as('payload_too_large')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' || statusCode === 415) return as('unsupported_media')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return as('invalid_request', 'the request is not well formed')
  return as('internal')
}

/** What the log may hold of an error: no request, no properties, only where it came from. */
export function loggable(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: 'unknown' }
  const { name, message, stack, cause } = error
  return { name, message, stack, ...(cause === undefined ? {} : { cause: loggable(cause) }) }
}

function validationErrors(error: unknown): Problem['errors'] {
  const { validation, validationContext } = error as Partial<FastifyError>
  return validation?.slice(0, 20).map(({ instancePath, message, params }) => {
    const extra = (params as { additionalProperty?: string }).additionalProperty
    const what = validationContext === 'body' ? '' : `/${validationContext ?? ''}`
    return { at: `${what}${instancePath}`, message: extra ? `unknown member ${extra}` : (message ?? 'wrong') }
  })
}

export function addProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request: FastifyRequest, reply) => {
    const ours = toIpseError(error)
    if (!ours.expose) request.log.error({ error: loggable(error), code: ours.code }, 'request failed')
    if (ours.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(ours.retryAfterMs / 1000))
    if (ours.code === 'unauthenticated' && !reply.hasHeader('www-authenticate'))
      reply.header('www-authenticate', 'Bearer')
    const problem = problemOf(ours, request.id, validationErrors(error))
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem)
  })
  app.setNotFoundHandler((request, reply) => {
    const problem = problemOf(new IpseError('not_found'), request.id)
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem)
  })
}

/** Headers of every answer, and the ids of request and trace in and out. */
import { formatTraceparent } from '@ipse/protocol'
import type { FastifyInstance } from 'fastify'
import type { Random } from '../deps.ts'
import { deprecationHeaders } from './deprecation.ts'
import { traceOf } from './trace.ts'

/** Two years, as browsers' preload lists ask for, seconds. */
const HSTS_SECONDS = 63_072_000

/**
 * What every answer bears; a route may say otherwise. Nothing here is a page, so nothing may be loaded, framed, kept or
 * used as one. Sources: OWASP Secure Headers Project, Integrity Policy (W3C), Cross-Origin isolation (HTML §7.1).
 */
export function securityHeaders(publicUrl: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy':
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    'integrity-policy': 'blocked-destinations=(script)',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), display-capture=()',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
    ...(publicUrl.startsWith('https:')
      ? { 'strict-transport-security': `max-age=${HSTS_SECONDS}; includeSubDomains; preload` }
      : {}),
  }
}

export function addHeaders(app: FastifyInstance, publicUrl: string, random: Random): void {
  const headers = securityHeaders(publicUrl)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).headers(deprecationHeaders(request.routeOptions.url ?? ''))
    reply.header('x-request-id', request.id)
    reply.header('traceparent', formatTraceparent(traceOf(request.raw, random)))
  })
}

/** A caller's request id is kept when it is harmless in a log line. */
export function isRequestId(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(text)
}

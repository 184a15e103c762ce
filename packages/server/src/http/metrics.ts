/** Numbers for monitoring, in the Prometheus format. Labels are closed lists: no ids, no tenants. */
import { timingSafeEqual } from 'node:crypto'
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { eventOfStatus, SECURITY_EVENTS, type SecurityEvent } from './security-events.ts'

/**
 * How often the delay of the event loop is looked at, milliseconds: a longer standstill is always seen. Every look wakes the
 * process up; the usual ten milliseconds cost 6 ms of CPU a second, also when nothing happens, these 0.9 (Node 24).
 */
const LOOP_DELAY_EVERY_MS = 100

export interface Metrics {
  readonly registry: Registry
  readonly captures: Counter<'decision'>
  readonly refusals: Counter<'code'>
  readonly candidates: Counter<'role' | 'decision' | 'would'>
  readonly candidateErrors: Counter
  readonly security: Counter<'event'>
}

export function addMetrics(app: FastifyInstance, token: string, queueDepth: () => number): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({
    register: registry,
    prefix: 'ipse_',
    eventLoopMonitoringPrecision: LOOP_DELAY_EVERY_MS,
  })
  const requests = new Histogram({
    name: 'ipse_http_request_seconds',
    help: 'Duration of HTTP requests.',
    labelNames: ['method', 'route', 'status'] as const,
    registers,
  })
  const captures = new Counter({
    name: 'ipse_captures_decided_total',
    help: 'Captures that were decided.',
    labelNames: ['decision'] as const,
    registers,
  })
  const refusals = new Counter({
    name: 'ipse_captures_refused_total',
    help: 'Captures that ended with an error.',
    labelNames: ['code'] as const,
    registers,
  })
  const candidates = new Counter({
    name: 'ipse_policy_candidates_total',
    help: 'Decisions while a policy was tried: what decided, and what a shadow would have decided.',
    labelNames: ['role', 'decision', 'would'] as const,
    registers,
  })
  const candidateErrors = new Counter({
    name: 'ipse_policy_candidate_errors_total',
    help: 'Failures around policies that are tried: a shadow that cannot decide, counts that cannot be written.',
    registers,
  })
  const security = new Counter({
    name: 'ipse_security_events_total',
    help: 'What security monitoring looks at.',
    labelNames: ['event'] as const,
    registers,
  })
  // From nothing, so that the first of each is an increase.
  for (const event of Object.keys(SECURITY_EVENTS)) security.inc({ event: event as SecurityEvent }, 0)
  new Gauge({
    name: 'ipse_engine_queue_images',
    help: 'Images that are measured or wait.',
    registers,
    collect() {
      this.set(queueDepth())
    },
  })
  app.addHook('onResponse', async (request, reply) => {
    const labels = {
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: String(reply.statusCode),
    }
    requests.observe(labels, reply.elapsedTime / 1000)
    const event = eventOfStatus(reply.statusCode)
    if (event !== undefined) security.inc({ event })
  })
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (!mayRead(request, token)) throw new IpseError('not_found')
    return reply.type(registry.contentType).send(await registry.metrics())
  })
  return { registry, captures, refusals, candidates, candidateErrors, security }
}

/** This machine itself, not through a proxy; others with the token from the settings, when there is one. */
function mayRead(request: FastifyRequest, token: string): boolean {
  const address = request.socket.remoteAddress ?? ''
  const forwarded =
    request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined
  if (!forwarded && /^(127\.|::1$|::ffff:127\.)/.test(address)) return true
  const [given, wanted] = [Buffer.from(request.headers.authorization ?? ''), Buffer.from(`Bearer ${token}`)]
  return token !== '' && given.length === wanted.length && timingSafeEqual(given, wanted)
}

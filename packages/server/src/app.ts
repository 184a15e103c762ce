/** The application: plug-ins in order. This file is the architecture of the server. listen/open.ts opens it to the world. */
import websocket from '@fastify/websocket'
import { newId } from '@ipse/protocol'
import fastify, { type FastifyInstance, LogController } from 'fastify'
import type { CaptureContext } from './capture/context.ts'
import type { Dependencies } from './deps.ts'
import { checkCalibratedModels, POLICIES } from './domain/policies/index.ts'
import { createGuard, requireGuards } from './http/auth.ts'
import { addConsole } from './http/console.ts'
import { createCredentials } from './http/credentials.ts'
import { addElement } from './http/element.ts'
import { addFallback, addUpgradeGuard } from './http/fallback.ts'
import { addHeaders, isRequestId } from './http/headers.ts'
import { addHealth } from './http/health.ts'
import { addJsonBodies } from './http/json-bodies.ts'
import { HTTP_LIMITS } from './http/limits.ts'
import { addMetrics } from './http/metrics.ts'
import { addOpenApi } from './http/openapi.ts'
import { addProblems, loggable } from './http/problems.ts'
import { createLimit } from './http/rate-limit.ts'
import { addRequestLog, QUIET_SERIALIZERS } from './http/request-log.ts'
import { isBarred } from './http/security-events.ts'
import { addSurfaceGuard, collectEndpoints } from './http/surface.ts'
import { traceOf } from './http/trace.ts'
import { unrouted } from './http/unrouted.ts'
import { createDayKeys } from './keys/day-keys.ts'
import { keepLogs } from './log/keep.ts'
import { showsSession } from './people/sessions.ts'
import { siteOf } from './people/site.ts'
import { addAbuseRoutes } from './routes/abuse.ts'
import { addApprovalRoutes } from './routes/approvals.ts'
import { addAuditRoutes } from './routes/audit.ts'
import { addCaptureRoute, maxMessageBytes } from './routes/capture.ts'
import { addComparisonRoutes } from './routes/comparisons.ts'
import type { App } from './routes/context.ts'
import { addDetectionRoutes } from './routes/detections.ts'
import { addKeyRoutes } from './routes/keys.ts'
import { addMediaRoutes } from './routes/media.ts'
import { addOAuthRoutes } from './routes/oauth.ts'
import { addPeopleRoutes } from './routes/people.ts'
import { addSignInRoutes } from './routes/people-sign-in.ts'
import { addPrivacyRoutes } from './routes/privacy.ts'
import { addRolloutRoutes } from './routes/rollout.ts'
import { addSessionRoutes } from './routes/sessions.ts'
import { addSubjectRoutes } from './routes/subjects.ts'
import { addWellKnownRoutes } from './routes/well-known.ts'
import type { Settings } from './settings.ts'
import { createKekCheck } from './vault/kek-check.ts'
import { keyringKeks, openVault } from './vault/open.ts'
import { createAuditor } from './work/audit.ts'
import { createEngineQueue } from './work/engine-queue.ts'
import { createPolicyBook } from './work/policy-book.ts'
import { keepRollout } from './work/rollout-upkeep.ts'
import { createRolloutWatch } from './work/rollout-watch.ts'
import { sweep } from './work/sweeper.ts'

const SWEEP_INTERVAL_MS = 60_000

export async function createServer(deps: Dependencies, settings: Settings): Promise<FastifyInstance> {
  const app = fastify({
    logger: quiet(deps.log),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 64_000,
    requestTimeout: HTTP_LIMITS.requestTimeout,
    keepAliveTimeout: HTTP_LIMITS.keepAliveTimeout,
    trustProxy: settings.server.trustedProxies.length > 0 ? [...settings.server.trustedProxies] : false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    http: HTTP_LIMITS,
    ajv: {
      customOptions: {
        removeAdditional: false,
        coerceTypes: false,
        useDefaults: false,
        allErrors: true,
        // Lengths are of UTF-16 units: to count the code points of an image of 10 MB takes 60 ms. Ajv warns of it.
        unicode: false,
        logger: false,
      },
    },
    genReqId: ({ headers }) => {
      const given = headers['x-request-id']
      return isRequestId(given) ? given : newId('request', (length) => deps.random.bytes(length))
    },
    childLoggerFactory: (logger, bindings, options, request) =>
      logger.child({ ...bindings, traceId: traceOf(request, deps.random).traceId }, options),
    ...unrouted(settings.server.publicUrl),
  })
  addJsonBodies(app)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  const files = deps.policies ?? POLICIES
  checkCalibratedModels(files, deps.engine.models)
  const policies = await createPolicyBook({ ...deps, files, development: settings.server.development })
  const kek = deps.kek ?? keyringKeks(deps)
  const queue = createEngineQueue(deps.engine, settings.engine)
  const auditor = createAuditor(deps)
  const people = { ...deps, auditor, site: siteOf(settings) }
  const dayKeys = createDayKeys(deps.keys, deps.clock)

  addFallback(app, deps.fallback)
  addRequestLog(app)
  addHeaders(app, settings.server.publicUrl, deps.random)
  addProblems(app)
  const endpoints = collectEndpoints(app)
  requireGuards(app)
  await addOpenApi(app, settings.server.apiUrl || settings.server.publicUrl)
  const maxPayload = maxMessageBytes(settings.capture.maxFrameBytes)
  await app.register(websocket, {
    options: { maxPayload, perMessageDeflate: false },
    errorHandler: ({ name, message }, _socket, request) => {
      request.log.info({ error: { name, message } }, 'socket failed')
    },
  })
  addSurfaceGuard(app, (request) => showsSession(people, request))
  addUpgradeGuard(app)

  const metrics = addMetrics(app, settings.metrics.token, () => queue.depth)
  const endLogs = keepLogs({
    ...deps,
    settings,
    publicUrl: settings.server.publicUrl,
    registry: metrics.registry,
    troubled: (error) =>
      app.log.error({ error: loggable(error) }, 'audit log: a checkpoint was not signed or shipped'),
  })
  // Of these hooks the first one added runs last: when captures and sweeps have written their last entries.
  app.addHook('onClose', endLogs)
  addHealth(app, { ...deps, checkKek: createKekCheck(kek, deps) })
  const { element, release } = addElement(app, settings)
  addConsole(app, settings)
  const credentials = createCredentials(deps, settings, people)
  const rollout = createRolloutWatch({
    ...deps,
    policies,
    counted: ({ role, decision, would = '' }) => metrics.candidates.inc({ role, decision, would }),
    troubled(error) {
      metrics.candidateErrors.inc()
      app.log.error({ error: loggable(error) }, 'a policy that is tried failed')
    },
  })
  const context = {
    ...deps,
    policies,
    rollout,
    settings,
    queue,
    auditor,
    vault: openVault({ ...deps, kek }),
    attestation: deps.attestation ?? {},
    dayKeys,
    element,
    guard: createGuard(app, credentials, {
      ...deps,
      limit: createLimit(deps.store, deps.clock, settings),
    }),
  }
  const routes = app as unknown as App
  addSessionRoutes(routes, context)
  addComparisonRoutes(routes, context)
  addDetectionRoutes(routes, context)
  addAbuseRoutes(routes, context)
  addSubjectRoutes(routes, context)
  addMediaRoutes(routes, context)
  addPrivacyRoutes(routes, context)
  addApprovalRoutes(routes, context)
  addRolloutRoutes(routes, context)
  addAuditRoutes(routes, context)
  addOAuthRoutes(app, context, credentials)
  addKeyRoutes(routes, context)
  addSignInRoutes(routes, context, people)
  addPeopleRoutes(routes, context, people)
  addWellKnownRoutes(routes, context, { endpoints, release })
  addCaptureRoute(app, { ...context, report: reporter(app, metrics) })

  const endRollout = await keepRollout({
    ...context,
    models: deps.engine.models,
    guard: settings.rollout.guard,
    rolledBack(policy) {
      metrics.security.inc({ event: 'canary-taken-back' })
      app.log.warn({ policy }, 'a canary did worse and was taken back')
    },
    troubled: (error) => app.log.error({ error: loggable(error) }, 'rollout: upkeep failed'),
  })
  app.addHook('onClose', endRollout)
  let sweeping: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    dayKeys.retire()
    kek.expire?.()
    sweeping = sweep(deps, settings).catch((error) =>
      app.log.error({ error: loggable(error) }, 'sweep failed'),
    )
  }, SWEEP_INTERVAL_MS)
  timer.unref()
  app.addHook('onClose', async () => {
    clearInterval(timer)
    await sweeping
  })
  await app.ready()
  return app
}

function quiet(log: Dependencies['log']): NonNullable<Dependencies['log']> {
  if (typeof log !== 'object') return log ?? false
  return { ...log, serializers: QUIET_SERIALIZERS }
}

function reporter(
  { log }: FastifyInstance,
  { captures, refusals, security }: ReturnType<typeof addMetrics>,
): CaptureContext['report'] {
  return {
    decided(sessionId, decision) {
      captures.inc({ decision })
      log.info({ sessionId, decision }, 'capture decided')
    },
    unattested(sessionId, refusal) {
      security.inc({ event: 'attestation-refused' })
      log.info({ sessionId, refusal }, 'attestation refused')
    },
    refused(sessionId, code, cause) {
      refusals.inc({ code })
      if (isBarred(cause)) security.inc({ event: 'capture-barred' })
      const level = code === 'internal' || code === 'engine_unavailable' ? 'error' : 'info'
      log[level]({ sessionId, code, error: loggable(cause) }, 'capture refused')
    },
  }
}

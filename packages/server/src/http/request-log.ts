/** One log line a request: method, route pattern, status, milliseconds, request id. Never a body, header, query or token. */
import type { FastifyInstance } from 'fastify'

export function addRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }
    request.log.info(line, 'request')
  })
}

/** Logger options that keep pino's own serializers from writing what came in. */
export const QUIET_SERIALIZERS = {
  req: () => ({}),
  res: () => ({}),
  err: ({ name, message, stack }: Error) => ({ type: name, message, stack: stack ?? '' }),
}

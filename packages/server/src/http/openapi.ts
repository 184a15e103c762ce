/** `/openapi.json`: OpenAPI 3.1 from the very schemas that validate. */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { VERSION } from '../version.ts'

export async function addOpenApi(app: FastifyInstance, publicUrl: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Ipse',
        version: VERSION,
        description:
          'Face liveness and face verification. Errors are problem documents (RFC 9457) with a stable `code`. Every request may bring `X-Request-Id` and `traceparent` (W3C Trace Context), which the log and the answer take over. `POST /v1/sessions` and `POST /v1/subjects/{subject}/references` take an `Idempotency-Key`, remembered for 24 hours; comparisons and detections make nothing and take none.',
      },
      servers: [{ url: publicUrl }],
      components: {
        securitySchemes: {
          relyingParty: {
            type: 'http',
            scheme: 'bearer',
            description:
              'An API key, an access token (RFC 9068), or instead of either a client certificate. Each operation names the scope it needs.',
          },
        },
      },
    },
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}

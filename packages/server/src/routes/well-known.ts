/** What anybody may know: receipt keys, and which endpoints each scenario needs. */
import { CAPTURE_PATH } from '@ipse/protocol'
import { captureAddress } from '../capture/context.ts'
import { DEPRECATED } from '../http/deprecation.ts'
import type { Release } from '../http/element.ts'
import { createSignedRelease } from '../http/signed-release.ts'
import type { Endpoints } from '../http/surface.ts'
import { CAPTURE_PROTOCOLS, CURRENT_SDK, MINIMUM_SDK, VERSION } from '../version.ts'
import type { App, RouteContext } from './context.ts'

/** Receipt keys may be cached so long, seconds; a new key is published before it signs. */
const JWKS_MAX_AGE_S = 300

export function addWellKnownRoutes(
  app: App,
  { keys, clock, settings, element }: RouteContext,
  { endpoints, release }: { readonly endpoints: Endpoints; readonly release: Release },
): void {
  const { publicUrl, apiUrl } = settings.server
  const signedRelease = createSignedRelease({ keys, clock }, publicUrl, { element, release })
  app.get('/.well-known/jwks.json', { schema: { hide: true } }, async (_request, reply) => {
    reply.header('cache-control', `public, max-age=${JWKS_MAX_AGE_S}`)
    return reply.type('application/jwk-set+json').send(JSON.stringify(keys.jwks()))
  })
  app.get('/.well-known/ipse.json', { schema: { hide: true } }, async (_request, reply) => {
    reply.header('cache-control', `public, max-age=${JWKS_MAX_AGE_S}`)
    return {
      name: 'ipse',
      version: VERSION,
      issuer: publicUrl,
      jwksUri: `${publicUrl}/.well-known/jwks.json`,
      openApi: `${apiUrl || publicUrl}/openapi.json`,
      captureProtocols: CAPTURE_PROTOCOLS,
      minimumSdk: MINIMUM_SDK,
      currentSdk: CURRENT_SDK,
      deprecated: DEPRECATED,
      element: { ...element, ...release },
      release: await signedRelease(),
      surfaces: endpoints,
      endpoints: {
        relyingParty: {
          liveness: ['POST /v1/sessions', 'GET /v1/sessions/:id', 'GET /.well-known/jwks.json'],
          verification: ['POST /v1/sessions', 'GET /v1/sessions/:id', 'GET /.well-known/jwks.json'],
          enrolment: ['POST /v1/sessions', 'GET /v1/sessions/:id', 'DELETE /v1/subjects/:subject'],
          images: ['POST /v1/comparisons', 'POST /v1/detections', 'POST /v1/subjects/:subject/references'],
        },
        browser: { capture: captureAddress(publicUrl, CAPTURE_PATH).ws, element: element.url },
        operator: ['GET /healthz', 'GET /readyz', 'GET /metrics'],
      },
    }
  })
}

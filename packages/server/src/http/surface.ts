/**
 * The three surfaces and which path belongs to which. Each can have a listener of its own; there, a path of another
 * surface does not exist. A route that belongs to none cannot be registered.
 */
import type { IncomingMessage } from 'node:http'
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** What capture devices reach, what relying parties reach, what operators and their monitoring reach. */
export const SURFACES = ['capture', 'api', 'admin'] as const
export type Surface = (typeof SURFACES)[number]

/** The first segment of a path says whose it is. */
const OWNERS: Readonly<Record<string, readonly Surface[]>> = {
  c: ['capture'],
  web: ['capture'],
  '.well-known': ['capture', 'api'],
  v1: ['api'],
  oauth: ['api'],
  admin: ['admin'],
}
/** Paths of one segment that have nothing below them. */
const LEAVES: Readonly<Record<string, readonly Surface[]>> = {
  'openapi.json': ['api'],
  healthz: ['admin'],
  readyz: ['admin'],
  metrics: ['admin'],
}

/** The surfaces of a path or route pattern; none when it is not Ipse's. */
export function surfacesOf(url: string): readonly Surface[] {
  const [, first = '', ...rest] = (url.split(/[?#]/, 1)[0] ?? '').split('/')
  if (Object.hasOwn(OWNERS, first)) return OWNERS[first]!
  return rest.length === 0 && Object.hasOwn(LEAVES, first) ? LEAVES[first]! : []
}

const arrivals = new WeakMap<IncomingMessage, readonly Surface[]>()

/** Only a listener calls this, before anybody else sees the request. */
export function setSurfaces(request: IncomingMessage, surfaces: readonly Surface[]): void {
  arrivals.set(request, surfaces)
}

/** What the listener serves at which a request arrived; all surfaces where the application listens by itself. */
export function surfacesAt(request: IncomingMessage): readonly Surface[] {
  return arrivals.get(request) ?? SURFACES
}

/** Method and path of every route, by surface: made from the routes themselves. */
export type Endpoints = Readonly<Record<Surface, readonly string[]>>

/** The list of endpoints, which grows with every route that is registered from here on. */
export function collectEndpoints(app: FastifyInstance): Endpoints {
  const endpoints: Record<Surface, string[]> = { capture: [], api: [], admin: [] }
  app.addHook('onRoute', ({ url, method }) => {
    const surfaces = surfacesOf(url)
    if (surfaces.length === 0) throw new TypeError(`${url} belongs to no surface: name it in http/surface.ts`)
    for (const verb of [method].flat())
      if (verb !== 'HEAD') for (const surface of surfaces) endpoints[surface].push(`${verb} ${url}`)
  })
  return endpoints
}

/**
 * A path of another surface is answered like one that does not exist. Judged by the route that was found, not by the
 * address as it was written: `/%761/sessions` is `/v1/sessions` too. After the WebSocket plug-in, which hangs up.
 * @param isPerson whether a request shows a person's session: for people, and for nobody else, the API is there too
 * where they sign in
 */
export function addSurfaceGuard(app: FastifyInstance, isPerson: (request: FastifyRequest) => boolean): void {
  app.addHook('onRequest', async (request) => {
    const { raw, routeOptions } = request
    if (routeOptions.url === undefined) return
    const open = surfacesAt(raw)
    if (surfacesOf(routeOptions.url).some((surface) => open.includes(surface))) return
    if (routeOptions.url.startsWith('/v1/') && open.includes('admin') && isPerson(request)) return
    throw new IpseError('not_found')
  })
}

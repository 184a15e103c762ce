/** Paths that belong to Ipse; all others may be answered by somebody else on the port that browsers reach. */
import { CAPTURE_PATH, IpseError } from '@ipse/protocol'
import type { FastifyInstance } from 'fastify'
import type { Dependencies } from '../deps.ts'
import { surfacesAt, surfacesOf } from './surface.ts'

export function isOwnPath(url: string): boolean {
  return surfacesOf(url).length > 0
}

/** WebSockets open at one path only; every other upgrade is answered like a path that does not exist. After the plug-in, which hangs up. */
export function addUpgradeGuard(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.headers.upgrade !== undefined && raw.url?.split('?', 1)[0] !== CAPTURE_PATH)
      throw new IpseError('not_found')
  })
}

/** Must be the first hook, so that the other side's answers carry their own headers. */
export function addFallback(app: FastifyInstance, fallback: Dependencies['fallback']): void {
  if (!fallback) return
  app.addHook('onRequest', async (request, reply) => {
    const { url, headers } = request.raw
    if (isOwnPath(url ?? '/') || headers.upgrade !== undefined) return
    if (!surfacesAt(request.raw).includes('capture')) return
    reply.hijack()
    fallback(request.raw, reply.raw)
  })
}

/** Paths that belong to Ipse; all others may be answered by somebody else on the same port. */
import type { FastifyInstance } from 'fastify'
import type { Dependencies } from '../deps.ts'

const OWN = /^\/(?:(?:v1|c|web|\.well-known)(?:\/|$)|(?:openapi\.json|healthz|readyz|metrics)$)/

export function isOwnPath(url: string): boolean {
  return OWN.test(url.split(/[?#]/, 1)[0] ?? '')
}

/** Must be the first hook, so that the other side's answers carry their own headers. */
export function addFallback(app: FastifyInstance, fallback: Dependencies['fallback']): void {
  if (!fallback) return
  app.addHook('onRequest', async (request, reply) => {
    if (isOwnPath(request.raw.url ?? '/')) return
    reply.hijack()
    fallback(request.raw, reply.raw)
  })
}

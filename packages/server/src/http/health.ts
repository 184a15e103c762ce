/** Is the process alive, and can it do its work? */
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance } from 'fastify'
import type { Dependencies } from '../deps.ts'

export interface HealthContext extends Pick<Dependencies, 'engine' | 'store'> {
  /** Rejects when keys cannot be wrapped and unwrapped. */
  checkKek(): Promise<unknown>
}

export function addHealth(app: FastifyInstance, { engine, store, checkKek }: HealthContext): void {
  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok' }))
  app.get('/readyz', { schema: { hide: true } }, async () => {
    await Promise.all([store.check(), checkKek()])
    if (engine.models.length === 0 || engine.operatingPoints.length === 0)
      throw new IpseError('engine_unavailable')
    return { status: 'ready' }
  })
}

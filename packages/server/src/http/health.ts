/** Is the process alive, and can it do its work? */
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance } from 'fastify'
import type { Dependencies } from '../deps.ts'
import type { KekProvider } from '../vault/kek.ts'
import { createKekCheck } from '../vault/kek-check.ts'

export function addHealth(
  app: FastifyInstance,
  {
    engine,
    store,
    clock,
    random,
    kek,
  }: Pick<Dependencies, 'engine' | 'store' | 'clock' | 'random'> & {
    readonly kek: KekProvider
  },
): void {
  const checkKek = createKekCheck(
    kek,
    (length) => random.bytes(length),
    () => clock.monotonicMs(),
  )
  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok' }))
  app.get('/readyz', { schema: { hide: true } }, async () => {
    await Promise.all([store.check(), checkKek()])
    if (engine.models.length === 0 || engine.operatingPoints.length === 0)
      throw new IpseError('engine_unavailable')
    return { status: 'ready' }
  })
}

/** The peer of the HTTP cases: Fastify with one route that reads nothing and one that takes a JSON body, no more. Answers like server-child.ts. */
import fastify from 'fastify'

const app = fastify()
app.get('/v1/sessions/:id', async ({ params }) => ({ ...(params as object), state: 'created' }))
app.post('/v1/sessions', async ({ body }, reply) => reply.code(201).send(body))
const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ total: (user + system) / 1e6 })
})
process.on('disconnect', () => app.close())
process.send?.({ url })

/**
 * Requests without vision: creating and reading sessions, beside a bare Fastify route on the same machine in the same
 * run. Ours authenticates, validates, signs a token and commits to disk; the ratio says what that costs.
 */
import { join } from 'node:path'
import { IpseClient } from '@ipse/client'
import autocannon from 'autocannon'
import { type Case, progress } from './case.ts'
import { startChild } from './child.ts'

const SECONDS = 5
const CONNECTIONS = 10

interface Load {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** Requests a second. @throws Error when any answer was not a success: refusals are fast and prove nothing */
async function requestsPerSecond(name: string, load: Load): Promise<number> {
  const result = await autocannon({ ...load, duration: SECONDS, connections: CONNECTIONS })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${name}: ${result.non2xx} answers were refusals, ${result.errors} requests failed`)
  progress(`${name}: ${Math.round(result.requests.average)} requests/s`)
  return result.requests.average
}

export async function benchHttp(): Promise<Case[]> {
  await using bare = await startChild<{ url: string }>(join(import.meta.dirname, 'bare-child.ts'))
  await using ipse = await startChild<{ url: string; apiKey: string }>(
    join(import.meta.dirname, 'server-child.ts'),
  )
  const { url, apiKey } = ipse.ready
  const { id } = await new IpseClient({ baseUrl: url, apiKey }).createSession({ purpose: 'liveness' })
  const create: Omit<Load, 'url'> = {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ purpose: 'liveness' }),
  }
  const read: Omit<Load, 'url'> = { method: 'GET', headers: { authorization: `Bearer ${apiKey}` } }
  const both = async (name: string, path: string, load: Omit<Load, 'url'>): Promise<Case> => {
    const peer = await requestsPerSecond(`${name} (bare Fastify)`, {
      ...load,
      url: `${bare.ready.url}${path}`,
    })
    const ours = await requestsPerSecond(name, { ...load, url: `${url}${path}` })
    const note = `${CONNECTIONS} connections, ${SECONDS} s each`
    return { name, unit: 'requests/s', value: ours, ratios: { fastify: ours / peer }, note }
  }
  return [
    await both('http-session-create', '/v1/sessions', create),
    await both('http-session-read', `/v1/sessions/${id}`, read),
  ]
}

/**
 * Requests without vision: creating and reading sessions, beside a bare Fastify route on the same machine in the same
 * run. Ours authenticates, validates, signs a token and commits to disk; the ratio says what that costs.
 */
import { join } from 'node:path'
import { IpseClient } from '@ipse/client'
import autocannon from 'autocannon'
import { type Case, progress } from './case.ts'
import { type Child, startChild } from './child.ts'

const SECONDS = 5
/** Enough that requests which write wait for the disk together, as the service lets them. */
const CONNECTIONS = 64
/** A service runs for days, and its first thousands of requests are spent on compiling. */
const WARM_UP = 4_000

interface Load {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** Requests a second, and requests a second of CPU of the process, all its threads included. */
interface Rate {
  readonly perSecond: number
  readonly perCpuSecond: number
}

/** @throws Error when any answer was not a success: refusals are fast and prove nothing */
async function rateOf(name: string, server: Child<unknown>, load: Load): Promise<Rate> {
  const fire = async (extent: { readonly amount: number } | { readonly duration: number }) => {
    const result = await autocannon({ ...load, ...extent, connections: CONNECTIONS })
    if (result.non2xx > 0 || result.errors > 0)
      throw new Error(`${name}: ${result.non2xx} answers were refusals, ${result.errors} requests failed`)
    return result.requests
  }
  await fire({ amount: WARM_UP })
  const before = await server.ask<{ readonly total: number }>('cpu')
  const { average, total } = await fire({ duration: SECONDS })
  const after = await server.ask<{ readonly total: number }>('cpu')
  const rate = { perSecond: average, perCpuSecond: total / (after.total - before.total) }
  progress(`${name}: ${Math.round(average)} requests/s, ${Math.round(rate.perCpuSecond)} a CPU second`)
  return rate
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
  const both = async (name: string, path: string, load: Omit<Load, 'url'>): Promise<Case[]> => {
    const peer = await rateOf(`${name} (bare Fastify)`, bare, { ...load, url: `${bare.ready.url}${path}` })
    const ours = await rateOf(name, ipse, { ...load, url: `${url}${path}` })
    const note = `${CONNECTIONS} connections, ${SECONDS} s each`
    const fastify = (part: keyof Rate) => ({ fastify: ours[part] / peer[part] })
    return [
      { name, unit: 'requests/s', value: ours.perSecond, ratios: fastify('perSecond'), note },
      {
        name: `${name}/core`,
        unit: 'requests/CPU s',
        value: ours.perCpuSecond,
        ratios: fastify('perCpuSecond'),
        note: 'CPU of all threads of the service',
      },
    ]
  }
  return [
    ...(await both('http-session-create', '/v1/sessions', create)),
    ...(await both('http-session-read', `/v1/sessions/${id}`, read)),
  ]
}

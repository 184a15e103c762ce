/** What the console asks of Ipse. The session is a cookie that no script sees; every answer is read, none is kept. */

import type { Page } from '@ipse/protocol'

/** The answer says no, or there is none. */
export class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** @throws Refused */
export async function ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const reply = await send(method, path, body)
  return (await reply.json().catch(() => ({}))) as T
}

/** What is no JSON: tiles and checkpoints of the audit log. @throws Refused */
export async function download(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await send('GET', path)).arrayBuffer())
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const reply = await fetch(path, {
    method,
    cache: 'no-store',
    credentials: 'same-origin',
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Refused(0, 'Ipse cannot be reached.')
  })
  if (reply.ok) return reply
  const { detail, title } = (await reply.json().catch(() => ({}))) as { detail?: string; title?: string }
  throw new Refused(reply.status, detail ?? title ?? 'Something went wrong.')
}

export interface Me {
  readonly id: string
  readonly name: string
  readonly tenant: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** Signs in with an identity provider. */
  readonly oidc: boolean
  readonly passkeys: readonly {
    readonly id: string
    readonly createdAt: string
    readonly lastUsedAt?: string
  }[]
}

export interface Items<T> {
  readonly items: readonly T[]
}

export interface KeyRow {
  readonly kid: string
  readonly name: string
  readonly state: string
  readonly scopes: readonly string[]
  readonly expiresAt?: string
  readonly lastUsedAt?: string
}
export interface PersonRow {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly state: string
  readonly passkeys: number
}

/** A word of one of the service's closed lists and what it means. */
export interface Named {
  readonly name: string
  readonly meaning: string
}

/** Most items of one page, as the service gives them. */
const PAGE = 100

/** The newest items of a list, page after page. */
export async function newest<T>(path: string, most: number): Promise<readonly T[]> {
  const items: T[] = []
  for (let cursor: string | undefined; items.length < most; ) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor === undefined ? {} : { cursor }) })
    const page: Page<T> = await ask('GET', `${path}?${query}`)
    items.push(...page.items)
    cursor = page.nextCursor
    if (cursor === undefined) break
  }
  return items.slice(0, most)
}

/** What the console asks of Ipse. The session is a cookie that no script sees; every answer is read, none is kept. */

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
  const answer = (await reply.json().catch(() => ({}))) as { detail?: string; title?: string }
  if (!reply.ok) throw new Refused(reply.status, answer.detail ?? answer.title ?? 'Something went wrong.')
  return answer as T
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

/** Members that the lists show; the service sends more. */
export interface SessionRow {
  readonly id: string
  readonly purpose: string
  readonly state: string
  readonly decision?: string
  readonly reasons: readonly string[]
  readonly createdAt: string
}
export interface ReviewRow {
  readonly id: string
  readonly createdAt: string
  readonly score: number
  readonly spoofTypes: readonly string[]
  readonly sessions: readonly string[]
}
export interface KeyRow {
  readonly kid: string
  readonly name: string
  readonly state: string
  readonly scopes: readonly string[]
  readonly lastUsedAt?: string
}
export interface PersonRow {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly state: string
  readonly passkeys: number
}

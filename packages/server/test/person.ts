/** People for tests: a browser that keeps one cookie, and an authenticator of their own. */
import { fromBase64url, toBase64url } from '@ipse/protocol'
import { type Invited, invite, type Role, siteOf } from '../src/index.ts'
import type { PeopleContext } from '../src/people/context.ts'
import { createAuditor } from '../src/work/audit.ts'
import { type Authenticator, type AuthenticatorForgery, createAuthenticator } from './authenticator.ts'
import { type Fixture, PUBLIC_URL, systemRandom } from './fixture.ts'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any
  readonly headers: Record<string, unknown>
}

export interface Browser {
  /** `name=value` of the session, as the browser would send it; empty when signed out. */
  cookie(): string
  /** As the console's own page asks, unless the headers say otherwise. */
  ask(method: string, url: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

export function newBrowser({ app }: Pick<Fixture, 'app'>, origin: string = PUBLIC_URL): Browser {
  const jar = new Map<string, string>()
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  return {
    cookie,
    async ask(method, url, body, headers = {}) {
      const reply = await app.inject({
        method: method as 'GET',
        url,
        headers: {
          origin,
          ...(jar.size === 0 ? {} : { cookie: cookie() }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      })
      for (const line of [reply.headers['set-cookie'] ?? []].flat()) {
        const [pair = ''] = line.split(';')
        const at = pair.indexOf('=')
        if (line.includes('Max-Age=0;')) jar.delete(pair.slice(0, at))
        else jar.set(pair.slice(0, at), pair.slice(at + 1))
      }
      const json = String(reply.headers['content-type']).includes('json')
      return { status: reply.statusCode, body: json ? reply.json() : reply.body, headers: reply.headers }
    },
  }
}

export function peopleContext({ store, keys, clock, settings }: Fixture): PeopleContext {
  const auditor = createAuditor({ keys, clock, random: systemRandom })
  return { store, keys, clock, random: systemRandom, auditor, site: siteOf(settings) }
}

export interface TestPerson extends Browser {
  readonly id: string
  readonly authenticator: Authenticator
  /** Signs in again, on the same browser or another, with whatever the forgery makes of the answer. */
  signIn(on?: Browser, forgery?: AuthenticatorForgery & { readonly userHandle?: string }): Promise<Answer>
}

export const secretOf = ({ link }: Pick<Invited, 'link'>): string => link.split('#invitation=')[1] ?? ''
export const challengeOf = (options: { challenge: string }): Uint8Array => fromBase64url(options.challenge)
const handleOf = (id: string) => toBase64url(new TextEncoder().encode(id))

/** Somebody who was invited, has registered a passkey, and is signed in. */
export async function newPerson(
  fixture: Fixture,
  roles: readonly Role[],
  tenant = 'shop',
  origin: string = PUBLIC_URL,
): Promise<TestPerson> {
  const invited = await invite(peopleContext(fixture), { tenant, name: 'Ada Lovelace', roles })
  const browser = newBrowser(fixture, origin)
  const authenticator = createAuthenticator()
  const invitation = secretOf(invited)
  const { body } = await browser.ask('POST', '/admin/invitation/options', { invitation })
  const passkey = authenticator.register(challengeOf(body.options), {
    client: { origin },
    rpId: new URL(origin).hostname,
  })
  const taken = await browser.ask('POST', '/admin/invitation', { invitation, passkey })
  if (taken.status !== 200) throw new Error(JSON.stringify(taken.body))
  const { id } = invited.person
  let counter = 0
  return {
    ...browser,
    id,
    authenticator,
    async signIn(on = browser, { userHandle = handleOf(id), ...forgery } = {}) {
      const options = await on.ask('POST', '/admin/sign-in/options', {})
      const answer = authenticator.assert(challengeOf(options.body), { counter: ++counter, ...forgery })
      return on.ask('POST', '/admin/sign-in', { ...answer, userHandle })
    },
  }
}

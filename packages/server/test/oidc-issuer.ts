/** A small OpenID Connect issuer on loopback: code flow, PKCE, one user at a time. Strict, so that a careless client fails. */
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

import { compact, newSigner, type Signer, signWith } from './tokens.ts'

export const CLIENT_ID = 'ipse-console'
export const CLIENT_SECRET = 'a secret of the client'

interface Grant {
  readonly challenge: string
  readonly redirect: string
  readonly nonce: string
}

export interface Issuer extends AsyncDisposable {
  readonly url: string
  /** Claims of whoever signs in next. */
  user: Record<string, unknown>
  /** What the next ID tokens say instead, or are signed with. */
  forgery: { readonly claims?: Record<string, unknown>; readonly signer?: Signer; readonly alg?: string }
  /** Codes that were exchanged. */
  readonly exchanged: number
  /** Signs the user in: from the address that the console sends a browser to, to the one that it is sent back to. */
  authorize(url: string): Promise<string>
}

export async function startIssuer(): Promise<Issuer> {
  const signer = newSigner('ES256')
  const grants = new Map<string, Grant>()
  let exchanged = 0
  const state: Pick<Issuer, 'user' | 'forgery'> = { user: {}, forgery: {} }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    const json = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (pathname === '/.well-known/openid-configuration')
      return json({
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      })
    if (pathname === '/jwks') return json({ keys: [signer.jwk] })
    if (pathname === '/authorize') {
      const param = (name: string) => searchParams.get(name) ?? ''
      const asked = [param('response_type'), param('client_id'), param('code_challenge_method')]
      if (asked.join() !== `code,${CLIENT_ID},S256`) return json({ error: 'invalid_request' }, 400)
      const code = randomUUID()
      grants.set(code, {
        challenge: param('code_challenge'),
        redirect: param('redirect_uri'),
        nonce: param('nonce'),
      })
      const back = new URLSearchParams({ code, state: param('state'), iss: url })
      return response.writeHead(303, { location: `${param('redirect_uri')}?${back}` }).end()
    }
    if (pathname === '/token') return token(await formOf(request), json)
    return json({}, 404)
  })

  async function token(form: URLSearchParams, json: (value: unknown, status?: number) => unknown) {
    const grant = grants.get(form.get('code') ?? '')
    grants.delete(form.get('code') ?? '')
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const secret = form.get('client_id') === CLIENT_ID && form.get('client_secret') === CLIENT_SECRET
    if (!secret) return json({ error: 'invalid_client' }, 401)
    if (!grant || grant.challenge !== verifier || grant.redirect !== form.get('redirect_uri'))
      return json({ error: 'invalid_grant' }, 400)
    exchanged++
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: url, aud: CLIENT_ID, iat: now, exp: now + 60, nonce: grant.nonce, ...state.user }
    const { signer: by = signer, alg = 'ES256', claims: changed } = state.forgery
    const header = { alg, kid: signer.kid }
    const idToken =
      alg === 'none'
        ? compact(header, { ...claims, ...changed }, () => Buffer.alloc(0))
        : compact(header, { ...claims, ...changed }, signWith(by))
    return json({ access_token: 'none of ours', token_type: 'Bearer', expires_in: 60, id_token: idToken })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(state, {
    url,
    get exchanged() {
      return exchanged
    },
    async authorize(address: string) {
      const reply = await fetch(address, { redirect: 'manual' })
      return reply.headers.get('location') ?? ''
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) text += chunk
  return new URLSearchParams(text)
}

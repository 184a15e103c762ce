/** `/oauth/token`: a registered client exchanges an assertion it has signed for an access token (RFC 6749 §4.4, RFC 7523). */
import { type ErrorCode, IpseError } from '@ipse/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { networkOf } from '../domain/abuse/network.ts'
import { type Credentials, noteRefusal } from '../http/credentials.ts'
import { askForNonce } from '../http/dpop-nonce.ts'
import { problemOf, toIpseError } from '../http/problems.ts'
import { createTokenLimit } from '../http/rate-limit.ts'
import { ACCESS_TOKEN_LIFETIME_S, type Confirmation } from '../identity/access-tokens.ts'
import { certificateThumbprint } from '../identity/certificate.ts'
import { authenticateAssertion } from '../identity/client-assertion.ts'
import { isRefused } from '../identity/refusal.ts'
import { isScope, SCOPE_NAMES, type Scope } from '../identity/scopes.ts'
import { TOKEN_ALGORITHMS } from '../identity/strict-jwt.ts'
import type { ClientRecord } from '../store/store.ts'
import type { RouteContext } from './context.ts'

export const TOKEN_PATH = '/oauth/token'
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** An assertion and a few words. */
const BODY_BYTES = 20_000

/** RFC 6749 §5.2, RFC 9449 §5 and §8, and what the same is called in our registry. */
const OAUTH_ERRORS = {
  invalid_request: 'invalid_request',
  unsupported_grant_type: 'invalid_request',
  invalid_client: 'unauthenticated',
  invalid_dpop_proof: 'unauthenticated',
  use_dpop_nonce: 'unauthenticated',
  invalid_scope: 'forbidden',
} as const satisfies Readonly<Record<string, ErrorCode>>

class OAuthRefusal extends Error {
  readonly error: keyof typeof OAUTH_ERRORS
  constructor(error: keyof typeof OAUTH_ERRORS) {
    super(error)
    this.error = error
  }
}

export function addOAuthRoutes(app: FastifyInstance, context: RouteContext, credentials: Credentials): void {
  const { settings } = context
  const { publicUrl } = settings.server
  const endpoint = `${settings.server.apiUrl || publicUrl}${TOKEN_PATH}`
  const limit = createTokenLimit(context.store, context.clock, settings)

  app.get('/.well-known/oauth-authorization-server', { schema: { hide: true } }, async () => ({
    issuer: publicUrl,
    token_endpoint: endpoint,
    jwks_uri: `${publicUrl}/.well-known/jwks.json`,
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: TOKEN_ALGORITHMS,
    scopes_supported: SCOPE_NAMES,
    dpop_signing_alg_values_supported: ['ES256'],
    tls_client_certificate_bound_access_tokens: true,
  }))

  // Forms are read here and nowhere else.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: BODY_BYTES },
      (_request, body, done) => done(null, parseForm(String(body))),
    )
    scope.setErrorHandler((error, request, reply) => answerError(error, request, reply))
    const onRequest = ({ ip }: FastifyRequest, reply: FastifyReply) => limit.ofNetwork(networkOf(ip), reply)
    scope.post(TOKEN_PATH, { onRequest, schema: { hide: true } }, async (request, reply) => {
      const form = request.body as ReadonlyMap<string, string> | undefined
      const grant = form?.get('grant_type')
      if (!form || grant === undefined) throw new OAuthRefusal('invalid_request')
      if (grant !== 'client_credentials') throw new OAuthRefusal('unsupported_grant_type')
      const client = await clientOf(context, request, form, [endpoint, publicUrl])
      await limit.ofClient(client.id, reply)
      const granted = grantedScopes(client, form.get('scope'))
      const confirmation = await confirm(credentials, request, reply)
      return {
        access_token: await credentials.tokens.issue(client, granted, confirmation),
        token_type: confirmation.jkt === undefined ? 'Bearer' : 'DPoP',
        expires_in: ACCESS_TOKEN_LIFETIME_S,
        scope: granted.join(' '),
      }
    })
  })
}

/** Undefined when a parameter comes twice (RFC 6749 §3.2). */
function parseForm(body: string): ReadonlyMap<string, string> | undefined {
  const pairs = [...new URLSearchParams(body)]
  const form = new Map(pairs)
  return form.size === pairs.length ? form : undefined
}

async function clientOf(
  { store, clock }: RouteContext,
  request: FastifyRequest,
  form: ReadonlyMap<string, string>,
  audiences: readonly string[],
): Promise<ClientRecord> {
  if (form.get('client_assertion_type') !== ASSERTION_TYPE) throw new OAuthRefusal('invalid_client')
  const expectation = { audiences, now: clock.now(), address: request.ip }
  const client = await authenticateAssertion(store, form.get('client_assertion'), expectation)
  const named = form.get('client_id')
  if (isRefused(client) || (named !== undefined && named !== client.id)) {
    noteRefusal(request, isRefused(client) ? client : { refused: true, why: 'token', id: client.id })
    throw new OAuthRefusal('invalid_client')
  }
  return client
}

/** What was asked for, all of it or nothing; all that the client has when nothing was asked for. */
function grantedScopes({ scopes }: ClientRecord, wish: string | undefined): Scope[] {
  const wanted = wish === undefined ? scopes : wish.split(' ')
  if (!wanted.every((scope) => scopes.includes(scope))) throw new OAuthRefusal('invalid_scope')
  return [...new Set(wanted.filter(isScope))]
}

/** Binds the token to the key of a DPoP proof, or to the certificate that the client has shown, where there is one. */
async function confirm(
  credentials: Credentials,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Confirmation> {
  if (request.headers.dpop !== undefined) {
    const jkt = await credentials.proofOf(request)
    if (typeof jkt !== 'string') {
      if (jkt.why === 'nonce') askForNonce(reply, credentials.nonces)
      throw new OAuthRefusal(jkt.why === 'nonce' ? 'use_dpop_nonce' : 'invalid_dpop_proof')
    }
    return { jkt }
  }
  const shown = credentials.certificateOf(request)
  return shown === undefined ? {} : { 'x5t#S256': certificateThumbprint(shown) }
}

/** The words of RFC 6749 in front, our problem document behind them. */
function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  const refused = error instanceof OAuthRefusal ? error.error : undefined
  const ours = refused === undefined ? toIpseError(error) : new IpseError(OAUTH_ERRORS[refused])
  if (!ours.expose) throw error
  const problem = problemOf(ours, request.id)
  const limited = ours.code === 'rate_limited'
  if (limited) reply.header('retry-after', Math.ceil((ours.retryAfterMs ?? 0) / 1000))
  // RFC 6749 §5.2: a client that could not be authenticated gets 401, everything else 400; §4.1.2.1 has the word for too much.
  const status = limited ? problem.status : refused === 'invalid_client' ? 401 : 400
  const word = limited ? 'temporarily_unavailable' : (refused ?? 'invalid_request')
  return reply
    .code(status)
    .type('application/json')
    .send({ error: word, error_description: problem.title, ...problem, status })
}

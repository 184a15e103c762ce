/** From a request to its caller: API key, access token, client certificate or a person's session. A bad credential is never passed over for another. */
import { IpseError } from '@ipse/protocol'
import type { FastifyRequest } from 'fastify'
import { parseAddressList } from '../addresses.ts'
import type { Dependencies } from '../deps.ts'
import { type AccessTokens, createAccessTokens, type TokenHolder } from '../identity/access-tokens.ts'
import { authenticateKey, looksLikeApiKey } from '../identity/api-keys.ts'
import { certificateThumbprint, type PeerCertificate, peerCertificate } from '../identity/certificate.ts'
import { authenticateCertificate, authenticateClient } from '../identity/clients.ts'
import { MAX_CLOCK_SKEW_S, verifyProof } from '../identity/proof.ts'
import { isRefused, type Refused } from '../identity/refusal.ts'
import { reasonOf } from '../identity/strict-jwt.ts'
import type { PeopleContext } from '../people/context.ts'
import { authenticatePerson, showsSession } from '../people/sessions.ts'
import type { Settings } from '../settings.ts'
import type { ClientRecord } from '../store/store.ts'
import type { Caller } from './caller.ts'
import { createNonces, type Nonces } from './dpop-nonce.ts'
import { surfacesAt } from './surface.ts'

/** One form for all three, the credential after it untouched. */
const AUTHORIZATION = /^(Bearer|DPoP) ([\x21-\x7e]+)$/

export interface Credentials {
  readonly tokens: AccessTokens
  /** Where proofs must bring one. */
  readonly nonces: Nonces | undefined
  /** Never throws for a bad credential: that is `Refused`. @throws IpseError `storage_unavailable` */
  authenticate(request: FastifyRequest): Promise<Caller | Refused>
  certificateOf(request: FastifyRequest): PeerCertificate | undefined
  /** Thumbprint of the key that a DPoP proof shows, or a refusal. @param token that the proof goes with */
  proofOf(request: FastifyRequest, token?: string): Promise<string | Refused>
}

export function createCredentials(
  { store, keys, clock, random }: Dependencies,
  settings: Settings,
  people: Pick<PeopleContext, 'store' | 'keys' | 'clock' | 'site'>,
): Credentials {
  const { publicUrl, apiUrl, trustedProxies, proxyClientCertificates } = settings.server
  const nonces = settings.oauth.dpopNonce ? createNonces(keys, clock) : undefined
  const tokens = createAccessTokens({ keys, clock, random }, settings)
  const proxies = parseAddressList(proxyClientCertificates ? trustedProxies : [])
  const certificateOf = ({ raw }: FastifyRequest) => peerCertificate(raw.socket, raw.headers, proxies)

  async function proofOf({ raw, method }: FastifyRequest, token?: string): Promise<string | Refused> {
    const now = clock.now()
    const htu = `${apiUrl || publicUrl}${raw.url?.split('?', 1)[0] ?? ''}`
    try {
      const nonce = nonces?.of(raw.headers.dpop)
      if (nonces && nonce === undefined) return { refused: true, why: 'nonce' }
      const { jkt, jti } = await verifyProof(raw.headers.dpop, {
        htm: method,
        htu,
        now,
        ...(nonce === undefined ? {} : { nonce }),
        ...(token === undefined ? {} : { token }),
      })
      const until = now + 2 * MAX_CLOCK_SKEW_S * 1000
      return (await store.useOnce('proof', `${jkt}.${jti}`, until)) ? jkt : { refused: true, why: 'replay' }
    } catch (error) {
      if (error instanceof IpseError && error.code !== 'session_token_invalid') throw error
      return { refused: true, why: 'binding' }
    }
  }

  async function authenticateToken(
    request: FastifyRequest,
    scheme: string,
    token: string,
  ): Promise<Caller | Refused> {
    let holder: TokenHolder
    try {
      holder = await tokens.verify(token)
    } catch (error) {
      return { refused: true, why: 'token', detail: reasonOf(error) }
    }
    const { client, scopes, confirmation } = holder
    // A bound token is shown with its proof, an unbound one as a bearer's: nothing in between.
    if ((scheme === 'DPoP') !== (confirmation.jkt !== undefined)) return { refused: true, why: 'binding' }
    if (confirmation.jkt !== undefined) {
      const jkt = await proofOf(request, token)
      if (typeof jkt !== 'string') return jkt
      if (jkt !== confirmation.jkt) return { refused: true, why: 'binding' }
    }
    if (confirmation['x5t#S256'] !== undefined) {
      const shown = certificateOf(request)
      if (!shown || certificateThumbprint(shown) !== confirmation['x5t#S256'])
        return { refused: true, why: 'binding' }
    }
    if ('external' in client) return { kind: 'token', id: client.external, tenant: client.tenant, scopes }
    const record = await authenticateClient(store, client.id, request.ip)
    if (isRefused(record)) return record
    // What was taken from the client after the token was issued is gone from the token too.
    return callerOfClient('token', record, scopes)
  }

  return {
    tokens,
    nonces,
    certificateOf,
    proofOf,
    async authenticate(request) {
      const { authorization } = request.raw.headers
      const surfaces = surfacesAt(request.raw)
      const person = surfaces.includes('admin') && showsSession(people, request)
      // Where only administration is served, people are let in and nobody else.
      if (person && (authorization === undefined || !surfaces.includes('api'))) {
        const signedIn = await authenticatePerson(people, request)
        if (isRefused(signedIn)) return signedIn
        const { id, tenant } = signedIn.person
        return { kind: 'person', id, tenant, scopes: signedIn.scopes }
      }
      if (!surfaces.includes('api')) return { refused: true, why: 'none' }
      if (authorization === undefined) {
        const shown = certificateOf(request)
        if (!shown) return { refused: true, why: 'none' }
        const client = await authenticateCertificate(store, shown, request.ip)
        return isRefused(client) ? client : callerOfClient('certificate', client, client.scopes)
      }
      const [, scheme = '', credential = ''] = AUTHORIZATION.exec(authorization) ?? []
      if (credential === '') return { refused: true, why: 'form' }
      if (!looksLikeApiKey(credential)) return authenticateToken(request, scheme, credential)
      if (scheme !== 'Bearer') return { refused: true, why: 'form' }
      const key = await authenticateKey(store, keys, credential, clock.now(), request.ip)
      return isRefused(key) ? key : { ...rightsOf(key), kind: 'key', id: key.kid, scopes: key.scopes }
    },
  }
}

/** The one line of the log that says what was wrong. An id that has not the form of one of ours is not repeated. */
export function noteRefusal(request: FastifyRequest, { why, id = '', detail }: Refused): void {
  const line = {
    why,
    ...(/^[\w-]{1,64}$/.test(id) ? { credential: id } : {}),
    ...(detail === undefined ? {} : { detail }),
  }
  request.log.info(line, 'not authenticated')
}

function callerOfClient(
  kind: 'certificate' | 'token',
  client: ClientRecord,
  scopes: readonly string[],
): Caller {
  const granted = scopes.filter((scope) => client.scopes.includes(scope))
  return { ...rightsOf(client), kind, id: client.id, scopes: granted }
}

function rightsOf({
  tenant,
  origins,
}: Pick<ClientRecord, 'tenant' | 'origins'>): Pick<Caller, 'tenant' | 'origins'> {
  return { tenant, ...(origins === undefined ? {} : { origins }) }
}

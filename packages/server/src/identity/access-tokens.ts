/**
 * OAuth 2 access tokens (RFC 9068): our own, of ten minutes, and those of one external issuer. Either may be bound to a
 * key (`cnf.jkt`, RFC 9449) or a certificate (`cnf.x5t#S256`, RFC 8705); then nobody else can use it.
 */
import { IpseError, newId } from '@ipse/protocol'
import { createLocalJWKSet, createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { isLoopback } from '../addresses.ts'
import type { Clock, Random } from '../deps.ts'
import { ACCESS_TOKEN_TYPE, type Keys } from '../keys/keys.ts'
import type { Settings } from '../settings.ts'
import type { ClientRecord } from '../store/store.ts'
import { isTenant } from './rights.ts'
import { isScope, type Scope } from './scopes.ts'
import { issuerOf, verifyJwt } from './strict-jwt.ts'

/** RFC 9068 leaves it open; a revoked client is refused at once anyway, a stolen token ends with this. Seconds. */
export const ACCESS_TOKEN_LIFETIME_S = 600
/** Clocks of an external issuer may differ from ours by so much, seconds. */
const EXTERNAL_SKEW_S = 30
/** An external issuer's keys are waited for so long, milliseconds; after that the token is refused. */
const JWKS_TIMEOUT_MS = 3_000
/** RFC 9068 §2.2. */
const REQUIRED = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']
const SUBJECT = /^[\x21-\x7e]{1,128}$/

/** What a token is bound to: RFC 7800 `cnf` with one member, or nothing. */
export interface Confirmation {
  readonly jkt?: string
  readonly 'x5t#S256'?: string
}

export interface TokenHolder {
  /** A registered client, whose record decides; or a client of the external issuer, for which the token decides. */
  readonly client: { readonly id: string } | { readonly external: string; readonly tenant: string }
  readonly scopes: readonly Scope[]
  readonly confirmation: Confirmation
}

export interface AccessTokens {
  issue(client: ClientRecord, scopes: readonly Scope[], confirmation: Confirmation): Promise<string>
  /** @throws an error for whatever is wrong; what it says is for the log alone */
  verify(token: string): Promise<TokenHolder>
}

/** @throws IpseError `settings_invalid` when the external issuer is named by halves, or its keys would come unprotected */
export function createAccessTokens(
  { keys, clock, random }: { keys: Keys; clock: Clock; random: Random },
  { server, oauth }: Pick<Settings, 'server' | 'oauth'>,
): AccessTokens {
  const issuer = server.publicUrl
  const ownKeys: JWTVerifyGetKey = (header, token) =>
    createLocalJWKSet({ keys: [...keys.jwks().keys] })(header, token)
  const external = externalIssuer(oauth)
  const verifyAs = (
    token: string,
    from: { keys: JWTVerifyGetKey; issuer: string; audience: string },
    skewS = 0,
  ) =>
    verifyJwt(token, {
      keys: from.keys,
      types: [ACCESS_TOKEN_TYPE, `application/${ACCESS_TOKEN_TYPE}`],
      issuer: from.issuer,
      audiences: [from.audience],
      required: REQUIRED,
      now: clock.now(),
      clockSkewS: skewS,
    })
  return {
    issue(client, scopes, confirmation) {
      const iat = Math.floor(clock.now() / 1000)
      return keys.signAccessToken({
        iss: issuer,
        aud: issuer,
        sub: client.id,
        client_id: client.id,
        tenant: client.tenant,
        scope: scopes.join(' '),
        iat,
        exp: iat + ACCESS_TOKEN_LIFETIME_S,
        jti: newId('token', (length) => random.bytes(length)),
        ...(Object.keys(confirmation).length === 0 ? {} : { cnf: confirmation }),
      })
    },
    async verify(token) {
      if (external && issuerOf(token) === external.issuer && external.issuer !== issuer) {
        const payload = await verifyAs(token, external, EXTERNAL_SKEW_S)
        const tenant = payload[oauth.tenantClaim]
        if (!isTenant(tenant)) throw new IpseError('unauthenticated', 'token: tenant')
        const client = { external: subjectOf(payload.client_id), tenant }
        return { client, scopes: scopesOf(payload), confirmation: confirmationOf(payload) }
      }
      const payload = await verifyAs(token, { keys: ownKeys, issuer, audience: issuer })
      const client = { id: subjectOf(payload.client_id) }
      return { client, scopes: scopesOf(payload), confirmation: confirmationOf(payload) }
    },
  }
}

function externalIssuer({ issuer, audience, jwksUri }: Settings['oauth']) {
  if (issuer === '' && audience === '' && jwksUri === '') return undefined
  const refuse = (what: string) => new IpseError('settings_invalid', what)
  if (issuer === '' || audience === '' || jwksUri === '')
    throw refuse('oauth.issuer, oauth.audience and oauth.jwksUri are set together or not at all')
  const url = URL.canParse(jwksUri) ? new URL(jwksUri) : undefined
  if (!url || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))))
    throw refuse('oauth.jwksUri is not an https address')
  return { issuer, audience, keys: createRemoteJWKSet(url, { timeoutDuration: JWKS_TIMEOUT_MS }) }
}

function subjectOf(value: unknown): string {
  if (typeof value !== 'string' || !SUBJECT.test(value))
    throw new IpseError('unauthenticated', 'token: client_id')
  return value
}

/** Scopes of other services may stand beside ours; they give nothing here. */
function scopesOf({ scope }: JWTPayload): Scope[] {
  if (typeof scope !== 'string') throw new IpseError('unauthenticated', 'token: scope')
  return scope.split(' ').filter(isScope)
}

/** A confirmation that is not understood makes the token useless: ignoring it would unbind the token. */
function confirmationOf({ cnf }: JWTPayload): Confirmation {
  if (cnf === undefined) return {}
  const { jkt, 'x5t#S256': x5t, ...rest } = cnf as Record<string, unknown>
  const [bound, ...more] = [jkt, x5t].filter((member) => member !== undefined)
  if (typeof bound !== 'string' || more.length > 0 || Object.keys(rest).length > 0)
    throw new IpseError('unauthenticated', 'token: cnf')
  return jkt === undefined ? { 'x5t#S256': bound } : { jkt: bound }
}

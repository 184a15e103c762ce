/**
 * Sign-in with an identity provider of the operator's own: OpenID Connect, code flow with PKCE, nonce and state. Roles come
 * from one claim by a closed map; who has none of the mapped values is nobody here, whatever the provider says.
 */
import { IpseError, toBase64url } from '@ipse/protocol'
import * as oidc from 'openid-client'
import { isLoopback } from '../addresses.ts'
import { isTenant } from '../identity/rights.ts'
import { isRole, type Role } from '../identity/roles.ts'
import type { Settings } from '../settings.ts'
import type { PersonRecord } from '../store/people-records.ts'
import { isPersonName, newPerson } from './accounts.ts'
import type { PeopleContext } from './context.ts'

export const CALLBACK_PATH = '/admin/oidc/callback'
/** Time for signing in at the provider, milliseconds. */
export const STATE_MS = 600_000
/** The provider's addresses and keys are read again after so long, milliseconds. */
const DISCOVERY_MS = 3_600_000
/** The provider is waited for so long, seconds. */
const TIMEOUT_S = 5
const STATE = /^([0-9a-f]{12})\.[A-Za-z0-9_-]{43}$/

export interface Oidc {
  /** @returns where to send the browser, and what its cookie has to bring back */
  start(): Promise<{ readonly url: string; readonly state: string }>
  /** @throws an error for whatever is wrong; what it says is for the log alone */
  finish(url: URL, state: string | undefined): Promise<PersonRecord>
}

/** @returns nothing when no provider is set up. @throws IpseError `settings_invalid` when it is by halves */
export function createOidc(context: PeopleContext, { people }: Pick<Settings, 'people'>): Oidc | undefined {
  const setUp = checkSettings(people)
  if (!setUp) return undefined
  const { issuer, roleOf } = setUp
  const { store, keys, clock, random, auditor, site } = context
  const redirect = `${site.origin}${CALLBACK_PATH}`
  const nonceOf = (state: string) => keys.mac('person-nonce', state)
  const verifierOf = (state: string) => keys.mac('person-verifier', state)
  const provider = discoverer(people, issuer, clock)

  /** Whoever is not let in any more is signed out, too. */
  async function turnAway({ id, tenant }: PersonRecord, why: string): Promise<void> {
    const audit = auditor.entry('person.refused', tenant, { person: id, note: why })
    if ((await store.endPersonSessions({ personId: id }, audit)) === 0) await store.appendAudit(audit)
  }

  /** The person of an identity: as the provider describes it now, made at the first sign-in. */
  async function personOf(identity: string, name: string, roles: readonly Role[]): Promise<PersonRecord> {
    const identityMac = keys.mac('person-identity', [issuer.href, identity])
    const known = await store.findPersonByIdentity(identityMac)
    const why =
      known?.disabledAt !== undefined ? 'disabled' : roles.length === 0 ? 'no mapped role' : undefined
    if (why !== undefined) {
      if (known) await turnAway(known, why)
      throw refuse(why)
    }
    if (known) {
      if (known.roles.join() !== roles.join()) await store.changeRoles(known.id, roles)
      return { ...known, roles }
    }
    const person = { ...newPerson(context, { tenant: people.oidcTenant, name, roles }), identityMac }
    const audit = auditor.entry('person.joined', person.tenant, { person: person.id, note: roles.join(' ') })
    // Of two first sign-ins at the same time one makes the person.
    if (await store.insertPerson(person, audit)) return person
    return personOf(identity, name, roles)
  }

  return {
    async start() {
      const end = (clock.now() + STATE_MS).toString(16).padStart(12, '0')
      const state = `${end}.${toBase64url(random.bytes(32))}`
      const url = oidc.buildAuthorizationUrl(await provider(), {
        redirect_uri: redirect,
        scope: people.oidcScope,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifierOf(state)),
        code_challenge_method: 'S256',
        state,
        nonce: nonceOf(state),
      })
      return { url: url.href, state }
    },
    async finish(url, state = '') {
      const [, end = ''] = STATE.exec(state) ?? []
      const ends = Number.parseInt(end, 16)
      if (!(ends > clock.now())) throw refuse('state')
      if (!(await store.useOnce('sign-in', keys.mac('person-nonce', [state]), ends))) throw refuse('replay')
      const tokens = await oidc.authorizationCodeGrant(await provider(), url, {
        pkceCodeVerifier: verifierOf(state),
        // Of the cookie: the browser that began is the one that ends. Checked before a code is exchanged.
        expectedState: state,
        expectedNonce: nonceOf(state),
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims) throw refuse('no claims')
      const values = [claims[people.oidcRoleClaim]].flat()
      const roles = [...new Set(values.flatMap((value) => roleOf.get(String(value)) ?? []))]
      const name = [claims.name, claims.preferred_username].find(isPersonName) ?? 'unnamed'
      return personOf(claims.sub, name, roles)
    },
  }
}

function checkSettings(people: Settings['people']) {
  const { oidcIssuer, oidcClientId, oidcRoleMap, oidcTenant, oidcScope } = people
  if (oidcIssuer === '' && oidcClientId === '') return undefined
  const wrong = (what: string) => new IpseError('settings_invalid', what)
  if (oidcIssuer === '' || oidcClientId === '' || oidcRoleMap.length === 0)
    throw wrong(
      'people.oidcIssuer, people.oidcClientId and people.oidcRoleMap are set together or not at all',
    )
  const issuer = URL.canParse(oidcIssuer) ? new URL(oidcIssuer) : undefined
  if (!issuer || !(issuer.protocol === 'https:' || isPlainLoopback(issuer)))
    throw wrong('people.oidcIssuer is not an https address')
  if (!isTenant(oidcTenant)) throw wrong('people.oidcTenant is no tenant')
  if (!oidcScope.split(' ').includes('openid')) throw wrong('people.oidcScope lacks openid')
  const roleOf = new Map<string, Role>()
  for (const entry of oidcRoleMap) {
    const at = entry.lastIndexOf('=')
    const role = entry.slice(at + 1)
    if (at < 1 || !isRole(role)) throw wrong(`people.oidcRoleMap: ${entry} is not value=role`)
    roleOf.set(entry.slice(0, at), role)
  }
  return { issuer, roleOf }
}

/** The provider's metadata, read when they are needed; a failure is not remembered. */
function discoverer(
  { oidcClientId, oidcClientSecret }: Settings['people'],
  issuer: URL,
  clock: PeopleContext['clock'],
): () => Promise<oidc.Configuration> {
  let found: { readonly at: number; readonly configuration: Promise<oidc.Configuration> } | undefined
  return async () => {
    if (found && clock.monotonicMs() < found.at + DISCOVERY_MS) return found.configuration
    const proof = oidcClientSecret === '' ? oidc.None() : oidc.ClientSecretPost(oidcClientSecret)
    const configuration = oidc.discovery(issuer, oidcClientId, undefined, proof, {
      timeout: TIMEOUT_S,
      // The library trusts an ID token that came over TLS unless it is told to check the signature too.
      execute: [
        oidc.enableNonRepudiationChecks,
        ...(isPlainLoopback(issuer) ? [oidc.allowInsecureRequests] : []),
      ],
    })
    found = { at: clock.monotonicMs(), configuration }
    return configuration.catch((error: unknown) => {
      found = undefined
      throw error
    })
  }
}

function isPlainLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && isLoopback(hostname)
}

function refuse(what: string): IpseError {
  return new IpseError('unauthenticated', `sign-in: ${what}`)
}

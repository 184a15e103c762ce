/** Requests to administration: by a signed-in owner, by nobody, from other sites, about people and keys of another tenant. */
import {
  AcceptInvitationSchema,
  EmptySchema,
  InvitationSchema,
  InviteSchema,
  PasskeyAnswerSchema,
  PasskeySchema,
} from '../../src/routes/people-schemas.ts'
import { PUBLIC_URL } from '../fixture.ts'
import type { Dice } from './random.ts'
import type { Tried } from './requests.ts'
import { admitted, type JsonSchema, spoiled } from './schema-values.ts'
import type { World } from './world.ts'

const BODIES: Readonly<Record<string, object>> = {
  'POST /admin/people': InviteSchema,
  'POST /admin/passkeys': PasskeySchema,
  'POST /admin/sign-in': PasskeyAnswerSchema,
  'POST /admin/invitation/options': InvitationSchema,
  'POST /admin/invitation': AcceptInvitationSchema,
}
/** What only a person who is signed in may ask. */
const GUARDED = /^\/admin\/(me|people|keys|passkeys|sign-out)/
/** Whoever is signed out has nothing more to try. */
const ENDS = /sign-out/
const SITES = ['https://evil.example', 'null', `${PUBLIC_URL}.evil.example`, 'http://ipse.test', '']

export function adminRequest(world: World, dice: Dice): Tried {
  const { owner, foreign } = world
  const routes = world.adminRoutes.filter((route) => !ENDS.test(route))
  const route = dice.one(routes)
  const [method = '', path = ''] = route.split(' ')
  const whose = dice.chance(50) ? foreign : { person: `per_${'A'.repeat(22)}`, kid: '0'.repeat(16) }
  const id = path.includes('/passkeys') ? dice.bytes(20).toString('base64url') : whose.person
  const url = path.replace(':id', id).replace(':kid', whose.kid).replace('*', 'x.js')
  const who = dice.weighted({ owner: 6, nobody: 2, 'almost owner': 2, 'API key': 1 })
  const strange = dice.chance(15)
  const value = admitted((BODIES[route] ?? EmptySchema) as JsonSchema, dice)
  const payload =
    method === 'GET' ? undefined : dice.chance(40) ? JSON.stringify(value) : spoiled(value, dice)
  const stranger = who !== 'owner' || (strange && method !== 'GET')
  const another = whose === foreign && path.includes(':') && !path.includes('/passkeys')
  return {
    kind: 'admin',
    method,
    url,
    headers: {
      ...(strange ? { origin: dice.one(SITES), 'sec-fetch-site': 'cross-site' } : { origin: PUBLIC_URL }),
      ...(who === 'owner' ? { cookie: owner } : {}),
      ...(who === 'almost owner' ? { cookie: almost(owner, dice) } : {}),
      ...(who === 'API key' ? { authorization: dice.one(world.good) } : {}),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(payload === undefined ? {} : { payload }),
    mustFail: GUARDED.test(path) && (stranger || another),
  }
}

/** The cookie with one letter of its value other, or cut. */
function almost(cookie: string, dice: Dice): string {
  const at = cookie.indexOf('=') + 1 + dice.below(40)
  if (dice.chance(20)) return cookie.slice(0, at)
  return cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1)
}

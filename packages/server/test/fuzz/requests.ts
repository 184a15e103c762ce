/** Requests: such as the document describes, and every way of asking for what one may not have. */
import { adminRequest } from './admin-requests.ts'
import type { Dice } from './random.ts'
import { admitted, spoiled } from './schema-values.ts'
import { type Operation, TOKEN_PATH, type World } from './world.ts'

/** What a request is meant to try; each is counted. */
export const KINDS = {
  valid: 14,
  body: 30,
  bytes: 6,
  media: 4,
  path: 10,
  query: 6,
  headers: 8,
  method: 3,
  credential: 16,
  scope: 5,
  tenant: 8,
  token: 4,
  open: 4,
  admin: 8,
} as const
export type Kind = keyof typeof KINDS

export interface Tried {
  readonly kind: Kind
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string | string[]>
  readonly payload?: string | Buffer
  /** The operation whose answer it must be, where it is exactly what the document describes. */
  readonly operation?: Operation
  /** A 2xx would be a break-in. */
  readonly mustFail: boolean
}

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH']

const MEDIA = [
  'text/plain',
  FORM_TYPE,
  'multipart/form-data; boundary=x',
  'application/xml',
  'application/json; charset=utf-16',
  'application/json, text/html',
  'application/vnd.api+json',
  'APPLICATION/JSON',
  'application/json;',
  'application/octet-stream',
  '',
  ';',
  'a/b/c',
  'application/json\tx',
]

/** What is put into a path, before, between or behind its segments. */
const PATH_TRICKS = [
  '/',
  '//',
  '/.',
  '/..',
  '/%2e%2e',
  '/..%2f..%2f',
  '%2f',
  '%5c',
  '\\',
  '%00',
  '%',
  '%zz',
  '%ff',
  '%c0%af',
  '%ed%a0%80',
  '%252e%252e',
  ';x=1',
  '.json',
  '/*',
  '/:id',
  '/__proto__',
  '/constructor',
  '#x',
  '?',
  '%3f',
  '%0d%0a',
  'x'.repeat(300),
  'é',
]

const QUERIES = [
  'limit=1&limit=2',
  'limit=0',
  'limit=101',
  'limit=1e1',
  'limit[]=1',
  'limit[__proto__]=1',
  '__proto__=1',
  '__proto__[tenant]=vault',
  'constructor=1',
  'tenant=vault',
  'cursor=',
  'cursor=%00',
  'cursor=W10',
  'cursor=WzEsIlx1ZDgwMCJd',
  'cursor=WzFlMzA4LCJhIl0',
  'cursor=Wy0xLCJcdTAwMDAiXQ',
  'state=open&state=decided',
  'state=all',
  'authorization=Bearer',
  'access_token=x',
  '%',
  '&&&&',
  '=',
  'a=b;c=d',
  `cursor=${'A'.repeat(5000)}`,
  'url=http://127.0.0.1:1/',
]

const HEADERS: readonly Record<string, string | string[]>[] = [
  { 'idempotency-key': '' },
  { 'idempotency-key': 'x'.repeat(129) },
  { 'idempotency-key': 'same' },
  { 'idempotency-key': ['a', 'b'] },
  { 'idempotency-key': 'a\tb' },
  { 'x-request-id': '../../etc/passwd' },
  { 'x-request-id': 'x'.repeat(65) },
  { 'x-request-id': ['a', 'b'] },
  { 'x-forwarded-for': '127.0.0.1' },
  { 'x-forwarded-host': 'evil.example' },
  { forwarded: 'for=127.0.0.1' },
  { 'x-http-method-override': 'DELETE' },
  { 'x-original-url': '/metrics' },
  { host: 'evil.example' },
  { origin: 'null' },
  { upgrade: 'websocket', connection: 'upgrade' },
  { expect: '100-continue' },
  { 'accept-encoding': 'x'.repeat(5000) },
  { accept: 'text/html' },
  { range: 'bytes=0-1' },
  { 'if-none-match': '*' },
  { 'content-encoding': 'gzip' },
  { traceparent: '00-x' },
  { cookie: '__proto__=1' },
  { dpop: 'x' },
  { dpop: ['a.b.c', 'a.b.c'] },
  { 'client-cert': ':AAAA:' },
  { 'x-ssl-client-cert': 'AAAA' },
  { __proto__x: '1' },
  { constructor: '1' },
]

/** Paths outside the document: served to anybody, to some, or to nobody. */
const OPEN_PATHS = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/.well-known/jwks.json',
  '/.well-known/ipse.json',
  '/.well-known/oauth-authorization-server',
  '/web/ipse-check.js',
  '/web/../package.json',
  '/c/v1/capture',
  '/v1',
  '/v2/sessions',
  '/admin',
  '/.env',
  '/',
  '*',
]

function addressed({ path, parameters }: Operation, { words }: World, dice: Dice): string {
  const query = new URLSearchParams()
  let url = path
  for (const { name, in: place, schema } of parameters) {
    const value = () => String(admitted(schema, dice, idsFor(path, words), name))
    if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(value()))
    else if (dice.chance(50)) query.set(name, value())
  }
  return query.size === 0 ? url : `${url}?${query}`
}

/** Ids of the kind that the path is about; others are tried as foreign ones. */
function idsFor(path: string, words: World['words']): World['words'] {
  if (path.startsWith('/v1/consents')) return { ...words, id: words.consentId ?? [] }
  const prefix = path.startsWith('/v1/reviews') ? 'rev_' : 'ses_'
  return { ...words, id: (words.id ?? []).filter((id) => String(id).startsWith(prefix)) }
}

/** A request as the document describes it, by somebody who may make it. */
function fair(world: World, dice: Dice, operation: Operation): Tried {
  const { method, body } = operation
  return {
    kind: 'valid',
    method,
    url: addressed(operation, world, dice),
    headers: {
      authorization: dice.one(world.good),
      ...(body === undefined ? {} : { 'content-type': JSON_TYPE }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(sensible(admitted(body, dice, world.words))) }),
    operation,
    mustFail: false,
  }
}

/** Of two consents one is too many, one withdrawn is none; and whoever asks for a second person gets nothing done any more. */
function sensible(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body
  const { consentId, ...rest } = body as Record<string, unknown>
  const one =
    consentId === undefined || 'consent' in rest || 'purpose' in rest ? rest : { ...rest, consentId }
  return 'approvals' in one ? { ...one, approvals: [] } : one
}

type Mutation = (world: World, dice: Dice, request: Tried) => Partial<Tried>

function insert(text: string, more: string, dice: Dice): string {
  const at = dice.below(text.length + 1)
  return text.slice(0, at) + more + text.slice(at)
}

/** Credentials that open nothing, most of them one step away from one that does. */
function wrongCredential(world: World, dice: Dice): string | string[] | undefined {
  const good = dice.one(world.good)
  const [scheme = '', secret = ''] = good.split(' ')
  const flipped = () => {
    // Not in the label `dev`/`live`: it is for people's eyes and says nothing about the right.
    const at = (secret.startsWith('ipse_') ? 9 : 0) + dice.below(secret.length - 9)
    const other = dice.one([...'AZaz09-_.=+/ \u0000é'].filter((letter) => letter !== secret[at]))
    return `${scheme} ${secret.slice(0, at)}${other}${secret.slice(at + 1)}`
  }
  return dice.one<() => string | string[] | undefined>([
    () => undefined,
    () => '',
    () => secret,
    () => 'Bearer',
    () => 'Bearer ',
    () => `bearer ${secret}`,
    () => `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`,
    () => `DPoP ${secret}`,
    () => `Bearer  ${secret}`,
    () => `Bearer\t${secret}`,
    () => `Bearer ${secret} ${secret}`,
    () => `Bearer ${secret},${secret}`,
    () => `Bearer "${secret}"`,
    () => `Bearer ${secret}=`,
    () => `Bearer ${secret.slice(0, -1 - dice.below(20))}`,
    () => `Bearer ${secret.toUpperCase()}`,
    () => `Bearer ${'A'.repeat(7000)}`,
    () => `Bearer ipse_dev_${'0'.repeat(16)}_${'A'.repeat(43)}`,
    () => `Bearer ${secret.split('.').slice(0, 2).join('.')}.`,
    () => `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${secret.split('.')[1] ?? 'e30'}.`,
    () => `Bearer ${dice.bytes(30).toString('base64url')}`,
    () => dice.one(world.bad),
    flipped,
    flipped,
    flipped,
  ])()
}

const MUTATIONS: Readonly<Record<Exclude<Kind, 'valid' | 'token' | 'open' | 'admin'>, Mutation>> = {
  body: (_world, dice, { payload }) => ({ payload: spoiled(JSON.parse(String(payload ?? '{}')), dice) }),
  bytes: (_world, dice, { payload = '{}' }) => {
    const bytes = Buffer.from(payload)
    return {
      payload: dice.one<() => Buffer>([
        () => dice.bytes(dice.below(200)),
        () => Buffer.from(String(payload), 'utf16le'),
        () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
        () => Buffer.concat([bytes, dice.bytes(3)]),
        () => Buffer.alloc(0),
        () => {
          const at = dice.below(bytes.length)
          bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8))
          return bytes
        },
      ])(),
    }
  },
  media: (_world, dice, { headers }) => ({ headers: { ...headers, 'content-type': dice.one(MEDIA) } }),
  path: (_world, dice, { url }) => ({ url: insert(url, dice.one(PATH_TRICKS), dice) }),
  query: (_world, dice, { url }) => ({ url: `${url}${url.includes('?') ? '&' : '?'}${dice.one(QUERIES)}` }),
  headers: (_world, dice, { headers }) => ({
    headers: { ...headers, ...dice.one(HEADERS), ...dice.one(HEADERS) },
  }),
  method: (_world, dice) => ({ method: dice.one(METHODS) }),
  credential: (world, dice, { headers: { authorization: _, ...headers } }) => {
    const wrong = wrongCredential(world, dice)
    return { headers: wrong === undefined ? headers : { ...headers, authorization: wrong }, mustFail: true }
  },
  scope: (world, _dice, { headers, operation }) => ({
    headers: { ...headers, authorization: world.without[operation!.scope] },
    mustFail: true,
  }),
  tenant: ({ foreign }, dice, { url, operation }) => {
    const named = operation!.path.includes('{id}')
    const { path } = operation!
    const other = path.startsWith('/v1/consents') ? foreign.consent : foreign.session
    const id = path.startsWith('/v1/reviews') ? foreign.review : other
    const target = named ? url.replace(/(ses|rev|con)_[\w-]{22}/, id) : url
    const tricky = dice.chance(30) ? target.replace(id, insert(id, dice.one(PATH_TRICKS), dice)) : target
    return { url: tricky, mustFail: named }
  },
}

/** One more request. */
export function nextRequest(world: World, dice: Dice): Tried {
  const kind = dice.weighted(KINDS)
  // Much else is about sessions: there have to be some.
  const opens = world.operations.find(({ method, path }) => method === 'POST' && path === '/v1/sessions')
  const operation = opens && dice.chance(8) ? opens : dice.one(world.operations)
  // Who erases all the time finds nothing to read.
  const milder = operation.method === 'DELETE' && dice.chance(80) ? dice.one(world.operations) : operation
  const request = fair(world, dice, milder)
  if (kind === 'valid') return request
  if (kind === 'token') return tokenRequest(world, dice)
  if (kind === 'admin') return adminRequest(world, dice)
  if (kind === 'open')
    return { kind, method: dice.one(METHODS), url: openUrl(dice), headers: {}, mustFail: false }
  const { operation: _, ...changed } = { ...request, ...MUTATIONS[kind](world, dice, request), kind }
  return changed
}

function openUrl(dice: Dice): string {
  const path = dice.one(OPEN_PATHS)
  return dice.chance(40) ? insert(path, dice.one(PATH_TRICKS), dice) : path
}

function tokenRequest(world: World, dice: Dice): Tried {
  const form = world.tokenForm()
  const assertion = new URLSearchParams(form).get('client_assertion') ?? ''
  const [head = '', claims = '', signature = ''] = assertion.split('.')
  const broken = [
    world.tokenForm({ client_assertion: insert(assertion, dice.one(['A', '.', '=', ' ', '\u0000']), dice) }),
    world.tokenForm({ client_assertion: `${head}.${claims}.` }),
    world.tokenForm({ client_assertion: `${head}.${claims}.${signature.split('').reverse().join('')}` }),
    world.tokenForm({ client_id: 'vault' }),
    world.tokenForm({ scope: 'everything' }),
    world.tokenForm({ scope: `${'session:read '.repeat(500)}` }),
    world.tokenForm({ grant_type: 'password' }),
    world.tokenForm({ client_assertion_type: '__proto__' }),
    `${form}&${form}`,
    `${form}&__proto__=1&client_assertion=x`,
    form.slice(0, dice.below(form.length - 20)),
    dice.bytes(100).toString('latin1'),
    'x=1&'.repeat(6000),
    '',
  ]
  const fairForm = dice.chance(20)
  return {
    kind: 'token',
    method: 'POST',
    url: TOKEN_PATH,
    headers: { 'content-type': dice.chance(90) ? FORM_TYPE : dice.one(MEDIA) },
    payload: fairForm ? form : dice.one(broken),
    mustFail: !fairForm,
  }
}

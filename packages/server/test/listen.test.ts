import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import fastify from 'fastify'
import { WebSocket } from 'ws'
import { loadCertificate, openCertificate } from '../src/listen/certificate.ts'
import { listenersOf } from '../src/listen/listeners.ts'
import { type OpenListeners, openListeners } from '../src/listen/open.ts'
import { parseSettings } from '../src/parse-settings.ts'
import type { Settings } from '../src/settings.ts'
import { type Authority, createAuthority, type Issued } from './certificates.ts'
import { type Fixture, startFixture, systemClock } from './fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'ipse-listen-'))
after(() => rmSync(folder, { recursive: true, force: true }))

let authority: Authority
let server: Issued
before(async () => {
  authority = await createAuthority()
  server = await authority.issue({ name: 'localhost', use: 'server' })
})

/** Written beside and renamed, as renewing tools do. */
function place(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(`${path}.new`, content, { mode: 0o600 })
  renameSync(`${path}.new`, path)
  return path
}

function tlsSettings(prefix: string, issued: Issued, more: Record<string, string> = {}): Settings {
  const named = {
    'tls.certificate': place(`${prefix}.pem`, issued.certificate),
    'tls.key': place(`${prefix}-key.pem`, issued.key),
    'server.publicUrl': 'https://localhost',
    'server.port': '0',
    ...more,
  }
  return parseSettings({ named })
}

interface Opened extends AsyncDisposable {
  readonly fixture: Fixture
  /** Address of the listener that serves a surface. */
  at(surface: 'capture' | 'api' | 'admin'): string
  readonly listeners: OpenListeners['listeners']
  /** Everything that the certificate reported. */
  readonly reports: string[]
  reload(): Promise<boolean>
}

async function open(settings: Settings, more: Parameters<typeof startFixture>[0] = {}): Promise<Opened> {
  const fixture = await startFixture(more)
  const reports: string[] = []
  const certificate =
    settings.tls.certificate === ''
      ? undefined
      : await openCertificate(settings.tls, systemClock, {
          changed: () => reports.push('changed'),
          refused: (error) => reports.push((error as Error).message),
        })
  const { trustedProxies } = settings.server
  const { listeners, close } = await openListeners(fixture.app, listenersOf(settings), {
    certificate,
    trustedProxies,
  })
  return {
    fixture,
    listeners,
    at: (surface) => listeners.find(({ surfaces }) => surfaces.includes(surface))!.url,
    reports,
    reload: async () => (await certificate?.reload()) ?? false,
    [Symbol.asyncDispose]: async () => {
      await close()
      await fixture[Symbol.asyncDispose]()
    },
  }
}

/** Status of a GET, or the error that ended it. */
function get(url: string, options: RequestOptions = {}): Promise<number | string> {
  return new Promise((resolve) => {
    const asked = request(url, { ca: authority.certificate, agent: false, ...options }, (reply) => {
      reply.resume()
      reply.once('end', () => resolve(reply.statusCode ?? 0))
    })
    asked.once('error', ({ message }) => resolve(message))
    asked.end()
  })
}

/** Free ports of their own: written differently, since one address is one listener. */
const FREE = ['127.0.0.1:00', '127.0.0.1:000'] as const

const PATHS = {
  capture: ['/c/v1/capture', '/web/ipse-check.js'],
  api: ['/v1/sessions', '/openapi.json'],
  admin: ['/metrics', '/healthz', '/readyz'],
} as const

test('each surface answers at its own listener and does not exist at the others', async () => {
  const settings = parseSettings({
    named: {
      'server.port': '0',
      'server.apiListen': FREE[0],
      'server.adminListen': FREE[1],
    },
  })
  const fallback = (_request: unknown, reply: { end(text: string): void }) => reply.end('site')
  await using service = await open(settings, { more: { fallback: fallback as never } })
  assert.equal(service.listeners.length, 3)
  for (const surface of ['capture', 'api', 'admin'] as const)
    for (const [owner, paths] of Object.entries(PATHS))
      for (const path of paths) {
        const reply = await fetch(`${service.at(surface)}${path}`)
        const { code, detail } = (await reply
          .clone()
          .json()
          .catch(() => ({}))) as { code?: string; detail?: string }
        // The element is not built for this test: that answer says so, which nobody else's 404 does.
        const hidden = reply.status === 404 && code === 'not_found' && detail === undefined
        assert.equal(hidden, owner !== surface, `${path} at ${surface}: ${reply.status} ${detail}`)
      }
  for (const surface of ['capture', 'api'] as const)
    assert.equal((await fetch(`${service.at(surface)}/.well-known/jwks.json`)).status, 200)
  assert.equal((await fetch(`${service.at('admin')}/.well-known/jwks.json`)).status, 404)
  assert.equal(await (await fetch(`${service.at('capture')}/page`)).text(), 'site')
  for (const surface of ['api', 'admin'] as const)
    assert.equal((await fetch(`${service.at(surface)}/page`)).status, 404)
  assert.equal(await opens(service.at('capture')), true)
  for (const surface of ['api', 'admin'] as const) assert.equal(await opens(service.at(surface)), false)

  const { surfaces } = (await (await fetch(`${service.at('api')}/.well-known/ipse.json`)).json()) as {
    surfaces: Record<string, string[]>
  }
  assert.deepEqual(Object.keys(surfaces).sort(), ['admin', 'api', 'capture'])
  for (const [surface, endpoint] of [
    ['api', 'POST /v1/sessions'],
    ['api', 'GET /.well-known/jwks.json'],
    ['capture', 'GET /c/v1/capture'],
    ['admin', 'GET /metrics'],
  ] as const)
    assert.ok(surfaces[surface]?.includes(endpoint), endpoint)
  assert.ok(!surfaces.capture?.some((endpoint) => endpoint.includes('/v1/sessions')))
})

/** Whether a WebSocket opens. */
function opens(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/c/v1/capture`, { ca: authority.certificate })
    socket.once('open', () => {
      resolve(true)
      socket.terminate()
    })
    socket.once('error', () => resolve(false))
  })
}

test('a path of another surface is hidden however it is written', async () => {
  const named = { 'server.port': '0', 'server.apiListen': FREE[0], 'server.adminListen': FREE[1] }
  await using service = await open(parseSettings({ named }))
  for (const path of ['/%761/sessions', '/v1/%73essions', '/%76%31/sessions?limit=1']) {
    assert.equal((await fetch(`${service.at('api')}${path}`)).status, 401, path)
    assert.equal((await fetch(`${service.at('capture')}${path}`)).status, 404, path)
    assert.equal((await fetch(`${service.at('admin')}${path}`)).status, 404, path)
  }
})

test('everything on one address is one listener', () => {
  const [only, ...others] = listenersOf(parseSettings())
  assert.deepEqual(only?.surfaces, ['capture', 'api', 'admin'])
  assert.equal(others.length, 0)
  const pair = listenersOf(
    parseSettings({
      named: { 'server.host': '::1', 'server.apiListen': '10.0.0.5:1', 'server.adminListen': '[::1]:8420' },
    }),
  )
  assert.deepEqual(
    pair.map(({ surfaces, host, port }) => [surfaces.join(), host, port]),
    [
      ['capture,admin', '::1', 8420],
      ['api', '10.0.0.5', 1],
    ],
  )
})

test('TLS 1.3 and nothing older, WebSockets included', async () => {
  await using service = await open(tlsSettings('version', server))
  const url = service.at('capture')
  assert.match(url, /^https:/)
  assert.equal(await get(`${url}/healthz`), 200)
  assert.match(String(await get(`${url}/healthz`, { maxVersion: 'TLSv1.2' })), /alert protocol version/)
  assert.equal(await opens(url), true)
  await assert.rejects(fetch(`${url.replace('https', 'http')}/healthz`))
})

test('a new certificate is taken without a restart; a bad one leaves the old one in place', async () => {
  await using service = await open(tlsSettings('reload', server))
  const port = new URL(service.at('api')).port
  const first = await serialOf(port)
  const second = await authority.issue({ name: 'localhost', use: 'server' })

  place('reload.pem', second.certificate)
  assert.equal(await service.reload(), false, 'the key is still the old one')
  assert.match(service.reports.at(-1) ?? '', /is not the private key/)
  assert.equal(await serialOf(port), first)

  place('reload-key.pem', second.key)
  assert.equal(await service.reload(), true)
  const now = await serialOf(port)
  assert.notEqual(now, first)
  assert.match(
    String(await get(`${service.at('api')}/healthz`, { maxVersion: 'TLSv1.2' })),
    /alert protocol version/,
  )

  const ended = await authority.issue({ name: 'localhost', use: 'server', days: [-20, -1] })
  for (const [name, content, says] of [
    ['reload.pem', 'no certificate', /no PEM certificate/],
    ['reload.pem', ended.certificate, /ended at/],
    ['reload.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /cannot be read/],
  ] as const) {
    place(name, content)
    assert.equal(await service.reload(), false)
    assert.match(service.reports.at(-1) ?? '', says)
    assert.equal(await serialOf(port), now)
  }
})

test('a changed file is noticed', async () => {
  const { tls } = tlsSettings('watch', server)
  const changed = Promise.withResolvers<void>()
  const source = await openCertificate(
    tls,
    systemClock,
    { changed: () => changed.resolve(), refused: () => {} },
    10,
  )
  const before = source.current
  const { certificate, key } = await authority.issue({ name: 'localhost', use: 'server' })
  // A watch by polling does not hold the process: this does, until it is heard.
  const hold = setInterval(() => {}, 1000)
  place('watch-key.pem', key)
  place('watch.pem', certificate)
  await changed.promise
  clearInterval(hold)
  source.close()
  assert.notEqual(source.current.options.cert, before.options.cert)
})

function serialOf(port: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), ca: authority.certificate }, () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

test('a key that everybody may read is refused', async () => {
  const { tls } = tlsSettings('open', server)
  chmodSync(tls.key, 0o644)
  await assert.rejects(loadCertificate(tls, Date.now()), { code: 'settings_invalid', message: /chmod 600/ })
  chmodSync(tls.key, 0o640)
  await loadCertificate(tls, Date.now())
})

test('client certificates: the right one passes, no other does, at the API only', async () => {
  const stranger = await createAuthority('Somebody else')
  const issued = {
    right: await authority.issue({ name: 'shop', use: 'client' }),
    ended: await authority.issue({ name: 'shop', use: 'client', days: [-20, -1] }),
    'not yet': await authority.issue({ name: 'shop', use: 'client', days: [1, 20] }),
    'for servers': await authority.issue({ name: 'shop', use: 'server' }),
    'of a stranger': await stranger.issue({ name: 'shop', use: 'client' }),
  }
  const clientCa = place('client-ca.pem', authority.certificate)
  for (const mode of ['required', 'optional'] as const) {
    const settings = tlsSettings(mode, server, {
      'tls.clientCertificates': mode,
      'tls.clientCa': clientCa,
      'server.apiListen': FREE[0],
    })
    await using service = await open(settings)
    const none = await get(`${service.at('api')}/.well-known/jwks.json`)
    if (mode === 'optional') assert.equal(none, 200)
    else assert.match(String(none), /certificate required/)
    for (const [which, { certificate, key }] of Object.entries(issued)) {
      const answer = await get(`${service.at('api')}/.well-known/jwks.json`, { cert: certificate, key })
      if (which === 'right') assert.equal(answer, 200, mode)
      else assert.equal(typeof answer, 'string', `${mode}: a certificate ${which} got ${answer}`)
    }
    assert.equal(await get(`${service.at('capture')}/.well-known/jwks.json`), 200)
  }
})

test('the verified certificate can be read from the socket of a request', async () => {
  const settings = tlsSettings('socket', server, {
    'tls.clientCertificates': 'required',
    'tls.clientCa': place('socket-ca.pem', authority.certificate),
    'server.apiListen': FREE[0],
  })
  const app = fastify()
  app.get('/v1/who', async ({ socket }) => {
    const { authorized, getPeerCertificate } = socket as TLSSocket
    return { authorized, names: getPeerCertificate.call(socket).subjectaltname }
  })
  await app.ready()
  const certificate = await openCertificate(settings.tls, systemClock, {
    changed: () => {},
    refused: () => {},
  })
  const { listeners, close } = await openListeners(app, listenersOf(settings), {
    certificate,
    trustedProxies: [],
  })
  const client = await authority.issue({
    name: 'shop',
    use: 'client',
    names: [{ type: 'url', value: 'urn:shop' }],
  })
  const url = `${listeners.find(({ surfaces }) => surfaces.includes('api'))?.url}/v1/who`
  const seen = await new Promise<string>((resolve, reject) => {
    const options = {
      ca: authority.certificate,
      cert: client.certificate,
      key: client.key,
      agent: false as const,
    }
    const asked = request(url, options, async (reply) => resolve(await text(reply)))
    asked.once('error', reject).end()
  })
  await close()
  assert.deepEqual(JSON.parse(seen), { authorized: true, names: 'URI:urn:shop' })
})

test('a plain listener speaks with the declared proxy and this machine only', async () => {
  // The peer is this machine by an address that is not loopback, as another machine would be.
  const address = Object.values(networkInterfaces())
    .flat()
    .find((face) => face?.family === 'IPv4' && !face.internal)?.address
  if (address === undefined) return
  for (const [trusted, answers] of [
    [address, true],
    ['192.0.2.1', false],
  ] as const) {
    const named = { 'server.host': address, 'server.port': '0', 'server.trustedProxies': trusted }
    await using service = await open(parseSettings({ named }))
    const reply = await fetch(`${service.at('capture')}/healthz`).then(
      ({ status }) => status,
      () => 'closed',
    )
    assert.equal(reply, answers ? 200 : 'closed')
  }
})

test('an address that is taken or not ours is named', async () => {
  await using first = await open(parseSettings({ named: { 'server.port': '0' } }))
  const taken = new URL(first.at('api')).port
  await assert.rejects(open(parseSettings({ named: { 'server.port': taken } })), {
    code: 'settings_invalid',
    message: new RegExp(`port ${taken} on 127.0.0.1 is in use`),
  })
  const elsewhere = parseSettings({ named: { 'server.host': '192.0.2.7', 'server.port': '0' } })
  await assert.rejects(open(elsewhere), { message: /192\.0\.2\.7 is no address of this machine/ })
})

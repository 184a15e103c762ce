/** The recipes of deploy/ with the proxies they are for, before a real service: what passes, and what must not. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { type RequestOptions, request } from 'node:https'
import { after, before, test } from 'node:test'
import { IpseClient } from '@ipse/client'
import { type CaptureSocket, PLAUSIBLE_FACTS, runCapture } from '@ipse/lab/capture-client'
import { toJpeg } from '@ipse/lab/node'
import { WebSocket } from 'ws'
import { createAuthority, type Issued } from '../packages/server/test/certificates.ts'
import { freePort, type Place, PROXIES, preparePlace, removePlace, startProxy, USER } from './proxy.ts'
import { ipse, type Service, startService } from './service.ts'

const SHOP = 'https://shop.example'
const BASIC = `Basic ${Buffer.from(`${USER.name}:${USER.password}`).toString('base64')}`

let place: Place
let service: Service
let adminPort: number
/** Of the relying party: right for the proxy and registered with Ipse, but for one scope only. */
let client: Issued

before(async () => {
  place = await preparePlace()
  adminPort = await freePort()
  const settings = {
    'server.apiListen': `127.0.0.1:${place.apiPort}`,
    'server.adminListen': `127.0.0.1:${adminPort}`,
    'server.publicUrl': `https://capture.example:${place.port}`,
    'server.apiUrl': `https://api.example:${place.port}`,
    'server.trustedProxies': '127.0.0.1',
    'server.proxyClientCertificates': 'true',
  }
  const sets = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  service = await startService('--port', String(place.capturePort), ...sets)
  client = await place.authority.issue({
    name: 'shop',
    use: 'client',
    names: [{ type: 'url', value: 'urn:example:shop' }],
  })
  const as = ['--tenant', 'example', '--name', 'shop', '--scopes', 'session:read', '--json']
  const made = await ipse('clients', 'add', '--san', 'urn:example:shop', '--data', service.dataDir, ...as)
  assert.equal(made.code, 0, made.stderr)
})

after(async () => {
  await service?.[Symbol.asyncDispose]()
  if (place) removePlace(place)
})

interface Ask extends RequestOptions {
  readonly body?: string | Buffer
}

interface Reply {
  /** 0 when there was no answer. */
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

/** Asks the proxy by one of its names. Without a certificate of its own unless one is given. */
function ask(name: 'capture' | 'api', path: string, { body, ...more }: Ask = {}): Promise<Reply> {
  const host = `${name}.example`
  return new Promise((resolve) => {
    const options: RequestOptions = {
      host: '127.0.0.1',
      port: place.port,
      servername: host,
      path,
      ca: place.authority.certificate,
      agent: false,
      ...more,
      headers: { host: `${host}:${place.port}`, ...more.headers },
    }
    const asked = request(options, (reply) => {
      let text = ''
      reply.on('data', (chunk) => (text += chunk))
      const end = () => resolve({ status: reply.statusCode ?? 0, text, headers: reply.headers })
      reply.once('end', end).once('error', end)
    })
    asked.once('error', ({ message }) => resolve({ status: 0, text: message, headers: {} }))
    asked.end(body)
  })
}

const withClient = () => ({ cert: client.certificate, key: client.key })

/** A WebSocket through the proxy, which has no name that the machine could look up. */
function openSocket(url: string, origin: string, headers: Record<string, string> = {}): WebSocket {
  const { hostname } = new URL(url)
  const options = {
    ca: place.authority.certificate,
    servername: hostname,
    origin,
    headers,
    lookup: (_name: string, _options: unknown, done: (error: null, found: unknown) => void) =>
      done(null, [{ address: '127.0.0.1', family: 4 }]),
  }
  return new WebSocket(url, options as never)
}

/** Opens a session by the API, straight at its listener, and runs a capture of it through the proxy. */
async function capture(): Promise<string> {
  const api = new IpseClient({ baseUrl: `http://127.0.0.1:${place.apiPort}`, apiKey: service.apiKey })
  const session = await api.createSession({ purpose: 'liveness', allowedOrigins: [SHOP] })
  assert.match(session.captureUrl, new RegExp(`^wss://capture\\.example:${place.port}/`))
  const grey = await toJpeg({ width: 640, height: 480, data: new Uint8Array(640 * 480 * 3).fill(90) })
  const { outcome } = await runCapture({
    captureUrl: session.captureUrl,
    captureToken: session.captureToken,
    origin: SHOP,
    facts: PLAUSIBLE_FACTS,
    camera: { frame: async () => new Uint8Array(grey) },
    connect: (url, origin) => openSocket(url, origin) as unknown as CaptureSocket,
  })
  return outcome
}

/** A key that works from one network only. */
async function keyFor(network: string): Promise<string> {
  const as = ['--tenant', 'example', '--name', `of ${network}`, '--scopes', 'session:read', '--ips', network]
  const { stdout, stderr } = await ipse('keys', 'create', '--data', service.dataDir, ...as, '--json')
  assert.notEqual(stdout, '', stderr)
  return (JSON.parse(stdout) as { key: string }).key
}

/** The type of the first message at the capture address, or the error of its opening. */
function greeting(headers: Record<string, string>): Promise<string> {
  const socket = openSocket(`wss://capture.example:${place.port}/c/v1/capture`, SHOP, headers)
  return new Promise((resolve) => {
    socket.once('message', (data) => {
      resolve((JSON.parse(String(data)) as { type: string }).type)
      socket.terminate()
    })
    socket.once('error', ({ message }) => resolve(message))
  })
}

for (const name of PROXIES) {
  const missing = spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0
  const skip = missing && `please install ${name}: its recipe is tested with it`

  test(`${name}: captures pass, and nothing else is there for the internet`, { skip }, async () => {
    await using _proxy = await startProxy(name, place)
    assert.equal((await ask('capture', '/.well-known/jwks.json')).status, 200)
    // Whatever else Ipse offers to browsers one day has to be let through by the recipes first.
    const { surfaces } = JSON.parse((await ask('capture', '/.well-known/ipse.json')).text)
    for (const endpoint of surfaces.capture as string[])
      assert.match(endpoint, /^GET \/(c\/v1\/capture$|web\/|\.well-known\/)/)
    // Nobody is in the picture, so the conversation comes to its end with the answer that says so.
    assert.match(await capture(), /^(retry|fail)$/)

    const key = { authorization: `Bearer ${service.apiKey}` }
    for (const path of [
      '/v1/sessions',
      '/%761/sessions',
      '/c/v1/../../v1/sessions',
      '/web/..%2fv1/sessions',
      '/oauth/token',
      '/openapi.json',
      '/admin/',
      '/metrics',
      '/healthz',
      '/readyz',
      '/',
    ]) {
      const { status, text } = await ask('capture', path, { headers: key })
      assert.ok(status === 404 || status === 400, `${path}: ${status} ${text.slice(0, 80)}`)
    }
    for (const path of ['/admin/', '/metrics', '/healthz', '/readyz', '/c/v1/capture', '/web/ipse-check.js'])
      assert.equal((await ask('api', path, withClient())).status, 404, path)
    assert.equal((await fetch(`http://127.0.0.1:${adminPort}/healthz`)).status, 200)

    const large = { method: 'POST', body: Buffer.alloc(2_000, 65) }
    // Caddy before 2.7 stops the body half-way and calls that a bad gateway.
    const answers = name === 'caddy' ? [413, 502] : [413]
    assert.ok(answers.includes((await ask('capture', '/.well-known/jwks.json', large)).status))
    const headers = (await ask('capture', '/.well-known/jwks.json')).headers
    assert.equal(headers['strict-transport-security'], 'max-age=63072000; includeSubDomains')
  })

  test(`${name}: the API is for certificates of its authority, and the proxy alone says whose it is`, {
    skip,
  }, async () => {
    await using _proxy = await startProxy(name, place)
    const path = '/v1/sessions'
    assert.equal((await ask('api', path, withClient())).status, 200, 'the certificate is the client')
    const key = { headers: { authorization: `Bearer ${service.apiKey}` } }
    assert.equal((await ask('api', path, { ...withClient(), ...key })).status, 200, 'an API key beside it')
    const wrong = { headers: { authorization: `Bearer ${service.apiKey}x` } }
    assert.equal((await ask('api', path, { ...withClient(), ...wrong })).status, 401)

    const { authority } = place
    const stranger = await createAuthority('Somebody else')
    const refused: Readonly<Record<string, Issued | undefined>> = {
      none: undefined,
      ended: await authority.issue({ name: 'shop', use: 'client', days: [-20, -1] }),
      'of a stranger': await stranger.issue({ name: 'shop', use: 'client' }),
      'for servers': await authority.issue({ name: 'shop', use: 'server' }),
    }
    for (const [which, issued] of Object.entries(refused)) {
      const shown = issued === undefined ? {} : { cert: issued.certificate, key: issued.key }
      const { status } = await ask('api', path, { ...shown, ...key })
      assert.ok(status === 0 || status === 400, `a certificate ${which} was answered ${status}`)
    }

    // Verified, but not registered: what it says about itself in headers must not make it the client.
    const other = await authority.issue({ name: 'other', use: 'client' })
    const fingerprint = new X509Certificate(client.certificate).fingerprint256
    for (const spoofed of [
      { 'X-Client-Cert': encodeURIComponent(client.certificate) },
      { 'X-Client-Cert-SHA256': fingerprint },
      { 'X-Client-Cert-SHA256': fingerprint, 'X-Client-Cert-San': 'urn:example:shop' },
      { 'X-Client-Cert-San': 'urn:example:shop' },
      { X_Client_Cert: encodeURIComponent(client.certificate) },
    ]) {
      const shown = { cert: other.certificate, key: other.key, headers: spoofed }
      const { status } = await ask('api', path, shown as Ask)
      assert.equal(status, 401, Object.keys(spoofed).join())
    }
    // Set, not appended: a key for one network does not open by saying that one comes from there.
    const elsewhere = { 'X-Forwarded-For': '10.9.9.9', Forwarded: 'for=10.9.9.9', 'X-Real-IP': '10.9.9.9' }
    for (const [network, wanted] of [
      ['127.0.0.1', 200],
      ['10.9.9.9', 401],
    ] as const) {
      const authorization = `Bearer ${await keyFor(network)}`
      const { status } = await ask('api', path, { ...withClient(), headers: { ...elsewhere, authorization } })
      assert.equal(status, wanted, network)
    }
    // The certificate of one name does not open the other: the request names the host that the handshake named.
    const crossed = await ask('capture', path, {
      headers: { host: `api.example:${place.port}`, ...key.headers },
    })
    assert.ok([0, 400, 403, 404, 421].includes(crossed.status), `crossed hosts: ${crossed.status}`)
    assert.ok(!crossed.text.includes('"data"'))

    const huge = { ...withClient(), method: 'POST', body: Buffer.alloc(29_500_000, 65) }
    const { status } = await ask('api', '/v1/detections', {
      ...huge,
      headers: { ...key.headers, 'content-type': 'application/json', 'content-length': huge.body.length },
    })
    // Caddy 2.6 says 502 where the body is cut off while it is passed on; the connection may end before any answer.
    assert.ok([0, 413, 502].includes(status), `29.5 MB were answered ${status}`)
  })

  test(`${name}: nothing older than TLS 1.3, and no name but its own`, { skip }, async () => {
    await using _proxy = await startProxy(name, place)
    for (const site of ['capture', 'api'] as const) {
      const { status, text } = await ask(site, '/.well-known/jwks.json', {
        ...withClient(),
        maxVersion: 'TLSv1.2',
      })
      assert.equal(status, 0)
      assert.match(text, /protocol version/)
    }
    const unknown = await ask('capture', '/.well-known/jwks.json', {
      servername: 'other.example',
      rejectUnauthorized: false,
    })
    assert.equal(unknown.status, 0)
  })

  test(`${name}: with Basic authentication nobody passes without, and the API key travels beside it`, {
    skip,
  }, async () => {
    await using _proxy = await startProxy(name, place, { basic: true, preload: true })
    const bad = `Basic ${Buffer.from(`${USER.name}:wrong`).toString('base64')}`
    for (const authorization of [undefined, bad, `Bearer ${service.apiKey}`]) {
      const headers = authorization === undefined ? {} : { authorization }
      for (const [site, path] of [
        ['capture', '/.well-known/jwks.json'],
        ['capture', '/c/v1/capture'],
        ['api', '/v1/sessions'],
      ] as const) {
        const { status, headers: answered } = await ask(site, path, { ...withClient(), headers })
        assert.equal(status, 401, `${site} ${path}`)
        assert.match(String(answered['www-authenticate']), /^Basic /)
        const hsts = 'max-age=63072000; includeSubDomains; preload'
        assert.equal(answered['strict-transport-security'], hsts, `${site} ${path}`)
      }
    }
    assert.equal(
      (await ask('capture', '/.well-known/jwks.json', { headers: { authorization: BASIC } })).status,
      200,
    )
    assert.equal(await greeting({ authorization: BASIC }), 'welcome')
    assert.equal(await greeting({}), 'Unexpected server response: 401')
    const api = (more: Record<string, string>) =>
      ask('api', '/v1/sessions', { ...withClient(), headers: { authorization: BASIC, ...more } })
    assert.equal((await api({})).status, 200, 'the certificate alone')
    assert.equal((await api({ 'X-Ipse-Key': service.apiKey })).status, 200)
    assert.equal(
      (await api({ 'X-Ipse-Key': `${service.apiKey}x` })).status,
      401,
      'a bad key is not passed over',
    )
  })
}

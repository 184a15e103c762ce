/** Three nodes behind the balancer of deploy/nginx: a session is opened on one, captured on a second and read on a third. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { CreatedSession } from '@ipse/protocol'
import { runCapture } from './capture-client.ts'
import { type Cluster, NODES, startCluster } from './cluster.ts'
import { createPerson, PUBLIC_URL } from './fixture.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'

const RECIPE = join(import.meta.dirname, '../../../deploy/nginx/ipse.conf')
const WISH = { purpose: 'liveness', policy: 'brief' } as const
/** A busy machine may take many times the second that nginx needs. */
const LOOKS = 300
const LOOK_MS = 100

let postgres: TestPostgres
let cluster: Cluster
let key: string
before(async () => {
  postgres = await startPostgres()
  cluster = await startCluster(postgres)
  key = await cluster.newKey('shop')
})
after(async () => {
  await cluster?.[Symbol.asyncDispose]()
  await postgres?.stop()
})

const ask = async (url: string, path: string, body?: unknown) => {
  const reply = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  return { status: reply.status, body: (await reply.json()) as any, node: reply.headers.get('x-node') }
}

async function capture(session: CreatedSession, socketUrl: string): Promise<string | undefined> {
  let own = cluster.now
  const advance = (ms: number) => {
    own += ms
  }
  const { outcome } = await runCapture({
    socketUrl,
    captureUrl: session.captureUrl,
    captureToken: session.captureToken,
    origin: PUBLIC_URL,
    now: () => cluster.now / 1000,
    camera: createPerson({ now: () => own, monotonicMs: () => own, advance }),
  })
  return outcome?.outcome
}

test('opened on one node, captured on a second, read on a third', async () => {
  const [one, second, third] = cluster.nodes
  assert.ok(one && second && third)
  const created = await ask(one.url, '/v1/sessions', WISH)
  assert.equal(created.status, 201)
  assert.equal(await capture(created.body, second.socketUrl), 'pass')
  const { body } = await ask(third.url, `/v1/sessions/${created.body.id}`)
  assert.deepEqual([body.state, body.attempts.length], ['passed', 1])
  assert.ok(body.receipt)
  const keys = await Promise.all(cluster.nodes.map(({ url }) => ask(url, '/.well-known/jwks.json')))
  assert.equal(
    new Set(keys.map((answer) => JSON.stringify(answer.body))).size,
    1,
    'all sign with the same keys',
  )
})

test('behind nginx nothing sticks to a node but a WebSocket', async () => {
  await using balancer = await startBalancer()
  const seen = new Set<string | null>()
  for (let i = 0; i < NODES; i++) {
    const created = await ask(balancer.url, '/v1/sessions', WISH)
    assert.equal(created.status, 201)
    assert.equal(await capture(created.body, `${balancer.url.replace('http', 'ws')}/c/v1/capture`), 'pass')
    const { body, node } = await ask(balancer.url, `/v1/sessions/${created.body.id}`)
    assert.equal(body.state, 'passed')
    for (const name of [created.node, node]) seen.add(name)
  }
  assert.ok(seen.size > 1, 'requests went to several nodes')
})

/** The upstreams of the recipe, with the addresses of these nodes, on a port of its own without TLS. */
async function startBalancer(): Promise<{ readonly url: string } & AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-balancer-'))
  const [upstream] = /upstream ipse_capture \{[^}]+\}/.exec(readFileSync(RECIPE, 'utf8')) ?? []
  assert.ok(upstream, 'the recipe names its nodes')
  const servers = cluster.nodes.map(({ url }) => `server ${new URL(url).host};`).join('\n')
  const nodes = upstream.replace('server 10.0.0.5:8420;', servers)
  assert.match(nodes, /127\.0\.0\.1/)
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n')
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; ${process.getuid?.() === 0 ? 'user root;' : ''}
events {}
http { access_log off; ${temporary}
map $http_upgrade $ipse_connection { default upgrade; '' ''; }
${nodes}
server {
  listen 127.0.0.1:${port};
  proxy_http_version 1.1;
  proxy_set_header Host $host;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $ipse_connection;
  add_header X-Node $upstream_addr always;
  location / { proxy_pass http://ipse_capture; }
} }`,
  )
  const child = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  for (let look = 0; ; look++) {
    const up = await fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (up) return { url, [Symbol.asyncDispose]: stop }
    if (look === LOOKS || child.exitCode !== null) {
      await stop()
      assert.fail('nginx did not start')
    }
    await pause(LOOK_MS)
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

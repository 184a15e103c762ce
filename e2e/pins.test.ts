/** Pinned TLS keys: printed by `ipse pins`, believed by @ipse/client, against a real TLS server that counts what reaches it. */
import assert from 'node:assert/strict'
import { createHash, createPublicKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import tls from 'node:tls'
import { IpseClient, type IpseClientOptions } from '@ipse/client'
import { type Authority, createAuthority, type Issued } from '../packages/server/test/certificates.ts'
import { ipse } from './service.ts'

const folder = mkdtempSync(join(tmpdir(), 'ipse-pins-'))
const put = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

/** Computed once more, by another way than the code's. */
function pin({ certificate }: Pick<Issued, 'certificate'>): string {
  const spki = createPublicKey(certificate).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('base64')
}

let authority: Authority
let [own, spare, other]: Issued[] = []
let server: Server
let baseUrl: string
/** Decrypted bytes, connections and requests that reached the server. */
const reached = { bytes: 0, connections: 0, requests: 0 }
/** Of every connection, its end. */
const ended: Promise<unknown>[] = []
let status = 200

before(async () => {
  authority = await createAuthority()
  ;[own, spare, other] = await Promise.all(
    [1, 2, 3].map(() => authority.issue({ name: 'localhost', use: 'server' })),
  )
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), authority.certificate])
  process.env.NODE_EXTRA_CA_CERTS = put('authority.pem', authority.certificate)
  server = createServer({ cert: own!.certificate, key: own!.key }, (_request, reply) => {
    reached.requests++
    reply.writeHead(status, { 'content-type': 'application/json', location: 'https://localhost/' })
    reply.end(status === 204 ? undefined : '{"items":[]}')
  })
  server.on('connection', (socket) => {
    reached.connections++
    ended.push(new Promise((resolve) => socket.once('close', resolve)))
  })
  server.on('secureConnection', (socket) => {
    socket.prependListener('data', ({ length }: Buffer) => (reached.bytes += length))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `https://localhost:${(server.address() as AddressInfo).port}`
})
after(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  serve(own!)
  status = 200
})

function serve(issued: Issued, more = ''): void {
  server.setSecureContext({ cert: issued.certificate + more, key: issued.key })
  server.closeAllConnections()
  Object.assign(reached, { bytes: 0, connections: 0, requests: 0 })
}

function client(pins: readonly string[] | undefined, more: Partial<IpseClientOptions> = {}): IpseClient {
  return new IpseClient({ baseUrl, apiKey: 'ipse_test', ...(pins ? { pins } : {}), retries: 1, ...more })
}

test('a server with a pinned key is spoken with, whichever of the pins it is', async () => {
  for (const pins of [
    [pin(own!), pin(spare!)],
    [pin(spare!), `sha256/${pin(own!)}`],
  ])
    assert.deepEqual(await client(pins).listSessions(), { items: [] })
  assert.equal(reached.requests, 2)
})

test('one connection serves many calls', async () => {
  const pinned = client([pin(own!), pin(spare!)])
  for (let i = 0; i < 5; i++) await pinned.listSessions()
  assert.deepEqual([reached.requests, reached.connections], [5, 1])
})

test('a server with another key gets not one byte, though its certificate verifies', async () => {
  serve(other!)
  const call = client([pin(own!), pin(spare!)]).listSessions()
  await assert.rejects(call, { code: 'pin_mismatch', retry: 'no', message: /sha256\// })
  await Promise.all(ended)
  assert.deepEqual(reached, { bytes: 0, connections: 1, requests: 0 }, 'once, and without a word')
  await client(undefined).listSessions()
  assert.equal(reached.requests, 1, 'who does not pin would have spoken with it')
  assert.ok(reached.bytes > 100, 'and would have been counted')
})

test('a pinned certificate that is only sent along in the chain does not count', async () => {
  serve(other!, own!.certificate)
  await assert.rejects(client([pin(own!), pin(spare!)]).listSessions(), { code: 'pin_mismatch' })
  const authorityPin = pin({ certificate: authority.certificate })
  await assert.rejects(client([authorityPin, pin(spare!)]).listSessions(), { code: 'pin_mismatch' })
  await Promise.all(ended)
  assert.deepEqual(reached, { bytes: 0, connections: 2, requests: 0 })
})

test('a key that was changed meanwhile is noticed with the next connection', async () => {
  const pinned = client([pin(own!), pin(spare!)])
  await pinned.listSessions()
  serve(other!)
  await assert.rejects(pinned.listSessions(), { code: 'pin_mismatch' })
  serve(spare!)
  await pinned.listSessions()
  assert.equal(reached.requests, 1)
})

test('a pin does not replace the check of the certificate', async () => {
  const stranger = await (await createAuthority('Somebody')).issue({ name: 'localhost', use: 'server' })
  const over = await authority.issue({ name: 'localhost', use: 'server', days: [-9, -1] })
  const elsewhere = await authority.issue({
    name: 'x',
    use: 'server',
    names: [{ type: 'dns', value: 'elsewhere.example' }],
  })
  for (const issued of [stranger, over, elsewhere]) {
    serve(issued)
    const call = client([pin(issued), pin(spare!)], { retries: 0 }).listSessions()
    await assert.rejects(call, { code: 'connection_lost' })
    await Promise.all(ended)
    assert.equal(reached.bytes, 0)
  }
})

test('redirects are not followed, empty answers are answers, and what gives up is given up', async () => {
  const pinned = client([pin(own!), pin(spare!)], { retries: 0 })
  status = 302
  await assert.rejects(pinned.listSessions(), { code: 'connection_lost' })
  status = 204
  assert.equal(await pinned.listSessions(), null)
  await assert.rejects(pinned.listSessions({}, { signal: AbortSignal.abort() }), { name: 'AbortError' })
})

test('pins that would protect nothing are refused when the client is made', () => {
  const good = pin(own!)
  for (const pins of [[], [good], [good, `sha256/${good}`], [good, 'x'], [good, `${good.slice(0, 42)}_=`]])
    assert.throws(() => client(pins), TypeError, pins.join())
  for (const more of [{ baseUrl: 'http://localhost' }, { fetch: globalThis.fetch }])
    assert.throws(() => client([good, pin(spare!)], more), TypeError)
})

interface Printed {
  readonly host: string
  readonly pins: readonly string[]
  readonly until: string
  readonly certificateEnds: string
  readonly android: string
  readonly ios: string
  readonly advice: readonly string[]
}

async function printed(...args: readonly string[]): Promise<Printed> {
  const { code, stdout, stderr } = await ipse('pins', ...args, '--json')
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout) as Printed
}

test('ipse pins prints what the client and both kinds of apps take', async () => {
  const backup = ['--backup', put('spare.pem', spare!.key)]
  const of = await printed(new URL(baseUrl).host, ...backup)
  assert.deepEqual(of.pins, [pin(own!), pin(spare!)])
  assert.equal(of.host, 'localhost')
  assert.equal(of.certificateEnds, new X509Certificate(own!.certificate).validToDate.toISOString())
  await client(of.pins).listSessions()

  const config = parseXml(of.android).find('domain-config')
  assert.equal(config.attributes.cleartextTrafficPermitted, 'false')
  assert.deepEqual(
    [config.find('domain').text, config.find('domain').attributes.includeSubdomains],
    ['localhost', 'false'],
  )
  const set = config.find('pin-set')
  assert.equal(set.attributes.expiration, of.until)
  assert.deepEqual(
    set.children.map(({ name, text, attributes }) => [name, attributes.digest, text]),
    of.pins.map((pin) => ['pin', 'SHA-256', pin]),
  )
  const days = (Date.parse(of.until) - Date.now()) / 86_400_000
  assert.ok(days > 363 && days <= 365, of.until)

  assert.deepEqual(plistValue(parseXml(of.ios).find('dict')), {
    NSAppTransportSecurity: {
      NSPinnedDomains: {
        localhost: {
          NSIncludesSubdomains: false,
          NSPinnedLeafIdentities: of.pins.map((pin) => ({ 'SPKI-SHA256-BASE64': pin })),
        },
      },
    },
  })
})

test('ipse pins reads a file, warns of one pin and of an end that is near, and refuses what is no certificate', async () => {
  const soon = await authority.issue({
    name: 'x',
    use: 'server',
    days: [-1, 9],
    names: [{ type: 'dns', value: 'ipse.example' }],
  })
  const path = put('soon.pem', soon.certificate)
  const of = await printed('--certificate', path, '--until', '30d')
  assert.deepEqual([of.host, of.pins], ['ipse.example', [pin(soon)]])
  assert.match(of.advice.join('\n'), /one pin only.*\n.*ends in 8 days/)
  assert.deepEqual((await printed('other.example', '--certificate', path)).host, 'other.example')
  const two = await printed('--certificate', path, '--backup', put('pub.pem', spare!.certificate))
  assert.ok(!two.advice.join().includes('one pin only'))
  for (const args of [
    [],
    ['not a host'],
    ['localhost:1'],
    ['--certificate', put('text', 'neither')],
    ['--certificate', path, '--backup', put('text', 'neither')],
    ['--certificate', path, '--backup', put('same.pem', soon.key)],
  ])
    assert.equal((await ipse('pins', ...args)).code, 2, args.join(' '))
  delete process.env.NODE_EXTRA_CA_CERTS
  const { code, stderr } = await ipse('pins', new URL(baseUrl).host)
  assert.deepEqual([code, /--certificate/.test(stderr)], [2, true], 'what does not verify is not pinned')
})

/** Enough of XML 1.0 for both files, and nothing that is not well formed. */
class Node {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Node[] = []
  text = ''
  constructor(name: string, attributes: string) {
    this.name = name
    this.attributes = Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)="([^"<&]*)"/g)].map(([, key = '', value = '']) => [key, value]),
    )
  }
  find(name: string): Node {
    const found = this.children.find((child) => child.name === name)
    assert.ok(found, `no ${name} in ${this.name}`)
    return found
  }
}

function parseXml(text: string): Node {
  const root = new Node('', '')
  const open = [root]
  const body = text.replace(/^<\?xml version="1\.0" encoding="utf-8"\?>\n(<!DOCTYPE [^<>]+>\n)?/i, '')
  assert.notEqual(body, text, 'a declaration comes first')
  let at = 0
  for (const match of body.matchAll(/([^<]*)<(\/?)([\w-]+)((?: [\w-]+="[^"<&]*")*)(\/?)>/g)) {
    assert.equal(match.index, at)
    at += match[0].length
    const [, before = '', closing, name = '', attributes = '', empty] = match
    assert.doesNotMatch(before, /[&>]/)
    open.at(-1)!.text += before.trim()
    if (closing) assert.equal(open.pop()!.name, name)
    else {
      const node = new Node(name, attributes)
      open.at(-1)!.children.push(node)
      if (!empty) open.push(node)
    }
  }
  assert.equal(body.slice(at).trim(), '')
  assert.equal(open.length, 1)
  assert.equal(root.children.length, 1)
  return root.children[0]!
}

/** A value of a property list, as the DTD of version 1.0 says. */
function plistValue(node: Node): unknown {
  if (node.name === 'string') return node.text
  if (node.name === 'true' || node.name === 'false') return node.name === 'true'
  if (node.name === 'array') return node.children.map(plistValue)
  assert.equal(node.name, 'dict')
  const entries = node.children.flatMap((key, index): [string, unknown][] => {
    if (index % 2 === 1) return []
    assert.equal(key.name, 'key')
    return [[key.text, plistValue(node.children[index + 1]!)]]
  })
  return Object.fromEntries(entries)
}

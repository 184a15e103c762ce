import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { connect } from 'node:tls'
import { parseSettings } from '@ipse/server'
import { type Authority, createAuthority, type Issued } from '../../server/test/certificates.ts'
import { checkCertificate, checkExposure, checkKeyFiles } from '../src/doctor/exposure.ts'
import { refuseDevelopmentKey } from '../src/serve/listening.ts'
import { emptyFolder, ipse, ipseJson, serve } from './run.ts'

const folder = emptyFolder()
let authority: Authority
before(async () => {
  authority = await createAuthority()
})

function put(
  name: string,
  { certificate, key }: Issued,
): { readonly certificate: string; readonly key: string } {
  const paths = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}-key.pem`) }
  writeFileSync(paths.certificate, certificate)
  writeFileSync(paths.key, key, { mode: 0o600 })
  return paths
}

function serial(port: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: 'localhost', port: Number(port), ca: authority.certificate }, () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    }).once('error', reject)
  })
}

test('TLS of its own, three listeners, and a certificate renewed at SIGHUP', async () => {
  const paths = put('own', await authority.issue({ name: 'localhost', use: 'server' }))
  const sets = {
    'tls.certificate': paths.certificate,
    'tls.key': paths.key,
    'server.apiListen': '127.0.0.1:00',
    'server.adminListen': '127.0.0.1:000',
  }
  const flags = Object.entries(sets).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  await using service = await serve(['--data', join(folder, 'tls'), ...flags])
  const { url, listeners } = service.ready as unknown as {
    url: string
    listeners: { surfaces: string[]; url: string }[]
  }
  assert.match(url, /^https:\/\/localhost:/)
  assert.deepEqual(
    listeners.map(({ surfaces }) => surfaces.join()),
    ['capture', 'api', 'admin'],
  )
  const health = new URL('/healthz', listeners[2]?.url)
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const options = { ca: authority.certificate, agent: false as const }
    const asked = request(health, options, (reply) => resolve(reply.resume().statusCode))
    asked.once('error', reject).end()
  })
  assert.equal(status, 200)

  const port = new URL(url).port
  const before = await serial(port)
  put('own', await authority.issue({ name: 'localhost', use: 'server' }))
  const heard = new Promise<void>((resolve) => {
    service.child.stderr?.on('data', () => {
      if (/certificate: read again/.test(service.stderr())) resolve()
    })
  })
  service.child.kill('SIGHUP')
  await heard
  assert.notEqual(await serial(port), before)
  assert.equal(await service.stop('SIGTERM'), 0)
})

test('a start is refused with everything that is wrong and what to do', async () => {
  const { code, stderr } = await ipse(['serve', '--host', '0.0.0.0', '--dev', '--data', join(folder, 'w')])
  assert.equal(code, 2)
  for (const says of [
    /tls\.certificate and tls\.key/,
    /without --dev/,
    /server\.adminListen=127\.0\.0\.1:8421/,
  ])
    assert.match(stderr, says)
  const bad = ['--set', `tls.certificate=${folder}/none.pem`, '--set', `tls.key=${folder}/none-key.pem`]
  const missing = await ipse(['serve', '--port', '0', '--data', join(folder, 'm'), ...bad])
  assert.equal(missing.code, 2)
  assert.match(missing.stderr, /none(-key)?\.pem: it cannot be read/)
})

test("the example site's key does not come along to a service that others reach", async () => {
  const data = join(folder, 'left')
  const { json } = await ipseJson(['keys', 'create', '--name', 'site', '--scopes', 'all', '--data', data])
  writeFileSync(join(data, 'site-key'), `${json.key}\n`, { mode: 0o600 })
  const exposed = parseSettings({
    named: { 'server.publicUrl': 'https://ipse.example', 'server.trustedProxies': '10.0.0.2' },
  })
  const { openExistingInstallation } = await import('../src/installation.ts')
  await using installation = await openExistingInstallation(data)
  await refuseDevelopmentKey(parseSettings(), installation)
  await assert.rejects(refuseDevelopmentKey(exposed, installation), {
    code: 'settings_invalid',
    message: new RegExp(`ipse keys revoke ${json.kid} --data`),
  })
  await ipse(['keys', 'revoke', json.kid as string, '--data', data])
  await refuseDevelopmentKey(exposed, installation)
})

test('doctor: exposure, the end of the certificate, and who may read the keys', async () => {
  const [fine] = checkExposure(parseSettings())
  assert.equal(fine?.status, 'ok')
  assert.match(fine.detail, /capture, api, admin at 127\.0\.0\.1:8420/)
  const open = checkExposure(parseSettings({ named: { 'server.host': '0.0.0.0' } }))
  assert.ok(open.length >= 2 && open.every(({ status, advice }) => status === 'fail' && advice))

  assert.deepEqual(await checkCertificate(parseSettings()), [])
  for (const [days, status] of [
    [90, 'ok'],
    [22, 'ok'],
    [20, 'warn'],
    [-1, 'fail'],
  ] as const) {
    const issued = await authority.issue({ name: 'localhost', use: 'server', days: [-30, days] })
    const { certificate, key } = put(`days${days}`, issued)
    const named = { 'tls.certificate': certificate, 'tls.key': key, 'server.publicUrl': 'https://localhost' }
    const [finding] = await checkCertificate(parseSettings({ named }))
    assert.equal(finding?.status, status, `${days} days: ${finding?.detail}`)
    if (days !== 90) continue
    const data = join(folder, 'modes')
    await ipseJson(['keys', 'create', '--name', 't', '--scopes', 'all', '--data', data])
    const closed = await checkKeyFiles(data, parseSettings({ named }))
    assert.deepEqual(
      closed.map(({ status: found }) => found),
      ['ok'],
    )
    chmodSync(join(data, 'keyring.json'), 0o640)
    chmodSync(key, 0o644)
    const failed = await checkKeyFiles(data, parseSettings({ named }))
    assert.equal(failed.length, 2)
    for (const { status: found, advice } of failed) {
      assert.equal(found, 'fail')
      assert.match(advice ?? '', /chmod 600/)
    }
  }
})

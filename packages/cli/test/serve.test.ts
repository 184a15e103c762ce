import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { IpseClient } from '@ipse/client'
import { emptyFolder, ipse, ipseJson, photograph, serve } from './run.ts'

const folder = emptyFolder()

test('the service starts with nothing, works with a key made meanwhile, and stops without leaving anything behind', async () => {
  const data = join(folder, 'first')
  await using service = await serve(['--data', data])
  const { url, dataDir } = service.ready
  assert.equal(dataDir, data)
  assert.equal(statSync(data).mode & 0o077, 0)
  for (const name of readdirSync(data)) assert.equal(statSync(join(data, name)).mode & 0o077, 0, name)
  assert.equal((await fetch(`${url}/readyz`)).status, 200)

  const { json } = await ipseJson(['keys', 'create', '--name', 't', '--scopes', 'all', '--data', data])
  const client = new IpseClient({ baseUrl: url, apiKey: json.key as string })
  const created = await client.createSession({ purpose: 'liveness' })
  const { state } = await client.getSession(created.id)
  assert.equal(state, 'created')
  const { faces } = await client.detect({ image: readFileSync(photograph(1)).toString('base64') })
  assert.ok(faces.length >= 2)
  const cancelled = await client.cancelSession(created.id)
  assert.equal(cancelled.state, 'cancelled')

  const port = new URL(url).port
  const second = await ipse(['serve', '--port', port, '--data', join(folder, 'second')])
  assert.equal(second.code, 2)
  assert.match(second.stderr, /port \d+ on 127\.0\.0\.1 is in use/)

  assert.equal(await service.stop('SIGINT'), 0)
  assert.deepEqual(readdirSync(data).sort(), ['ipse-keys.sqlite', 'ipse.sqlite', 'keyring.json'])
  await assert.rejects(fetch(url))
  assert.ok(!service.stderr().includes(json.key as string))
})

test('a second start knows the keys of the first, and SIGTERM is a graceful end too', async () => {
  const data = join(folder, 'again')
  const { json } = await ipseJson([
    'keys',
    'create',
    '--name',
    't',
    '--scopes',
    'session:create',
    '--data',
    data,
  ])
  await using service = await serve(['--data', data])
  const client = new IpseClient({ baseUrl: service.ready.url, apiKey: json.key as string })
  await client.createSession({ purpose: 'liveness' })
  await ipse(['keys', 'revoke', json.kid as string, '--data', data])
  await assert.rejects(client.createSession({ purpose: 'liveness' }), { code: 'unauthenticated' })
  assert.equal(await service.stop('SIGTERM'), 0)
})

test('a site gets a key of its own and every path that Ipse does not own', async () => {
  const data = join(folder, 'site')
  const site = join(folder, 'site.mjs')
  writeFileSync(
    site,
    `export default ({ ipseUrl, apiKey, publicUrl, simulatedCamera }) => async (request, response) => {
      if (request.url === '/fails') throw new Error('broken')
      const answer = await fetch(ipseUrl + '/v1/sessions?limit=1', { headers: { authorization: 'Bearer ' + apiKey } })
      response.end(JSON.stringify({ path: request.url, ipse: answer.status, publicUrl, simulatedCamera }))
    }`,
  )
  let first = ''
  for (const round of [1, 2]) {
    await using service = await serve(['--dev', '--site', site, '--data', data])
    const { url } = service.ready
    const answer = (await (await fetch(`${url}/some/page?x=1`)).json()) as Record<string, unknown>
    assert.deepEqual(answer, { path: '/some/page?x=1', ipse: 200, publicUrl: url, simulatedCamera: true })
    assert.equal((await fetch(`${url}/v1/sessions`)).status, 401)
    assert.equal((await fetch(`${url}/fails`)).status, 500)
    const key = readFileSync(join(data, 'site-key'), 'utf8').trim()
    assert.equal(statSync(join(data, 'site-key')).mode & 0o077, 0)
    assert.ok(!service.stderr().includes(key))
    if (round === 1) first = key
    else assert.equal(key, first)
    assert.equal(await service.stop(), 0)
  }
})

test('a data folder that others may enter is refused with the command that mends it', async () => {
  const open = emptyFolder()
  const { chmodSync } = await import('node:fs')
  chmodSync(open, 0o755)
  const { code, stderr } = await ipse(['serve', '--port', '0', '--data', open])
  assert.equal(code, 2)
  assert.match(stderr, /chmod 700/)
})

/** Rate limits: exact however many processes take, and as callers meet them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import { networkOf } from '../src/domain/abuse/network.ts'
import { startFixture } from './fixture.ts'
import { race } from './limit-race.ts'
import { scriptedImage } from './scripted-engine.ts'

test('four processes get exactly what the limit allows, and a refused take takes nothing', async () => {
  const { asked, limit, allowed, used, usedOwn } = await race(1500)
  assert.deepEqual([asked, limit], [6000, 4500])
  assert.equal(
    allowed.reduce((a, b) => a + b, 0),
    limit,
  )
  assert.equal(used, limit)
  assert.deepEqual(usedOwn, allowed, 'the allowance that every process has for itself')
})

test('a caller is told what is left, refused beyond it, and let in again in the next minute', async () => {
  const named = { 'limits.requestsPerKeyPerMinute': '3', 'limits.requestsPerTenantPerMinute': '5' }
  await using fixture = await startFixture({ named })
  const list = (key: string) =>
    fixture.call('GET', '/v1/sessions', undefined, { authorization: `Bearer ${key}` })
  const first = await list(fixture.apiKey)
  assert.deepEqual(
    ['limit', 'remaining', 'reset', 'policy'].map((name) => first.headers[`ratelimit-${name}`]),
    ['3', '2', '60', '"requests";q=3;w=60'],
  )
  assert.equal((await list(fixture.apiKey)).status, 200)
  assert.equal((await list(fixture.apiKey)).headers['ratelimit-remaining'], '0')
  const refused = await list(fixture.apiKey)
  assert.deepEqual(
    [refused.status, refused.body.code, refused.body.retry, refused.headers['retry-after']],
    [429, 'rate_limited', 'same', '60'],
  )
  const second = await fixture.newKey(['session:read'])
  const tenant = [await list(second), await list(second), await list(second)].map(({ status }) => status)
  assert.deepEqual(tenant, [200, 200, 429], 'five of the tenant, three of them with the first key')
  const elsewhere = await fixture.newKey(['session:read'], 'other')
  assert.equal((await list(elsewhere)).status, 200, 'another tenant')
  fixture.clock.advance(60_000)
  assert.equal((await list(fixture.apiKey)).status, 200)
})

test('strangers and health use up nothing; what a guard refuses is not counted', async () => {
  await using fixture = await startFixture({ named: { 'limits.requestsPerKeyPerMinute': '1' } })
  const read = await fixture.newKey(['session:read'])
  const call = (path: string, key: string) =>
    fixture.call('GET', path, undefined, { authorization: `Bearer ${key}` })
  assert.equal((await call('/v1/sessions', `${read.slice(0, -2)}AA`)).status, 401)
  assert.equal((await call('/v1/reviews', read)).status, 403)
  assert.equal((await call('/v1/sessions', read)).status, 200)
  assert.equal((await call('/v1/sessions', read)).status, 429)
  for (const path of ['/healthz', '/readyz'])
    for (let i = 0; i < 5; i++) assert.equal((await call(path, read)).status, 200)
})

test('ten comparisons a minute for one caller, however its requests look', async () => {
  await using fixture = await startFixture()
  const image = Buffer.from(scriptedImage({})).toString('base64')
  const compare = (body: unknown) => fixture.call('POST', '/v1/comparisons', body)
  const good = { probe: { image }, reference: { image } }
  for (let i = 0; i < 10; i++) assert.equal((await compare(i % 2 ? good : {})).status, i % 2 ? 200 : 400)
  assert.equal((await compare(good)).status, 429)
  assert.equal((await fixture.call('GET', '/v1/sessions')).status, 200, 'other work goes on')
})

test('a store that does not count lets nobody in, and health stays open', async () => {
  let broken = false
  await using fixture = await startFixture({
    wrapStore: (store) => ({
      ...store,
      takeAllowances: (takes) =>
        broken ? Promise.reject(new IpseError('storage_unavailable')) : store.takeAllowances(takes),
    }),
  })
  broken = true
  assert.equal((await fixture.call('GET', '/v1/sessions')).status, 503)
  assert.equal((await fixture.call('GET', '/healthz')).status, 200)
})

test('networks: /24 and /56, mapped addresses as what they map, loopback not at all', () => {
  const cases: [string, string | undefined][] = [
    ['203.0.113.77', '203.0.113.0/24'],
    ['::ffff:203.0.113.9', '203.0.113.0/24'],
    ['::ffff:cb00:7109', '203.0.113.0/24'],
    ['2001:db8:1:22ff::5', '2001:db8:1:2200::/56'],
    ['2001:DB8:1:2201:0:0:0:9', '2001:db8:1:2200::/56'],
    ['2001:db8:1:2300::', '2001:db8:1:2300::/56'],
    ['fe80::1%eth0', 'fe80:0:0:0::/56'],
    ['::2', '0:0:0:0::/56'],
    ['127.0.0.1', undefined],
    ['::ffff:127.3.0.1', undefined],
    ['::1', undefined],
    ['0:0:0:0:0:0:0:1', undefined],
    ['', undefined],
    ['localhost', undefined],
  ]
  for (const [address, network] of cases) assert.equal(networkOf(address), network, address)
})

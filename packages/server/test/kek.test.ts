/** Providers of key-encryption keys: in the process, behind HTTP, and what they do in trouble. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IpseError, toBase64url, utf8 } from '@ipse/protocol'
import type { KekProvider } from '../src/vault/kek.ts'
import { cachedKeks } from '../src/vault/kek-cache.ts'
import { type LocalKek, localKeks, parseKeks } from '../src/vault/kek-local.ts'
import { transitKeks } from '../src/vault/kek-transit.ts'
import { systemRandom } from './fixture.ts'
import { providerContract } from './kek-provider.ts'
import { startTransit, type TransitServer } from './transit-server.ts'

const bytes = (length: number) => systemRandom.bytes(length)
const binding = { keyId: 'dek_1', aad: utf8('whose it is') }

function startLocal() {
  let keks: readonly LocalKek[] = [{ id: 'kek-1', secret: bytes(32) }]
  return {
    provider: localKeks(
      () => keks,
      () => 1000,
      bytes,
    ),
    rotate: async () => {
      keks = [{ id: 'kek-2', secret: bytes(32), wrapsFrom: 1000 }, ...keks]
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

const optionsOf = ({ url, token }: TransitServer) => ({
  url,
  mount: 'transit',
  key: 'ipse',
  token,
  timeoutMs: 2000,
})

async function startRemote() {
  const server = await startTransit()
  const provider = transitKeks(optionsOf(server), () => 0)
  return {
    server,
    provider,
    rotate: async () => void (await provider.rotate?.()),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function startCached() {
  const remote = await startRemote()
  return { ...remote, provider: cachedKeks(remote.provider, () => 0) }
}

providerContract('keyring', async () => startLocal())
providerContract('transit', startRemote)
providerContract('transit behind the cache', startCached)

test('a key-encryption key that waits for its time opens already and does not wrap', async () => {
  let now = 0
  const [first, next] = [1, 2].map((n) => ({ id: `kek-${n}`, secret: bytes(32) })) as [LocalKek, LocalKek]
  const provider = localKeks(
    () => [{ ...next, wrapsFrom: 100 }, first],
    () => now,
    bytes,
  )
  const faster = localKeks(
    () => [next],
    () => 0,
    bytes,
  )
  assert.equal((await provider.wrap(bytes(32), binding)).kekId, 'kek-1')
  const key = bytes(32)
  assert.deepEqual(await provider.unwrap(await faster.wrap(key, binding), binding), key)
  assert.deepEqual(
    (await provider.list()).map(({ state }) => state),
    ['waiting', 'wrapping'],
  )
  now = 100
  assert.equal((await provider.wrap(bytes(32), binding)).kekId, 'kek-2')
})

test('keys from the environment are read strictly, and no error shows one', () => {
  const secret = toBase64url(bytes(32))
  assert.deepEqual(
    parseKeks(` a:${secret} , b:${secret.slice(0, 42)}A`).map(({ id }) => id),
    ['a', 'b'],
  )
  for (const text of [
    '',
    secret,
    `a:${secret.slice(1)}`,
    `a:${secret},a:${secret}`,
    `a b:${secret}`,
    `:${secret}`,
  ])
    assert.throws(
      () => parseKeks(text),
      (error: IpseError) => error.code === 'settings_invalid' && !error.message.includes(secret.slice(1, 20)),
    )
})

/** @returns the error, which tells neither token nor key */
async function failure(work: Promise<unknown>, server: TransitServer): Promise<IpseError> {
  try {
    await work
  } catch (error) {
    assert.ok(error instanceof IpseError)
    const told = `${error.message} ${error.stack} ${JSON.stringify(error.cause ?? '')}`
    assert.ok(!told.includes(server.token))
    return error
  }
  return assert.fail('it did not fail')
}

test('a key service that does not answer is asked three times at most and told apart from a wrong key', async () => {
  await using remote = await startRemote()
  const { server } = remote
  const provider = transitKeks({ ...optionsOf(server), timeoutMs: 50 }, () => 0)
  const wrapped = await remote.provider.wrap(bytes(32), binding)
  for (const trouble of [500, 503, 429, 'hang'] as const) {
    let tries = 0
    server.before = () => {
      tries++
      return trouble
    }
    const error = await failure(provider.unwrap(wrapped, binding), server)
    assert.deepEqual([error.code, error.retry, tries], ['storage_unavailable', 'same', 3], `${trouble}`)
    assert.ok((error.retryAfterMs ?? 0) > 0)
  }
  let tries = 0
  server.before = () => (++tries === 1 ? 503 : undefined)
  assert.equal((await provider.unwrap(wrapped, binding)).length, 32)
  server.before = () => {
    tries++
    return 403
  }
  tries = 0
  assert.equal((await failure(provider.wrap(bytes(32), binding), server)).code, 'storage_unavailable')
  assert.equal(tries, 1)
})

test('a key service that is gone, or somebody else, is an error that may be tried again', async () => {
  const server = await startTransit()
  const provider = transitKeks(optionsOf(server), () => 0)
  const wrapped = await provider.wrap(bytes(32), binding)
  const stranger = transitKeks({ ...optionsOf(server), token: 'wrong' }, () => 0)
  assert.equal((await failure(stranger.unwrap(wrapped, binding), server)).code, 'storage_unavailable')
  await server[Symbol.asyncDispose]()
  assert.equal((await failure(provider.unwrap(wrapped, binding), server)).code, 'storage_unavailable')
  assert.equal((await failure(provider.current(), server)).code, 'storage_unavailable')
})

test('the key service learns nothing of whose key it is', async () => {
  await using remote = await startRemote()
  const named = { keyId: 'dek_secret-name', aad: utf8('tenant shop, subject anna') }
  const moved = await remote.provider.rewrap?.(await remote.provider.wrap(bytes(32), named), named)
  assert.ok(moved)
  await remote.provider.unwrap(moved, named)
  const heard = remote.server.heard.join(' ')
  for (const word of [
    'dek_secret-name',
    'anna',
    toBase64url(named.aad),
    Buffer.from(named.aad).toString('base64'),
  ])
    assert.ok(!heard.includes(word), word)
})

test('the oldest version is destroyed and no other, and then it opens nothing', async () => {
  await using remote = await startRemote()
  const { provider } = remote
  const old = await provider.wrap(bytes(32), binding)
  await assert.rejects(Promise.resolve(provider.destroy?.(old.kekId)), { code: 'invalid_request' })
  await remote.rotate()
  await assert.rejects(Promise.resolve(provider.destroy?.(await provider.current())), {
    code: 'invalid_request',
  })
  await provider.destroy?.(old.kekId)
  assert.deepEqual(
    (await provider.list()).map(({ id }) => id),
    ['transit-ipse-v2'],
  )
  await assert.rejects(provider.unwrap(old, binding), { code: 'storage_unavailable' })
})

test('an address without TLS, or without a token, is refused at the start', () => {
  const options = { url: 'https://vault.test', mount: 'transit', key: 'ipse', token: 't', timeoutMs: 1000 }
  transitKeks(options, () => 0)
  for (const bad of [
    { url: 'http://vault.test' },
    { url: 'vault.test' },
    { mount: 'a/../b/' },
    { key: '../sys' },
    { token: '' },
  ])
    assert.throws(() => transitKeks({ ...options, ...bad }, () => 0), { code: 'settings_invalid' })
})

test('the cache answers for the very same wrapped key, for a while, for few, and overwrites what it forgets', async () => {
  const local = startLocal().provider
  let asked = 0
  let now = 0
  const given: Uint8Array[] = []
  const counted: KekProvider = {
    ...local,
    async unwrap(wrapped, whose) {
      asked++
      const key = await local.unwrap(wrapped, whose)
      given.push(key)
      return key
    },
  }
  const cache = cachedKeks(counted, () => now, { most: 2, lifeMs: 100 })
  const wrapped = await Promise.all(
    [1, 2, 3].map(async (n) => {
      const whose = { ...binding, keyId: `dek_${n}` }
      return { whose, key: await cache.wrap(bytes(32), whose) }
    }),
  )
  const ask = (n: number) => cache.unwrap(wrapped[n]?.key ?? assert.fail(), wrapped[n]?.whose ?? binding)
  const first = await ask(0)
  const kept = Uint8Array.from(first)
  first.fill(0)
  assert.deepEqual(await ask(0), kept, 'the caller may zeroise what it got')
  assert.equal(asked, 1)
  await assert.rejects(cache.unwrap(wrapped[0]?.key ?? assert.fail(), { ...binding, keyId: 'dek_2' }))
  await ask(1)
  await ask(2)
  assert.equal(asked, 4)
  await ask(2)
  assert.equal(asked, 4)
  await ask(0)
  assert.equal(asked, 5, 'the oldest of three was forgotten')
  now = 100
  await ask(0)
  assert.equal(asked, 6, 'old answers are forgotten')
  cache.close()
  await ask(0)
  assert.equal(asked, 7)
})

/** A device seals to a key of the service that its token names, made for this very capture, and to no other. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  acceptOffer,
  createDeviceKey,
  type DayKey,
  dayKeyStatement,
  fromBase64url,
  IpseError,
  publicJwk,
  type SealingOffer,
  sealingKeyStatement,
  signBytes,
  thumbprint,
  toBase64url,
  utf8,
} from '../src/index.ts'

const NOW = 1_795_000_000
const scope = { sessionId: 'ses_1', challengeId: 'chl_1', jkt: 'thumb' }
const key = () => toBase64url(crypto.getRandomValues(new Uint8Array(65)))
const tokenFor = (service: unknown) => `e30.${toBase64url(utf8(JSON.stringify({ svc: service })))}.AA`

type Pair = Awaited<ReturnType<typeof createDeviceKey>>

async function service() {
  const identity = await createDeviceKey()
  const named = await publicJwk(identity.publicKey)
  const token = tokenFor(await thumbprint(named))
  async function day(pair: Pair, by: Pair = identity, from = NOW): Promise<DayKey> {
    const span = { key: await publicJwk(pair.publicKey), from, until: from + 90_000 }
    const signature = toBase64url(await signBytes(by.privateKey, dayKeyStatement(span)))
    return { ...span, identity: await publicJwk(by.publicKey), signature }
  }
  async function offer(to = scope, kid = 'key_1'): Promise<SealingOffer> {
    const pair = await createDeviceKey()
    const publicKey = key()
    const signed = await signBytes(pair.privateKey, sealingKeyStatement({ ...to, kid }, publicKey))
    return { kid, publicKey, day: await day(pair), signature: toBase64url(signed) }
  }
  return { token, identity, day, offer }
}

async function refused(offer: SealingOffer, token: string, now = NOW, to = scope) {
  await assert.rejects(
    acceptOffer(offer, to, token, now),
    (error: unknown) => error instanceof IpseError && error.code === 'service_unproven',
  )
}

test('accepts the key that the named service signed for this capture', async () => {
  const { token, offer } = await service()
  const offered = await offer()
  assert.deepEqual(await acceptOffer(offered, scope, token, NOW), fromBase64url(offered.publicKey))
})

test('refuses a key that a man in the middle put in its place', async (t) => {
  const { token, offer, day, identity } = await service()
  const other = await service()
  const sound = await offer()
  const pair = await createDeviceKey()
  const own = key()
  const signed = toBase64url(
    await signBytes(pair.privateKey, sealingKeyStatement({ ...scope, kid: 'key_1' }, own)),
  )
  const cases: Record<string, SealingOffer> = {
    'with the signature of the one before': { ...sound, publicKey: own },
    'under another id': { ...sound, kid: 'key_2' },
    'of another session': await offer({ ...scope, sessionId: 'ses_2' }),
    'of another attempt': await offer({ ...scope, challengeId: 'chl_2' }),
    'for another device': await offer({ ...scope, jkt: 'other' }),
    'of another service': await other.offer(),
    'signed by a day key of his own': {
      kid: 'key_1',
      publicKey: own,
      day: await day(pair, pair),
      signature: signed,
    },
    'signed by a day key under the name of the service': {
      kid: 'key_1',
      publicKey: own,
      day: { ...(await day(pair, pair)), identity: await publicJwk(identity.publicKey) },
      signature: signed,
    },
    'signed by the identity of the service for the day, for another day key': {
      ...sound,
      day: { ...sound.day, key: await publicJwk(pair.publicKey) },
      signature: signed,
    },
    'with a longer day': { ...sound, day: { ...sound.day, until: sound.day.until + 86_400 } },
    'with a day that began earlier': { ...sound, day: { ...sound.day, from: sound.day.from - 86_400 } },
    'with a signature that is none': { ...sound, signature: '!' },
    'with an empty signature': { ...sound, signature: '' },
    'with a point that is on no curve': {
      ...sound,
      day: { ...sound.day, key: { ...sound.day.key, y: sound.day.key.x } },
    },
  }
  for (const [title, offered] of Object.entries(cases)) await t.test(title, () => refused(offered, token))
})

test('refuses a day that is over or not begun, and takes clocks that differ a little', async () => {
  const { token, offer } = await service()
  const offered = await offer()
  const { from, until } = offered.day
  for (const now of [from - 60, until + 60]) await acceptOffer(offered, scope, token, now)
  for (const now of [from - 61, until + 61, Number.NaN]) await refused(offered, token, now)
})

test('refuses when the token names no service', async () => {
  const { offer } = await service()
  const offered = await offer()
  for (const token of ['', 'a', 'a.b.c', 'e30.e30.AA', tokenFor(7), tokenFor(undefined)])
    await refused(offered, token)
})

test('the vector: an offer from another day and process', async () => {
  const path = new URL('../../../vectors/protocol/sealing-offer.json', import.meta.url)
  const { in: given, want } = JSON.parse(readFileSync(path, 'utf8')) as {
    in: { scope: typeof scope; token: string; now: number; offer: SealingOffer }
    want: { dayKeyStatement: string; sealingKeyStatement: string }
  }
  const { offer, token, now } = given
  assert.equal(toBase64url(dayKeyStatement(offer.day)), want.dayKeyStatement)
  const statement = sealingKeyStatement({ ...given.scope, kid: offer.kid }, offer.publicKey)
  assert.equal(toBase64url(statement), want.sealingKeyStatement)
  assert.deepEqual(await acceptOffer(offer, given.scope, token, now), fromBase64url(offer.publicKey))
})

/** RSA keys whose private half can be computed from the public one (CVE-2017-15361) are believed nowhere. */
import assert from 'node:assert/strict'
import { checkPrimeSync, createPrivateKey, generateKeyPairSync, type JsonWebKeyInput } from 'node:crypto'
import { test } from 'node:test'
import { createLocalJWKSet } from 'jose'
import { parseKeySet } from '../src/identity/clients.ts'
import { rsaFlaw } from '../src/identity/rsa-keys.ts'
import { verifyJwt } from '../src/identity/strict-jwt.ts'
import { compact, newSigner, signerOf, signWith } from './tokens.ts'

const E = 65_537n

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (
    let left = exponent, square = base % modulus;
    left > 0n;
    left >>= 1n, square = (square * square) % modulus
  )
    if (left & 1n) result = (result * square) % modulus
  return result
}

/** The modular inverse, by Euclid. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n]
  while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x]
  return ((x % modulus) + modulus) % modulus
}

const base64url = (value: bigint) => {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex').toString('base64url')
}

function primesUpTo(most: number): bigint[] {
  return Array.from({ length: most - 1 }, (_, at) => at + 2)
    .filter((n) =>
      Array.from({ length: Math.floor(Math.sqrt(n)) - 1 }, (_, at) => at + 2).every((d) => n % d !== 0),
    )
    .map(BigInt)
}

/** M of keys with 2048 bits: the product of the first 126 primes. */
const M = primesUpTo(701).reduce((a, b) => a * b)

/** A prime as that library made it: k·M + (65537^a mod M), 1024 bits, the first from an `a` on. */
function weakPrime(a: bigint): bigint {
  const k = (1n << 1023n) / M + (1n << 1021n) / M
  for (let exponent = a; ; exponent++) {
    const candidate = k * M + power(E, exponent, M)
    if (checkPrimeSync(candidate)) return candidate
  }
}

/** A whole key of that kind, which signs like any other. */
function weakKey() {
  const [p, q] = [weakPrime(1_000n), weakPrime(1_000_000n)]
  const d = inverse(E, (p - 1n) * (q - 1n))
  const numbers = { n: p * q, e: E, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) }
  const members = Object.entries(numbers).map(([name, value]) => [name, base64url(value)])
  return createPrivateKey({
    key: { kty: 'RSA', ...Object.fromEntries(members) },
    format: 'jwk',
  } as JsonWebKeyInput)
}

const weak = signerOf(weakKey(), 'weak', 'PS256')
const modulusOf = ({ jwk }: Pick<typeof weak, 'jwk'>) =>
  BigInt(`0x${Buffer.from(String(jwk.n), 'base64url').toString('hex')}`)

test('a modulus of two such primes is recognised, at every size of such keys', () => {
  assert.match(rsaFlaw(String(weak.jwk.n)) ?? '', /CVE-2017-15361/)
  // The primes of other sizes share the first 39 primes; whether the factors are prime shows nowhere.
  const smaller = primesUpTo(167).reduce((a, b) => a * b)
  for (const bits of [2048n, 3072n, 4096n])
    for (const exponent of [0n, 1n, 12_345n]) {
      const modulus = ((1n << (bits - 1n)) / smaller + 1n) * smaller + power(E, exponent, smaller)
      assert.ok(rsaFlaw(base64url(modulus)), `${bits} bits, ${exponent}`)
    }
})

test('one small prime that does not fit is enough to be no such modulus; honest keys pass', () => {
  const modulus = modulusOf(weak)
  const telling = [11n, 13n, 17n, 19n, 37n, 53n, 61n, 71n, 73n, 79n, 97n, 103n, 107n, 109n, 127n, 151n, 157n]
  for (const prime of telling) {
    const powers = new Set(Array.from({ length: Number(prime) }, (_, at) => power(E, BigInt(at), prime)))
    const stranger = Array.from({ length: Number(prime) - 1 }, (_, at) => BigInt(at + 1)).find(
      (r) => !powers.has(r),
    )
    assert.ok(stranger !== undefined, `${prime} tells nothing`)
    // Changes the remainder of this prime and of no other.
    const others = M / prime
    const step = (((stranger - modulus) % prime) + prime) * inverse(others, prime)
    const other = modulus + others * (step % prime)
    assert.equal(other % prime, stranger)
    assert.equal(rsaFlaw(base64url(other)), undefined, `${prime}`)
  }
  for (let i = 0; i < 3; i++) assert.equal(rsaFlaw(String(newSigner('PS256').jwk.n)), undefined)
})

test('short keys are refused, and so is what is no number', () => {
  const { n } = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
  for (const modulus of [String(n), '', 'AA']) assert.match(rsaFlaw(modulus) ?? '', /2048 bits/)
})

test('such a key is not registered, and what it signs is refused wherever it was registered before', async () => {
  assert.throws(() => parseKeySet({ keys: [weak.jwk] }), {
    code: 'invalid_request',
    message: /CVE-2017-15361/,
  })
  const sound = newSigner('PS256', 'sound')
  assert.equal(parseKeySet({ keys: [sound.jwk] }).length, 1)
  const keys = createLocalJWKSet({ keys: [weak.jwk, sound.jwk] as never })
  const verify = (signer: typeof weak) =>
    verifyJwt(compact({ alg: 'PS256', kid: signer.kid }, { iss: 'a', aud: 'b', exp: 2 }, signWith(signer)), {
      keys,
      types: [undefined],
      issuer: 'a',
      audiences: ['b'],
      required: ['exp'],
      now: 1000,
    })
  assert.equal((await verify(sound)).iss, 'a')
  await assert.rejects(verify(weak), { code: 'unauthenticated', message: /CVE-2017-15361/ })
  await assert.rejects(verify(weak), { message: /CVE-2017-15361/ }, 'a second time too')
})

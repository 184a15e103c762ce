/**
 * RSA keys that must not be believed: short ones, and those of CVE-2017-15361 (“ROCA”), whose primes a library of Infineon
 * made so regular that the private half can be computed from the public one. It shows in the modulus: modulo each small
 * prime it is a power of 65537. Source: Nemec, Sys, Svenda, Klinec, Matyas, “The Return of Coppersmith’s Attack”, CCS 2017,
 * §2.3; the primes are those that every size of such keys shares.
 */
import { IpseError } from '@ipse/protocol'
import type { CryptoKey, JWTVerifyGetKey } from 'jose'

/** NIST SP 800-57 part 1, 112 bits of strength, bits. */
export const LEAST_RSA_BITS = 2048
/** The odd ones among the first 39 primes. */
const PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
]

/** Powers of 65537 modulo a prime. Where they are all there is, the prime tells nothing: 17 of the 38 tell something. */
const POWERS = PRIMES.map((prime) => ({
  prime: BigInt(prime),
  powers: powersOf(65_537 % prime, prime),
})).filter(({ prime, powers }) => powers.size < Number(prime) - 1)

function powersOf(base: number, prime: number): ReadonlySet<number> {
  const powers = new Set<number>()
  for (let power = 1; !powers.has(power); power = (power * base) % prime) powers.add(power)
  return powers
}

/** Of honest moduli one in 239 million looks so by chance. @param n modulus, base64url */
function isRoca(n: string): boolean {
  const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex') || '0'}`)
  return POWERS.every(({ prime, powers }) => powers.has(Number(modulus % prime)))
}

/** What is wrong with an RSA key; undefined when nothing is. @param n modulus, base64url as in a JWK (RFC 7518 §6.3.1.1) */
export function rsaFlaw(n: string): string | undefined {
  if (Buffer.from(n, 'base64url').length * 8 < LEAST_RSA_BITS)
    return `RSA keys have at least ${LEAST_RSA_BITS} bits`
  return isRoca(n)
    ? 'its private half can be computed (CVE-2017-15361): make it with another library'
    : undefined
}

/** A key stays the same object as long as the set that it comes from is kept. */
const sound = new WeakSet<object>()

/** @throws IpseError `unauthenticated` for an RSA key that must not be believed; other keys pass */
export async function assertSoundKey(key: CryptoKey): Promise<void> {
  if (!key.algorithm.name.startsWith('RSA') || sound.has(key)) return
  const { n = '' } = await crypto.subtle.exportKey('jwk', key)
  const flaw = rsaFlaw(n)
  if (flaw !== undefined) throw new IpseError('unauthenticated', `token: key: ${flaw}`)
  sound.add(key)
}

/** Keys of strangers, each looked at before the first token that it verifies. */
export function soundKeys(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    const key = await keys(header, token)
    if (!('algorithm' in key)) throw new TypeError('a key set gives CryptoKeys')
    await assertSoundKey(key)
    return key
  }
}

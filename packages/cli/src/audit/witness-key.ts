/** The key of a witness: a JSON Web Key with a name, in a file of its owner. Made when it is asked for the first time. */
import type { webcrypto } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { type Bytes, createVerifier, fromBase64url, IpseError, type NoteSigner } from '@ipse/protocol'
import { fileError } from '../files.ts'

interface WitnessKey {
  /** That cosignatures carry, such as witness.example/w1. */
  readonly name: string
  readonly privateJwk: webcrypto.JsonWebKey
}

/** @param name of a key that is made; a key that exists keeps its own */
export async function loadOrCreateWitnessKey(path: string, name: string | undefined): Promise<NoteSigner> {
  const { name: own, privateJwk } = (await readKey(path)) ?? (await createKey(path, name))
  const key = await crypto.subtle.importKey('jwk', privateJwk, 'Ed25519', false, ['sign'])
  return {
    verifier: await createVerifier(own, fromBase64url(privateJwk.x ?? ''), 'cosignature'),
    sign: async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, message as Bytes)),
  }
}

async function readKey(path: string): Promise<WitnessKey | undefined> {
  try {
    const { name, privateJwk } = JSON.parse(await readFile(path, 'utf8')) as WitnessKey
    if (typeof name === 'string' && privateJwk?.crv === 'Ed25519' && typeof privateJwk.d === 'string')
      return { name, privateJwk }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (!(cause instanceof SyntaxError)) throw fileError(path, cause)
  }
  throw new IpseError('invalid_request', `${path}: this is no key of a witness`)
}

async function createKey(path: string, name: string | undefined): Promise<WitnessKey> {
  if (name === undefined)
    throw new IpseError('invalid_request', `${path} does not exist: --name NAME makes a key there`)
  const pair = (await crypto.subtle.generateKey('Ed25519', true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const { kty = '', crv = '', x = '', d = '' } = await crypto.subtle.exportKey('jwk', pair.privateKey)
  await createVerifier(name, fromBase64url(x), 'cosignature')
  const key = { name, privateJwk: { kty, crv, x, d } }
  await writeFile(path, `${JSON.stringify(key, null, 2)}\n`, { mode: 0o600, flag: 'wx' }).catch((cause) => {
    throw fileError(path, cause)
  })
  return key
}

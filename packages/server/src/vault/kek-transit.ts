/**
 * Key-encryption keys that never leave a key service: HashiCorp Vault's transit engine, OpenBao, or whatever speaks the same
 * HTTP. Wrapping is `encrypt`, unwrapping `decrypt`, a rotation is a new version of the named key, and re-wrapping is `rewrap`,
 * which shows the wrapped key to nobody.
 *
 * What is encrypted is the key with SHA-256 of what it is bound to: `rewrap` knows no associated data, and so the service
 * learns nothing of whose key it is.
 */
import { timingSafeEqual } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { concat, fromUtf8, IpseError, utf8 } from '@ipse/protocol'
import { sha256 } from '../node-crypto.ts'
import { KEY_BYTES } from './envelope.ts'
import type { KekDescription, KekProvider, KeyBinding, WrappedKey } from './kek.ts'

export interface TransitOptions {
  /** Origin of the service, https everywhere but on loopback. */
  readonly url: string
  /** Where the engine is mounted. */
  readonly mount: string
  /** Name of the key. */
  readonly key: string
  /** Never logged, and in no error. */
  readonly token: string
  /** For each try, milliseconds. */
  readonly timeoutMs: number
}

/** Waits before the second and the third try, milliseconds: what is not back by then is told to the caller. */
const RETRIES_MS = [50, 200] as const
/** What a caller is told to wait, milliseconds. */
const RETRY_AFTER_MS = 1000
/** An answer of the service is some hundred bytes, a description of a key some more for each version. */
const MAX_ANSWER_BYTES = 1_000_000
/** How long the description of the key is believed, milliseconds: a rotation is seen by then. */
const DESCRIPTION_MS = 10_000
const CIPHERTEXT = /^vault:v(\d{1,9}):[A-Za-z0-9+/=]+$/
const NAME = /^[A-Za-z0-9_.-]{1,64}$/

interface KeyVersions {
  readonly latest: number
  readonly oldest: number
}

/**
 * @param now milliseconds since any moment
 * @throws IpseError `settings_invalid` for an address or a name that cannot be one
 */
export function transitKeks(options: TransitOptions, now: () => number): KekProvider {
  const { key } = options
  const base = checked(options)
  const idOf = (version: number) => `transit-${key}-v${version}`
  let known: { readonly versions: KeyVersions; readonly at: number } | undefined

  const write = (path: string, body: unknown) => ask(options, `${base}/${path}`, body)

  async function versions(): Promise<KeyVersions> {
    if (known && now() - known.at < DESCRIPTION_MS) return known.versions
    const { latest_version: latest, min_decryption_version: oldest } = await ask(
      options,
      `${base}/keys/${key}`,
    )
    if (!isVersion(latest) || !isVersion(oldest)) throw unusable('does not say which versions its key has')
    known = { versions: { latest, oldest }, at: now() }
    return known.versions
  }

  function wrappedOf({ ciphertext }: Readonly<Record<string, unknown>>): WrappedKey {
    const version = CIPHERTEXT.exec(typeof ciphertext === 'string' ? ciphertext : '')?.[1]
    if (version === undefined) throw unusable('gave no ciphertext')
    return { kekId: idOf(Number(version)), wrapped: utf8(String(ciphertext)) }
  }

  function ciphertextOf({ kekId, wrapped }: WrappedKey): string {
    const text = fromUtf8(wrapped)
    const version = CIPHERTEXT.exec(text)?.[1]
    if (version === undefined || kekId !== idOf(Number(version)))
      throw new IpseError('internal', 'a key is wrapped with a key-encryption key of another provider')
    return text
  }

  return {
    async list() {
      const { latest, oldest } = await versions()
      return Array.from(
        { length: latest - oldest + 1 },
        (_, back): KekDescription => ({
          id: idOf(latest - back),
          state: back === 0 ? 'wrapping' : 'opening',
        }),
      )
    },
    current: async () => idOf((await versions()).latest),
    async wrap(plain, binding) {
      const bound = Buffer.from(concat(plain, digestOf(binding)))
      const plaintext = bound.toString('base64')
      bound.fill(0)
      return wrappedOf(await write(`encrypt/${key}`, { plaintext }))
    },
    async unwrap(wrapped, binding) {
      const { plaintext } = await write(`decrypt/${key}`, { ciphertext: ciphertextOf(wrapped) })
      const bound = Buffer.from(typeof plaintext === 'string' ? plaintext : '', 'base64')
      try {
        const digest = digestOf(binding)
        if (bound.length !== KEY_BYTES + digest.length || !timingSafeEqual(bound.subarray(KEY_BYTES), digest))
          throw new IpseError('internal', 'a wrapped key is not the one of its record')
        return Uint8Array.from(bound.subarray(0, KEY_BYTES))
      } finally {
        bound.fill(0)
      }
    },
    rewrap: async (wrapped) => wrappedOf(await write(`rewrap/${key}`, { ciphertext: ciphertextOf(wrapped) })),
    async rotate() {
      await write(`keys/${key}/rotate`, {})
      known = undefined
      return idOf((await versions()).latest)
    },
    async destroy(id) {
      known = undefined
      const { latest, oldest } = await versions()
      if (id === idOf(latest) || id !== idOf(oldest))
        throw new IpseError(
          'invalid_request',
          'the key service destroys its oldest version only, and never its latest',
        )
      await write(`keys/${key}/config`, {
        min_decryption_version: oldest + 1,
        min_encryption_version: latest,
      })
      await write(`keys/${key}/trim`, { min_available_version: oldest + 1 })
      known = undefined
    },
  }
}

function checked({ url, mount, key, token }: TransitOptions): string {
  const refuse = (what: string) => new IpseError('settings_invalid', what)
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' }
  const local = hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)
  if (protocol !== 'https:' && !(protocol === 'http:' && local))
    throw refuse('kek.transitUrl: https, or http on loopback')
  if (!mount.split('/').every((part) => NAME.test(part)))
    throw refuse('kek.transitMount is not the name of a mount')
  if (!NAME.test(key)) throw refuse('kek.transitKey is not the name of a key')
  if (token === '') throw refuse('kek.transitToken is missing')
  return `${url.replace(/\/$/, '')}/v1/${mount}`
}

function digestOf({ keyId, aad }: KeyBinding): Uint8Array {
  return sha256(concat(utf8(`ipse-key-binding/1\0${keyId}\0`), aad))
}

const isVersion = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0

/** Nothing of the answer and nothing of the request is told: both may hold keys. */
function unusable(what: string, cause?: unknown): IpseError {
  return new IpseError('storage_unavailable', `the key service ${what}`, {
    cause,
    retryAfterMs: RETRY_AFTER_MS,
  })
}

/** @returns the member `data` of the answer */
async function ask(
  options: TransitOptions,
  url: string,
  body?: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  for (const pauseMs of RETRIES_MS) {
    const answer = await once(options, url, body)
    if (!(answer instanceof IpseError)) return answer
    await wait(pauseMs)
  }
  const answer = await once(options, url, body)
  if (answer instanceof IpseError) throw answer
  return answer
}

/** @returns an error that another try may mend @throws IpseError `storage_unavailable` when none will */
async function once(
  { token, timeoutMs }: TransitOptions,
  url: string,
  body: unknown,
): Promise<Readonly<Record<string, unknown>> | IpseError> {
  try {
    const reply = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-vault-token': token, 'x-vault-request': 'true', 'content-type': 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await textOf(reply)
    if (reply.status >= 500 || reply.status === 429) return unusable(`answers ${reply.status}`)
    if (!reply.ok) throw unusable(`refuses with ${reply.status}`)
    return text === '' ? {} : ((JSON.parse(text) as { data?: Record<string, unknown> }).data ?? {})
  } catch (cause) {
    if (cause instanceof IpseError) throw cause
    return unusable('does not answer', cause)
  }
}

async function textOf(reply: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of reply.body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw unusable('says too much')
    chunks.push(chunk)
  }
  return fromUtf8(concat(...chunks))
}

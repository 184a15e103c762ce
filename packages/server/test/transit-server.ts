/**
 * A small key service that speaks the transit engine's HTTP of HashiCorp Vault: named keys with versions, encrypt, decrypt,
 * rewrap, rotate, config and trim, behind a token. Real AES-256-GCM; a test can make it slow, silent or wrong.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

interface Key {
  /** Version 1 first; an empty place was trimmed. */
  readonly versions: (Buffer | undefined)[]
  oldest: number
}

export interface TransitServer extends AsyncDisposable {
  readonly url: string
  readonly token: string
  /** Requests that were answered, by path. */
  readonly asked: string[]
  /** Headers and bodies that came in. */
  readonly heard: string[]
  /** What happens to a request before it is answered: a status answers it at once, `hang` never does. */
  before: (path: string) => number | 'hang' | undefined
}

class Refusal extends Error {}

export async function startTransit(name = 'ipse', mount = 'transit'): Promise<TransitServer> {
  const token = `hvs.${randomBytes(16).toString('hex')}`
  const key: Key = { versions: [randomBytes(32)], oldest: 1 }
  const asked: string[] = []
  const heard: string[] = []

  function encrypt(plaintext: Buffer): string {
    const version = key.versions.length
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key.versions[version - 1] ?? Buffer.alloc(0), nonce)
    const sealed = Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
    return `vault:v${version}:${sealed.toString('base64')}`
  }

  function decrypt(ciphertext: string): Buffer {
    const [, version = '', text = ''] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? []
    const secret = key.versions[Number(version) - 1]
    if (!secret || Number(version) < key.oldest)
      throw new Refusal('ciphertext or signature version is disallowed by policy')
    const sealed = Buffer.from(text, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, 12))
    decipher.setAuthTag(sealed.subarray(-16))
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
  }

  function answer(method: string, path: string, body: Record<string, unknown>): unknown {
    const text = (member: string) => String(body[member] ?? '')
    switch (`${method} ${path}`) {
      case `POST encrypt/${name}`:
        return {
          ciphertext: encrypt(Buffer.from(text('plaintext'), 'base64')),
          key_version: key.versions.length,
        }
      case `POST decrypt/${name}`:
        return { plaintext: decrypt(text('ciphertext')).toString('base64') }
      case `POST rewrap/${name}`:
        return { ciphertext: encrypt(decrypt(text('ciphertext'))), key_version: key.versions.length }
      case `POST keys/${name}/rotate`:
        key.versions.push(randomBytes(32))
        return undefined
      case `POST keys/${name}/config`:
        key.oldest = Number(body.min_decryption_version)
        return undefined
      case `POST keys/${name}/trim`:
        key.versions.fill(undefined, 0, Number(body.min_available_version) - 1)
        return undefined
      case `GET keys/${name}`:
        return { name, latest_version: key.versions.length, min_decryption_version: key.oldest }
      default:
        throw new Refusal('unsupported path')
    }
  }

  const service: { before: TransitServer['before'] } = { before: () => undefined }
  const reply = (response: ServerResponse, status: number, body?: unknown) =>
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(body === undefined ? '' : JSON.stringify(body))

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const path = (request.url ?? '').replace(`/v1/${mount}/`, '')
    heard.push(JSON.stringify(request.headers), text)
    const first = service.before(path)
    if (first === 'hang') return
    if (first !== undefined) return void reply(response, first, { errors: ['as told'] })
    if (request.headers['x-vault-token'] !== token)
      return void reply(response, 403, { errors: ['permission denied'] })
    asked.push(path)
    try {
      const data = answer(request.method ?? '', path, text === '' ? {} : JSON.parse(text))
      if (data === undefined) reply(response, 204)
      else reply(response, 200, { data })
    } catch (error) {
      reply(response, 400, { errors: [error instanceof Refusal ? error.message : 'invalid ciphertext'] })
    }
  }

  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    asked,
    heard,
    get before() {
      return service.before
    },
    set before(before) {
      service.before = before
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

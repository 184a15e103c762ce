/**
 * The browser element's files: under an address that names their content, cached for ever, readable by any origin; and the
 * subresource integrity value of each. Served from memory as they were when the service started, so that what is served is
 * what was hashed.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../settings.ts'

/** What a session's page needs. */
export interface Element {
  readonly url: string
  /** `sha384-…`; empty when the element is not served here. */
  readonly integrity: string
}

/** What anybody may know of it: `/.well-known/ipse.json`. */
export interface Release {
  /** Absent for a folder without `sri.json`. */
  readonly version?: string
  readonly files: readonly Element[]
}

export interface ServedElement {
  readonly element: Element
  readonly release: Release
}

/** `sri.json`, which `npm run build` writes beside the files of a release. */
interface Manifest {
  readonly version: string
  /** File name → `sha384-…`. */
  readonly files: Readonly<Record<string, string>>
}

const YEAR_S = 31_536_000
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

const NOT_BUILT =
  'the <ipse-check> element is not served here: build it with "npm run build" and set element.dir'

export function integrityOf(bytes: Uint8Array): string {
  return `sha384-${createHash('sha384').update(bytes).digest('base64')}`
}

export function addElement(app: FastifyInstance, { element, server }: Settings): ServedElement {
  const { dir, file } = element
  const address = (path: string) => `${server.publicUrl}/web/${path}`
  if (dir === '' || !existsSync(join(dir, file))) {
    app.log.warn({ dir }, NOT_BUILT)
    app.get('/web/*', { schema: { hide: true } }, async () => {
      throw new IpseError('not_found', NOT_BUILT)
    })
    return { element: { url: address(file), integrity: '' }, release: { files: [] } }
  }
  const manifest = readManifest(dir)
  const files = readFiles(dir, file, manifest)
  const names = [...files].map(([name, { integrity }]) => `${name} ${integrity}\n`)
  const digest = createHash('sha256').update(names.join('')).digest('base64url').slice(0, 16)
  const release = manifest === undefined ? digest : `${manifest.version}-${digest}`

  app.get<{ Params: { '*': string } }>('/web/*', { schema: { hide: true } }, async (request, reply) => {
    const path = request.params['*']
    const immutable = path.startsWith(`${release}/`)
    const found = files.get(immutable ? path.slice(release.length + 1) : path)
    if (!found) throw new IpseError('not_found')
    const etag = `"${found.integrity}"`
    reply.headers({
      etag,
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': immutable ? `public, max-age=${YEAR_S}, immutable` : 'public, no-cache',
    })
    if (request.headers['if-none-match'] === etag) return reply.code(304).send()
    return reply.type(found.type).send(found.bytes)
  })
  const publish = (name: string, { integrity }: File) => ({ url: address(`${release}/${name}`), integrity })
  return {
    element: publish(file, files.get(file)!),
    release: {
      ...(manifest === undefined ? {} : { version: manifest.version }),
      files: [...files].map(([name, found]) => publish(name, found)),
    },
  }
}

function readManifest(dir: string): Manifest | undefined {
  const path = join(dir, 'sri.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Manifest) : undefined
}

interface File {
  readonly bytes: Buffer
  readonly integrity: string
  readonly type: string
}

/**
 * The files of the release, or without one the module alone.
 * @throws IpseError `settings_invalid` when a file is not the one that was released: nobody must be handed it
 */
function readFiles(dir: string, module: string, manifest: Manifest | undefined): ReadonlyMap<string, File> {
  const names = manifest === undefined ? [module] : Object.keys(manifest.files)
  const refuse = (what: string) =>
    new IpseError('settings_invalid', `element.dir: ${what}: run "npm run build" again`)
  if (!names.includes(module)) throw refuse(`sri.json does not name ${module}`)
  const files = names.map((name): [string, File] => {
    if (!/^[\w.-]+$/.test(name) || !existsSync(join(dir, name))) throw refuse(`there is no ${name}`)
    const bytes = readFileSync(join(dir, name))
    const integrity = integrityOf(bytes)
    if (manifest !== undefined && manifest.files[name] !== integrity)
      throw refuse(`${name} is not the file that sri.json names`)
    return [name, { bytes, integrity, type: TYPES[extname(name)] ?? 'application/octet-stream' }]
  })
  return new Map(files)
}

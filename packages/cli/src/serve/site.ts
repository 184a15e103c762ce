/**
 * The example site in development: a module that answers, on the same port, every path that Ipse does not own. It gets an
 * API key of its own, drawn at random at the first start, and is otherwise a stranger: it talks to Ipse over HTTP.
 */
import { chmod, readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { IpseError } from '@ipse/protocol'
import {
  createApiKey,
  type Dependencies,
  listenersOf,
  localUrl,
  type Scope,
  type Settings,
} from '@ipse/server'
import { note } from '../command.ts'
import { type Installation, makePrivateFolder, systemClock, systemRandom } from '../installation.ts'

export interface SiteOptions {
  /** Where the site's backend reaches Ipse. */
  readonly ipseUrl: string
  readonly apiKey: string
  /** What browsers call the site and Ipse alike; also the issuer of receipts. */
  readonly publicUrl: string
  /** The site's own files. */
  readonly dataDir: string
  readonly simulatedCamera: boolean
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

/** All that a relying party of the example's kind needs. */
const SITE_SCOPES: readonly Scope[] = [
  'session:create',
  'session:read',
  'session:cancel',
  'face:detect',
  'subject:read',
  'subject:delete',
]

/** @throws IpseError `invalid_request` when the module is no site */
export async function mountSite(
  module: string,
  settings: Settings,
  installation: Installation,
): Promise<NonNullable<Dependencies['fallback']>> {
  const createSite = await importSite(module)
  await makePrivateFolder(installation.folder.site)
  const handler = await createSite({
    ipseUrl: apiUrl(settings),
    apiKey: await siteKey(installation),
    publicUrl: settings.server.publicUrl,
    dataDir: installation.folder.site,
    simulatedCamera: settings.server.development,
  })
  return (request, response) => {
    Promise.resolve()
      .then(() => handler(request, response))
      .catch((error: unknown) => {
        note(`site: ${error instanceof Error ? error.stack : error}`)
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
        response.end('The site failed.\n')
      })
  }
}

/** Straight to the listener; with our own TLS by the name that the certificate is for. */
function apiUrl(settings: Settings): string {
  const { publicUrl, apiUrl } = settings.server
  const listener = listenersOf(settings).find(({ surfaces }) => surfaces.includes('api'))
  return listener === undefined || listener.tls ? apiUrl || publicUrl : localUrl(listener)
}

async function importSite(module: string): Promise<(options: SiteOptions) => Promise<Handler> | Handler> {
  const path = resolve(module)
  const loaded = (await import(pathToFileURL(path).href).catch((cause: Error) => {
    throw new IpseError('invalid_request', `--site ${path}: ${cause.message}`, { cause })
  })) as { default?: unknown }
  if (typeof loaded.default !== 'function')
    throw new IpseError('invalid_request', `--site ${path}: the module has no function as its default export`)
  return loaded.default as (options: SiteOptions) => Promise<Handler>
}

/** The key of the last start while it is valid, or a new one; for its owner's eyes only. */
async function siteKey({ folder, store, keys }: Installation): Promise<string> {
  const kept = await readFile(folder.siteKey, 'utf8').catch(() => '')
  const kid = kept.split('_')[2]
  const record = kid === undefined ? undefined : await store.findApiKey(kid)
  if (record && record.revokedAt === undefined) return kept.trim()
  const { key } = await createApiKey(store, keys, systemRandom, systemClock, {
    tenant: 'example',
    name: 'example site',
    scopes: SITE_SCOPES,
    environment: 'dev',
  })
  await writeFile(folder.siteKey, `${key}\n`, { mode: 0o600 })
  await chmod(folder.siteKey, 0o600)
  return key
}

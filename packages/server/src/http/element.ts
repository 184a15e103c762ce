/**
 * The browser element's files: under an address that names their content, cached for ever, readable by any origin; and its
 * subresource integrity value for pages that embed it.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../settings.ts'

const YEAR_MS = 31_536_000_000

export interface Element {
  readonly url: string
  /** `sha384-…`; empty when the element is not served here. */
  readonly integrity: string
}

const NOT_BUILT =
  'the <ipse-check> element is not served here: build it with "npm run build" and set element.dir'

export async function addElement(app: FastifyInstance, settings: Settings): Promise<Element> {
  const { dir, file } = settings.element
  const root = resolve(dir === '' ? '.' : dir)
  const path = join(root, file)
  if (dir === '' || !existsSync(path)) {
    app.log.warn({ dir }, NOT_BUILT)
    app.get('/web/*', { schema: { hide: true } }, async () => {
      throw new IpseError('not_found', NOT_BUILT)
    })
    return { url: `${settings.server.publicUrl}/web/${file}`, integrity: '' }
  }
  const bytes = readFileSync(path)
  const version = createHash('sha256').update(bytes).digest('base64url').slice(0, 16)
  const serve = (prefix: string, immutable: boolean) =>
    app.register(fastifyStatic, {
      root,
      prefix,
      index: false,
      dotfiles: 'deny',
      decorateReply: false,
      cacheControl: false,
      setHeaders: (reply) => {
        reply.header('access-control-allow-origin', '*')
        reply.header('cross-origin-resource-policy', 'cross-origin')
        reply.header(
          'cache-control',
          immutable ? `public, max-age=${YEAR_MS / 1000}, immutable` : 'public, no-cache',
        )
      },
    })
  await serve(`/web/${version}/`, true)
  await serve('/web/', false)
  return {
    url: `${settings.server.publicUrl}/web/${version}/${file}`,
    integrity: `sha384-${createHash('sha384').update(bytes).digest('base64')}`,
  }
}

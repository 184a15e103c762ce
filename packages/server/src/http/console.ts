/** The console's page and its files, read once at the start, under a content security policy of their own. Nothing secret is in them. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../settings.ts'
import { openDoor } from './auth.ts'
import { integrityOf } from './element.ts'

/** Our own files, and no others; styles are constructed by the script (no `style-src`), and lit-html makes the one kind of HTML. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ')

const SCRIPT = 'console.js'
const FILES: Readonly<Record<string, string>> = {
  [SCRIPT]: 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
}

const NOT_BUILT = 'the console is not served here: build it with "npm run build" and set console.dir'

export function addConsole(app: FastifyInstance, { console: { dir } }: Pick<Settings, 'console'>): void {
  const page = join(dir, 'index.html')
  if (dir === '' || !existsSync(page)) {
    app.get('/admin/', { onRequest: openDoor(), schema: { hide: true } }, async () => {
      throw new IpseError('not_found', NOT_BUILT)
    })
    return
  }
  const read = (file: string) => readFileSync(join(dir, file))
  const serve = (url: string, bytes: Buffer, type: string) => {
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    app.get(url, { onRequest: openDoor(), schema: { hide: true } }, async (request, reply) => {
      reply.header('content-security-policy', POLICY)
      reply.header('cache-control', 'no-cache')
      reply.header('etag', etag)
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type(type).send(bytes)
    })
  }
  // Integrity-Policy lets no script run that its page does not name by its hash.
  const html = readFileSync(page, 'utf8').replace(
    '<script ',
    `<script integrity="${integrityOf(read(SCRIPT))}" `,
  )
  serve('/admin/', Buffer.from(html), 'text/html; charset=utf-8')
  for (const [file, type] of Object.entries(FILES)) serve(`/admin/assets/${file}`, read(file), type)
  app.get('/admin', { onRequest: openDoor(), schema: { hide: true } }, (_request, reply) =>
    reply.redirect('/admin/', 308),
  )
}

/** A relying party's page of another origin, exactly as docs/embedding.md says, and the reports that browsers send about it. */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { CreatedSession } from '@ipse/protocol'
import { ROOT } from './service.ts'

const GUIDE = readFileSync(join(ROOT, 'docs/embedding.md'), 'utf8')

/** The first block of a language in the guide. */
function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\n\`\`\``).exec(GUIDE)?.[1]
  if (found === undefined) throw new Error(`docs/embedding.md has no ${language} block`)
  return found
}

export interface HostPage extends AsyncDisposable {
  readonly origin: string
  /** What browsers reported to `report-uri`. */
  readonly reports: unknown[]
  /** What the page shows; with a change of the guide's own text, or without one of its headers, where a test needs it. */
  show(session: CreatedSession, change?: (html: string, nonce: string) => string, without?: string): void
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

export async function startHostPage(): Promise<HostPage> {
  const reports: unknown[] = []
  let answer = (): { headers: Record<string, string>; body: string } => ({ headers: {}, body: '' })
  const server = createServer(async (request, reply) => {
    if (request.url === '/csp-reports') {
      reports.push(JSON.parse(await text(request)))
      return reply.writeHead(204).end()
    }
    if (request.url !== '/') return reply.writeHead(404).end()
    const { headers, body } = answer()
    reply.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body)
  })
  const origin = await listen(server)
  return {
    origin,
    reports,
    show({ element, captureUrl, captureToken }, change = (html) => html, without) {
      answer = () => {
        const nonce = randomBytes(16).toString('base64')
        const values: Readonly<Record<string, string>> = {
          '{nonce}': nonce,
          '{element.url}': element.url,
          '{element.integrity}': element.integrity,
          '{captureUrl}': captureUrl,
          '{captureToken}': captureToken,
          'https://ipse.example': new URL(element.url).origin,
          'wss://ipse.example': new URL(captureUrl).origin,
        }
        const fill = (template: string) =>
          Object.entries(values).reduce((done, [name, value]) => done.replaceAll(name, value), template)
        const lines = fill(block('http'))
          .split('\n')
          .filter((line) => without === undefined || !line.startsWith(`${without}: `))
        const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2)))
        const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title></head><body>\n`
        return { headers, body: `${page}${change(fill(block('html')), nonce)}\n</body></html>` }
      }
    },
    [Symbol.asyncDispose]: () => close(server),
  }
}

export interface AssetProxy extends AsyncDisposable {
  readonly origin: string
  /** Alters one byte of what it hands on. */
  tampering: boolean
  readonly served: string[]
}

/** Stands between browser and service for the element's files, as a content delivery network does. */
export async function startAssetProxy(service: string): Promise<AssetProxy> {
  const proxy = { tampering: false, served: [] as string[] }
  const server = createServer(async (request, reply) => {
    const answer = await fetch(new URL(request.url ?? '/', service))
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (proxy.tampering) {
      // A letter of some text: the module would run as well as before.
      const at = bytes.indexOf('Face check')
      bytes[at]! ^= 0x20
    }
    proxy.served.push(`sha384-${createHash('sha384').update(bytes).digest('base64')}`)
    const headers = Object.fromEntries(
      [...answer.headers].filter(
        ([name]) => !/^(content-length|transfer-encoding|connection|keep-alive)$/.test(name),
      ),
    )
    reply.writeHead(answer.status, headers).end(bytes)
  })
  const origin = await listen(server)
  return Object.assign(proxy, { origin, [Symbol.asyncDispose]: () => close(server) })
}

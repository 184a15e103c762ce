/** A page with <ipse-check> under the strictest content security policy, the built element, and a scripted capture service. */
import { createServer } from 'node:http'
import { join } from 'node:path'
import { build, type Rolldown } from 'vite'
import { type CaptureServer, type Script, startCaptureServer, tokenOf } from './capture-server.ts'

/** Nothing inline, nothing evaluated, no WebAssembly, no other host. */
export const STRICT_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws://localhost:*; img-src 'self' blob:; " +
  "media-src 'self' blob:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"

const PAGE = (body: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Test page</title><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/page.css"><script type="module" src="/page.js"></script></head>
<body><main><h1>Test page</h1>${body}</main></body></html>`

const PAGE_CSS = `
:root { color-scheme: light dark; }
body { margin: 0; padding: 24px; background: light-dark(#eef1f5, #0d1015); font-family: system-ui; color: light-dark(#14181f, #eef1f5) }
h1 { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%) }`

/** Counts violations and events; the tests read both. */
const PAGE_JS = `
globalThis.violations = []
globalThis.events = []
document.addEventListener('securitypolicyviolation', (event) => {
  violations.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile)
})
for (const name of ['ready', 'start', 'step', 'guide', 'outcome', 'error', 'cancel'])
  document.addEventListener('ipse-' + name, ({ type, index, step, hint, progress, outcome, attemptsLeft, code, retry }) =>
    events.push({ type, index, step, hint, progress, outcome, attemptsLeft, code, retry }))
await import('/ipse-check.js')
globalThis.loaded = true`

let built: Promise<string> | undefined

/** The element as it ships, built once a process. */
export function builtElement(): Promise<string> {
  built ??= build({
    configFile: join(import.meta.dirname, '../vite.config.ts'),
    logLevel: 'error',
    build: { write: false },
  }).then((result) => {
    const [first] = [result].flat() as Rolldown.RolldownOutput[]
    return first!.output[0].code
  })
  return built
}

export interface PageServer extends AsyncDisposable {
  readonly origin: string
  readonly capture: CaptureServer
  /** What stands in the page's body. */
  body: string
  /** Further headers of every answer. */
  headers: Readonly<Record<string, string>>
}

export async function startPageServer(script: Script): Promise<PageServer> {
  const element = await builtElement()
  const files: Record<string, readonly [string, string]> = {
    '/page.css': ['text/css', PAGE_CSS],
    '/page.js': ['text/javascript', PAGE_JS],
    '/ipse-check.js': ['text/javascript', element],
  }
  const http = createServer((request, response) => {
    const [type, text] = files[request.url ?? ''] ?? ['text/html', PAGE(page.body)]
    const headers = { 'content-type': type, 'content-security-policy': STRICT_CSP, ...page.headers }
    response.writeHead(200, headers).end(text)
  })
  const capture = await startCaptureServer(script, http)
  const page: PageServer = {
    origin: new URL(capture.url.replace('ws', 'http')).origin,
    capture,
    body: '',
    headers: {},
    [Symbol.asyncDispose]: () => capture[Symbol.asyncDispose](),
  }
  page.body = `<ipse-check session-token="${tokenOf('token-1')}" capture-url="${capture.url}"></ipse-check>`
  return page
}

/**
 * The example relying party as a plain request handler: accounts without passwords, by way of Ipse. Everything that a real
 * site would copy is in src/checks.ts; this file is its table of addresses.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { IpseClient, IpseError } from '@ipse/client'
import { openAccounts, parseName } from './src/accounts.ts'
import { createChecks, type Wanted } from './src/checks.ts'
import { CONSENT_VERSION } from './src/consent.ts'
import { readStatic } from './src/files.ts'
import {
  Refusal,
  readCookies,
  readOwnJson,
  redirect,
  securityHeaders,
  sendJson,
  sendPage,
  setCookie,
} from './src/http.ts'
import { createLogins, LOGIN_MS } from './src/logins.ts'
import { accountPage, erasedPage, missingPage } from './src/pages/account.ts'
import { checkPage } from './src/pages/check.ts'
import { landingPage } from './src/pages/landing.ts'
import { createPeople, PEOPLE } from './src/simulated.ts'

export interface SiteOptions {
  /** Where this backend reaches Ipse. */
  readonly ipseUrl: string
  readonly apiKey: string
  /** Address of this site, as browsers see it. */
  readonly publicUrl: string
  /** Folder for the account file. */
  readonly dataDir: string
  /** Offers the simulated camera. Never in production. */
  readonly simulatedCamera: boolean
  /** Address of Ipse as browsers see it and as receipts name it; `publicUrl` when absent: both on one port. */
  readonly ipsePublicUrl?: string
}

export type Site = (request: IncomingMessage, response: ServerResponse) => void

const YEAR_S = 31_536_000
const CHECK_S = 900
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export default async function createSite(options: SiteOptions): Promise<Site> {
  const { ipseUrl, apiKey, publicUrl, dataDir, simulatedCamera, ipsePublicUrl = publicUrl } = options
  const origin = new URL(publicUrl).origin
  const secure = origin.startsWith('https:')
  const client = new IpseClient({ baseUrl: ipseUrl, apiKey, issuer: ipsePublicUrl.replace(/\/+$/, '') })
  const accounts = openAccounts(dataDir)
  const logins = createLogins()
  const checks = createChecks(client, accounts, origin)
  const people = createPeople(client)
  const headers = securityHeaders(ipsePublicUrl)

  type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void> | void

  const signedIn = (request: IncomingMessage) => {
    const name = logins.find(readCookies(request).login)
    return name === undefined ? undefined : accounts.find(name)
  }

  /** The device's own random id: lasting, but of the browser, not of the account. */
  function deviceOf(request: IncomingMessage, response: ServerResponse): string {
    const known = readCookies(request).device
    const device = known && GUID.test(known) ? known : randomUUID()
    setCookie(response, 'device', device, { maxAgeSeconds: YEAR_S, secure })
    return device
  }

  async function startCheck(kind: 'sign-up' | 'sign-in', request: IncomingMessage, response: ServerResponse) {
    const body = await readOwnJson(request, origin)
    const name = parseName(body.name)
    if (!name) throw new Refusal(400, 'Use letters, digits and spaces for your name, at most 40.')
    if (kind === 'sign-up' && body.consent !== CONSENT_VERSION)
      throw new Refusal(400, 'Please read and agree to the text first.')
    const simulated = PEOPLE.some((person) => person.name === body.camera)
    if (simulated && !simulatedCamera) throw new Refusal(400, 'There is no simulated camera here.')
    const wanted: Wanted = { name, device: deviceOf(request, response), simulatedCamera: simulated }
    const { started, ticket } = await (kind === 'sign-up' ? checks.signUp(wanted) : checks.signIn(wanted))
    setCookie(response, 'check', ticket, { maxAgeSeconds: CHECK_S, path: '/api/finish', secure })
    sendJson(response, 201, started)
  }

  const routes: Readonly<Record<string, Handler>> = {
    'GET /': (request, response) => sendPage(response, 200, landingPage(signedIn(request)?.name)),
    'GET /sign-up': (_, response) => sendPage(response, 200, checkPage('sign-up', simulatedCamera)),
    'GET /sign-in': (_, response) => sendPage(response, 200, checkPage('sign-in', simulatedCamera)),
    'GET /deleted': (_, response) => sendPage(response, 200, erasedPage()),
    'GET /account': (request, response) => {
      const account = signedIn(request)
      if (account) sendPage(response, 200, accountPage(account))
      else redirect(response, '/sign-in')
    },
    'GET /account/export': async (request, response) => {
      const account = signedIn(request)
      if (!account) return redirect(response, '/sign-in')
      const data = { account, ipse: await client.exportSubject(account.subject) }
      response.setHeader('content-disposition', 'attachment; filename="my-data.json"')
      sendJson(response, 200, data)
    },
    'POST /api/sign-up': (request, response) => startCheck('sign-up', request, response),
    'POST /api/sign-in': (request, response) => startCheck('sign-in', request, response),
    'POST /api/finish': async (request, response) => {
      const { sessionId } = await readOwnJson(request, origin)
      const { account, verified } = await checks.finish(String(sessionId), readCookies(request).check)
      if (account) {
        const cookie = logins.begin(account.name)
        setCookie(response, 'login', cookie, { maxAgeSeconds: LOGIN_MS / 1000, secure })
        return sendJson(response, 200, { verified: true })
      }
      // Reasons are for the backend. They go to the page in development only: to anybody else they are an oracle.
      const { decision, reasons } = verified.claims
      sendJson(response, 200, { verified: false, ...(simulatedCamera ? { decision, reasons } : {}) })
    },
    'POST /api/sign-out': async (request, response) => {
      await readOwnJson(request, origin)
      logins.end(readCookies(request).login)
      setCookie(response, 'login', '', { maxAgeSeconds: 0, secure })
      sendJson(response, 200, {})
    },
    'POST /api/delete': async (request, response) => {
      await readOwnJson(request, origin)
      const account = signedIn(request)
      if (!account) throw new Refusal(401, 'Sign in first.')
      const erasure = await client.deleteSubject(account.subject)
      accounts.remove(account.name)
      logins.endAll(account.name)
      setCookie(response, 'login', '', { maxAgeSeconds: 0, secure })
      sendJson(response, 200, { erasure })
    },
  }

  async function sendStatic(response: ServerResponse, name: string): Promise<boolean> {
    const file = readStatic(name)
    if (!file) return false
    response.writeHead(200, { 'content-type': file.type, 'cache-control': 'no-cache' }).end(file.bytes)
    return true
  }

  /** `/sim/<person>/{photo.jpg,portrait.jpg,model.json}`, in development only. */
  async function sendPerson(response: ServerResponse, path: string): Promise<boolean> {
    const [, name = '', part = ''] = /^([a-z-]+)\/(photo\.jpg|portrait\.jpg|model\.json)$/.exec(path) ?? []
    const source = simulatedCamera ? await people(name) : undefined
    if (!source) return false
    if (part === 'model.json') sendJson(response, 200, source.model)
    else
      response
        .writeHead(200, { 'content-type': 'image/jpeg' })
        .end(part === 'photo.jpg' ? source.photo : source.portrait)
    return true
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host, pathname, search } = new URL(request.url ?? '/', origin)
    // One address only: cookies, captures and the origin check belong to it.
    if (request.method === 'GET' && request.headers.host !== host)
      return redirect(response, origin + pathname + search)
    const handler = routes[`${request.method} ${pathname}`]
    if (handler) return handler(request, response, pathname)
    if (request.method === 'GET') {
      if (pathname.startsWith('/site/') && (await sendStatic(response, pathname.slice(6)))) return
      if (pathname.startsWith('/sim/') && (await sendPerson(response, pathname.slice(5)))) return
    }
    sendPage(response, 404, missingPage(signedIn(request)?.name))
  }

  return (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy()
      if (error instanceof Refusal) return sendJson(response, error.status, { message: error.message })
      const known = error instanceof IpseError ? error.code : 'internal'
      console.error(`relying party: ${request.method} ${request.url?.split('?')[0]}: ${known}`)
      sendJson(response, 502, { message: 'The face check is not available at the moment.', code: known })
    })
  }
}

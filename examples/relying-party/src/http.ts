/** The little HTTP that this site needs: strict JSON in, pages and JSON out, cookies, headers that forbid everything else. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Largest request body, bytes: a name and a few words. */
const BODY_LIMIT = 4096

/** A refusal with its status and a sentence for the person. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * Reads a JSON object that this site's own page sent. Other sites cannot send it: SameSite cookies stay away, `Origin`
 * must be ours, and `application/json` needs a preflight that is never granted.
 * @throws Refusal
 */
export async function readOwnJson(
  request: IncomingMessage,
  origin: string,
): Promise<Record<string, unknown>> {
  if (request.headers.origin !== origin) throw new Refusal(403, 'This request did not come from this site.')
  if (!/^application\/json(;|$)/.test(request.headers['content-type'] ?? ''))
    throw new Refusal(415, 'Send JSON.')
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > BODY_LIMIT) throw new Refusal(413, 'Too much text.')
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {}
  throw new Refusal(400, 'Send a JSON object.')
}

export function readCookies(request: IncomingMessage): Record<string, string> {
  const pairs = (request.headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split('='))
  return Object.fromEntries(pairs.flatMap(([name, value]) => (name && value ? [[name, value]] : [])))
}

export interface CookieOptions {
  readonly maxAgeSeconds: number
  readonly path?: string
  readonly secure: boolean
}

/** Not readable by scripts and not sent by other sites' pages. */
export function setCookie(
  response: ServerResponse,
  name: string,
  value: string,
  { maxAgeSeconds, path = '/', secure }: CookieOptions,
): void {
  const cookie = `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
  response.appendHeader('set-cookie', cookie)
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

export function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(html)
}

export function redirect(response: ServerResponse, to: string): void {
  response.writeHead(303, { location: to }).end()
}

/** Headers of every answer. Scripts come from this site and from Ipse; nothing is inline, nothing is evaluated. */
export function securityHeaders(ipseUrl: string): Record<string, string> {
  const ipse = new URL(ipseUrl)
  const socket = `${ipse.protocol === 'https:' ? 'wss' : 'ws'}://${ipse.host}`
  return {
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'self' ${ipse.origin}`,
      "style-src 'self'",
      `connect-src 'self' ${socket}`,
      "img-src 'self' blob: data:",
      "media-src 'self' blob:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types lit-html relying-party',
    ].join('; '),
    'permissions-policy': 'camera=(self), microphone=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  }
}

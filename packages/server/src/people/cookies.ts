/** Cookies of people (RFC 6265bis): `__Host-` ties them to one host, HttpOnly keeps them from scripts. */
import type { Site } from './site.ts'

export interface Cookie {
  readonly name: 'ipse-person' | 'ipse-sign-in'
  /** `Strict` for sessions; `Lax` for what has to come back from an identity provider. */
  readonly sameSite: 'Strict' | 'Lax'
}

export const SESSION_COOKIE: Cookie = { name: 'ipse-person', sameSite: 'Strict' }
export const STATE_COOKIE: Cookie = { name: 'ipse-sign-in', sameSite: 'Lax' }

/** The one value of a cookie; nothing when it comes twice, for then somebody else may have set one. */
export function readCookie(
  { secure }: Site,
  { name }: Cookie,
  header: string | undefined,
): string | undefined {
  const prefix = `${nameOf(name, secure)}=`
  const values = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix))
  return values.length === 1 ? values[0]?.slice(prefix.length) : undefined
}

/** @param lifetimeS seconds; 0 deletes the cookie */
export function cookieHeader(
  { secure }: Site,
  { name, sameSite }: Cookie,
  value: string,
  lifetimeS: number,
): string {
  const attributes = ['Path=/', `Max-Age=${lifetimeS}`, 'HttpOnly', `SameSite=${sameSite}`]
  return [`${nameOf(name, secure)}=${value}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ')
}

function nameOf(name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name
}

/** Who is signed in, by random cookie, in memory: a restart signs everybody out. */
import { createHash, randomBytes } from 'node:crypto'

/** A sign-in lasts that long, milliseconds. */
export const LOGIN_MS = 3_600_000

export interface Logins {
  /** The value for the cookie. */
  begin(name: string): string
  find(cookie: string | undefined): string | undefined
  end(cookie: string | undefined): void
  endAll(name: string): void
}

export function createLogins(): Logins {
  const logins = new Map<string, { readonly name: string; readonly until: number }>()
  // The table holds hashes, so that nothing in memory is a usable cookie.
  const keyOf = (cookie: string) => createHash('sha256').update(cookie).digest('base64url')
  return {
    begin(name) {
      const cookie = randomBytes(32).toString('base64url')
      logins.set(keyOf(cookie), { name, until: Date.now() + LOGIN_MS })
      return cookie
    },
    find(cookie) {
      const login = cookie === undefined ? undefined : logins.get(keyOf(cookie))
      return login && login.until > Date.now() ? login.name : undefined
    },
    end(cookie) {
      if (cookie !== undefined) logins.delete(keyOf(cookie))
    },
    endAll(name) {
      for (const [key, login] of logins) if (login.name === name) logins.delete(key)
    },
  }
}

/** The site that people sign in on: its exact origin, what passkeys are bound to, and how its cookies are called. Pure. */
import type { Settings } from '../settings.ts'

export interface Site {
  /** As browsers send it; the only one that may change anything. */
  readonly origin: string
  /** Host name that passkeys are bound to. */
  readonly rpId: string
  /** Browsers give `__Host-` and Secure to https only; without it the site is on this machine. */
  readonly secure: boolean
}

export function siteOf({ server }: Pick<Settings, 'server'>): Site {
  const { origin, hostname, protocol } = new URL(server.adminUrl || server.publicUrl)
  return { origin, rpId: hostname, secure: protocol === 'https:' }
}

/** Where an invitation is taken up. The secret stands after `#`: no server and no log ever sees it in an address. */
export function invitationLink({ origin }: Site, secret: string): string {
  return `${origin}/admin/#invitation=${secret}`
}

/** What every credential carries beside its proof: whose it is, what it may do, from where. One check for keys and clients. */
import { IpseError } from '@ipse/protocol'
import { parseAddressList } from '../addresses.ts'
import { isScope, type Scope } from './scopes.ts'

const NAME = /^[\w .:@-]{1,64}$/
const TENANT = /^[a-z0-9][a-z0-9-]{0,62}$/

export interface Rights {
  readonly tenant: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Origins that sessions may name; any when absent. */
  readonly origins?: readonly string[]
  /** Addresses and CIDR ranges that it may be used from; any when absent. */
  readonly networks?: readonly string[]
}

/** @throws IpseError `invalid_request` for a bad tenant, name, scope, origin or network */
export function checkRights({ tenant, name, scopes, origins = [], networks = [] }: Rights): void {
  const refuse = (detail: string) => new IpseError('invalid_request', detail)
  if (!isTenant(tenant)) throw refuse('a tenant is 1–63 characters of a–z, 0–9 and hyphen')
  if (!NAME.test(name)) throw refuse('a name is 1–64 letters, digits, spaces or . : @ - _')
  if (scopes.length === 0 || !scopes.every(isScope)) throw refuse('unknown scope, or none')
  for (const origin of origins) if (!isOrigin(origin)) throw refuse(`not an origin: ${origin}`)
  try {
    parseAddressList(networks)
  } catch (cause) {
    throw new IpseError('invalid_request', (cause as Error).message, { cause })
  }
}

export function isTenant(text: unknown): text is string {
  return typeof text === 'string' && TENANT.test(text)
}

/** An origin as browsers send it: scheme, host and port, nothing else. */
export function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text)
}

/** @param address of the machine that asks, behind declared proxies as they name it */
export function mayUseFrom(networks: readonly string[] | undefined, address: string): boolean {
  return networks === undefined || parseAddressList(networks)(address)
}

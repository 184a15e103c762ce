/** Flags that keys and clients share: whose they are, what they may do, and from where. */
import { isScope, type Rights, SCOPE_NAMES, SCOPES, type Scope } from '@ipse/server'
import { type Command, InvalidArgumentError } from 'commander'

export interface RightsFlags {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly tenant: string
  readonly origin: readonly string[]
  readonly ips: readonly string[]
}

export function rightsFlags(command: Command): Command {
  return command
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scopes <list>', 'what it may do: scopes separated by commas, or "all"', parseScopes)
    .option('--tenant <tenant>', 'whom its sessions and subjects belong to', 'default')
    .option('--origin <origin...>', 'origins that its sessions may name; any when absent', [])
    .option(
      '--ips <list>',
      'addresses and CIDR ranges it may be used from, separated by commas; any when absent',
      parseList,
      [],
    )
}

export function rightsOf({ name, scopes, tenant, origin, ips }: RightsFlags): Rights {
  return {
    tenant,
    name,
    scopes,
    ...(origin.length > 0 ? { origins: origin } : {}),
    ...(ips.length > 0 ? { networks: ips } : {}),
  }
}

/** For help texts. */
export const SCOPES_HELP: string = Object.entries(SCOPES)
  .map(([name, meaning]) => `  ${name.padEnd(16)} ${meaning}`)
  .join('\n')

/** For tables: whatever has all of them is not listed scope by scope. */
export function scopesText(scopes: readonly string[]): string {
  return SCOPE_NAMES.every((name) => scopes.includes(name)) ? 'all' : scopes.join(',')
}

function parseScopes(text: string): readonly Scope[] {
  if (text === 'all') return SCOPE_NAMES
  const names = parseList(text)
  const wrong = names.filter((name) => !isScope(name))
  if (wrong.length > 0 || names.length === 0)
    throw new InvalidArgumentError(`Unknown: ${wrong.join(', ')}. Known: ${SCOPE_NAMES.join(', ')}, all.`)
  return names as Scope[]
}

function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

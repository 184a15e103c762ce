/**
 * A provider that the operator wrote: PKCS#11 tokens, the key service of a cloud. Ipse brings no client of theirs along; a module
 * of one file does (docs/vault.md shows one). What it hands over is checked here, once, at the start.
 */
import { IpseError } from '@ipse/protocol'
import type { KekProvider } from './kek.ts'

const NEEDED = ['list', 'current', 'wrap', 'unwrap'] as const
const POSSIBLE = ['rewrap', 'rotate', 'destroy', 'expire', 'close'] as const

/** What the default export of the module is called with. */
export interface KekModuleContext {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** That many bytes from a CSPRNG. */
  readonly bytes: (length: number) => Uint8Array
}

/**
 * @param made what the module's default export returned
 * @throws IpseError `settings_invalid` naming what is missing
 */
export function providerOf(made: unknown): KekProvider {
  const methods = Object(made) as Record<string, unknown>
  const missing = NEEDED.filter((name) => typeof methods[name] !== 'function')
  if (missing.length > 0)
    throw new IpseError('settings_invalid', `kek.module: the provider lacks ${missing.join(', ')}`)
  // Bound, so that an instance of a class does as well as an object of functions.
  return Object.fromEntries(
    [...NEEDED, ...POSSIBLE].flatMap((name) => {
      const method = methods[name]
      return typeof method === 'function' ? [[name, method.bind(made)]] : []
    }),
  ) as unknown as KekProvider
}

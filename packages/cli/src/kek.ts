/** The provider of key-encryption keys that the settings name. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { IpseError } from '@ipse/protocol'
import {
  cachedKeks,
  type KekModuleContext,
  type KekProvider,
  type Keys,
  keyringKeks,
  localKeks,
  parseKeks,
  providerOf,
  type Settings,
  transitKeks,
} from '@ipse/server'
import { systemClock, systemRandom } from './installation.ts'

const now = () => systemClock.now()
const monotonic = () => systemClock.monotonicMs()

/** @throws IpseError `settings_invalid` */
export async function openKek(settings: Settings['kek'], keys: Keys): Promise<KekProvider> {
  const { provider } = settings
  if (provider === 'environment') {
    const keks = parseKeks(settings.keys)
    return localKeks(() => keks, now, systemRandom.bytes)
  }
  if (provider === 'transit') {
    const { transitUrl, transitMount, transitKey, transitToken, timeoutMs } = settings
    const options = { url: transitUrl, mount: transitMount, key: transitKey, token: transitToken, timeoutMs }
    return cachedKeks(transitKeks(options, monotonic), monotonic)
  }
  if (provider === 'module') return cachedKeks(providerOf(await fromModule(settings.module)), monotonic)
  return keyringKeks({ keys, clock: systemClock, random: systemRandom })
}

async function fromModule(path: string): Promise<unknown> {
  if (path === '') throw new IpseError('settings_invalid', 'kek.module is missing')
  try {
    const { default: make } = (await import(pathToFileURL(resolve(path)).href)) as {
      default(context: KekModuleContext): unknown
    }
    return await make({ now, bytes: systemRandom.bytes })
  } catch (cause) {
    throw new IpseError('settings_invalid', `kek.module: ${path} cannot be used`, { cause })
  }
}

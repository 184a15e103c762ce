/** The keyring on disk: made at the first start, readable by its owner only, never overwritten. */
import { open, stat } from 'node:fs/promises'
import { IpseError } from '@ipse/protocol'
import { createKeyring, type Keyring, parseKeyring, serializeKeyring } from './keyring.ts'

/**
 * Loads the keyring, or makes and stores one when the file does not exist.
 * @param bytes returns that many bytes from a CSPRNG
 * @throws IpseError `settings_invalid` when the file is damaged or others may read it
 */
export async function loadOrCreateKeyring(
  path: string,
  bytes: (length: number) => Uint8Array,
  now: number,
): Promise<{ readonly keyring: Keyring; readonly created: boolean }> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      const keyring = await createKeyring(bytes, now)
      await file.writeFile(serializeKeyring(keyring))
      await file.sync()
      return { keyring, created: true }
    } finally {
      await file.close()
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new IpseError('settings_invalid', `the keyring ${path} cannot be made`, { cause })
  }
  return { keyring: await loadKeyring(path), created: false }
}

/** @throws IpseError `settings_invalid` */
export async function loadKeyring(path: string): Promise<Keyring> {
  try {
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new IpseError('settings_invalid', `others may read the keyring: run chmod 600 ${path}`)
    const file = await open(path, 'r')
    try {
      return parseKeyring(await file.readFile())
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof IpseError) throw cause
    throw new IpseError('settings_invalid', `the keyring ${path} cannot be read`, { cause })
  }
}

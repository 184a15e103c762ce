/** The keyring on disk: made at the first start, readable by its owner only, never overwritten. */
import { link, open, rm, stat } from 'node:fs/promises'
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
  if (await exists(path)) return { keyring: await loadKeyring(path), created: false }
  const keyring = await createKeyring(bytes, now)
  if (await place(path, serializeKeyring(keyring), bytes)) return { keyring, created: true }
  return { keyring: await loadKeyring(path), created: false }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/**
 * Puts a whole file in place or none: written beside, synced, then linked, which fails when somebody else was first.
 * A process that dies on the way leaves no half keyring.
 */
async function place(path: string, content: Uint8Array | string, bytes: (length: number) => Uint8Array) {
  const draft = `${path}.${Buffer.from(bytes(8)).toString('hex')}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(draft, path)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new IpseError('settings_invalid', `the keyring ${path} cannot be made`, { cause })
  } finally {
    await rm(draft, { force: true })
  }
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

/**
 * The keyring on disk: made at the first start, readable by its owner only, whole or not there at all. Only a
 * rotation, or a passphrase that is set, changed or taken away, replaces it.
 */
import { link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { IpseError } from '@ipse/protocol'
import { createKeyring, type Keyring, parseKeyring, serializeKeyring } from './keyring.ts'
import {
  isSealedKeyring,
  kdfOf,
  openSealedKeyring,
  type PassphraseKdf,
  sealKeyring,
} from './sealed-keyring.ts'

/** Where a passphrase comes from. */
export interface Passphrase {
  /** What the installation was given; a new keyring is sealed with it. */
  readonly given?: string
  /** Asks a person, when a keyring is sealed and nothing was given. */
  ask?(): Promise<string>
}

/**
 * Loads the keyring, or makes and stores one when the file does not exist.
 * @param bytes returns that many bytes from a CSPRNG
 * @throws IpseError `settings_invalid` when the file is damaged or others may read it
 */
export async function loadOrCreateKeyring(
  path: string,
  bytes: (length: number) => Uint8Array,
  now: number,
  passphrase: Passphrase = {},
): Promise<{ readonly keyring: Keyring; readonly created: boolean }> {
  if (await exists(path)) return { keyring: await loadKeyring(path, passphrase), created: false }
  const keyring = await createKeyring(bytes, now)
  const { given } = passphrase
  const content = given ? await sealKeyring(keyring, given, bytes) : serializeKeyring(keyring)
  if (await write(path, content, bytes, link)) return { keyring, created: true }
  return { keyring: await loadKeyring(path, passphrase), created: false }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/**
 * Replaces the keyring file by the same keyring under a passphrase, or without one. What the old file held stays on the disk
 * until its blocks are written again: a keyring that never lay open is safer.
 * @param to no passphrase leaves the keyring open
 * @throws IpseError `settings_invalid`
 */
export async function protectKeyring(
  path: string,
  from: Passphrase,
  to: { readonly passphrase: string; readonly kdf: PassphraseKdf } | undefined,
  bytes: (length: number) => Uint8Array,
): Promise<void> {
  const keyring = await loadKeyring(path, from)
  const content = to ? await sealKeyring(keyring, to.passphrase, bytes, to.kdf) : serializeKeyring(keyring)
  await write(path, content, bytes, rename)
}

/**
 * Replaces the keyring by what is made of it, closed the way it was. Of two changes at the same time the later one stays.
 * @throws IpseError `settings_invalid`, and what `change` throws; then the file stays as it is
 */
export async function changeKeyring(
  path: string,
  passphrase: Passphrase,
  change: (keyring: Keyring) => Keyring,
  bytes: (length: number) => Uint8Array,
): Promise<Keyring> {
  const { keyring, closed } = await readKeyring(path, passphrase)
  const changed = change(keyring)
  const content = closed
    ? await sealKeyring(changed, closed.passphrase, bytes, closed.kdf)
    : serializeKeyring(changed)
  await write(path, content, bytes, rename)
  return changed
}

/**
 * Puts a whole file in place or none: written beside, synced, then linked, which fails when somebody else was first, or
 * renamed. A process that dies on the way leaves no half keyring.
 */
async function write(
  path: string,
  content: Uint8Array,
  bytes: (length: number) => Uint8Array,
  place: typeof link | typeof rename,
): Promise<boolean> {
  const draft = `${path}.${Buffer.from(bytes(8)).toString('hex')}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await place(draft, path)
    await syncFolder(dirname(path))
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new IpseError('settings_invalid', `the keyring ${path} cannot be made`, { cause })
  } finally {
    await rm(draft, { force: true })
  }
}

/** A name is on disk when its folder is; Windows has no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}

/** @throws IpseError `settings_invalid` */
export async function loadKeyring(path: string, passphrase: Passphrase = {}): Promise<Keyring> {
  return (await readKeyring(path, passphrase)).keyring
}

interface ReadKeyring {
  readonly keyring: Keyring
  /** What closes the file. */
  readonly closed?: { readonly passphrase: string; readonly kdf: PassphraseKdf }
}

async function readKeyring(path: string, given: Passphrase): Promise<ReadKeyring> {
  try {
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new IpseError('settings_invalid', `others may read the keyring: run chmod 600 ${path}`)
    const file = await open(path, 'r')
    try {
      const content = await file.readFile()
      if (!isSealedKeyring(content)) return { keyring: parseKeyring(content) }
      const passphrase = await phraseOf(path, given)
      const keyring = await openSealedKeyring(content, passphrase)
      return { keyring, closed: { passphrase, kdf: kdfOf(content) } }
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof IpseError) throw cause
    throw new IpseError('settings_invalid', `the keyring ${path} cannot be read`, { cause })
  }
}

async function phraseOf(path: string, { given, ask }: Passphrase): Promise<string> {
  const phrase = given || (await ask?.())
  if (!phrase)
    throw new IpseError(
      'settings_invalid',
      `the keyring ${path} is closed: name the file with its passphrase in IPSE_KEYRING_PASSPHRASE_FILE`,
    )
  return phrase
}

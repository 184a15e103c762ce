/** Takes a keyring that was rotated into a running service. A file that cannot be used never replaces what is in use. */
import { unwatchFile, watchFile } from 'node:fs'
import type { Keyring } from './keyring.ts'
import type { Keys } from './keys.ts'

/** How often the file is looked at, milliseconds: far below the shortest lead of a new key. */
const WATCH_INTERVAL_MS = 5_000

export interface KeyringReport {
  taken(): void
  /** The keys before stay. */
  refused(error: unknown): void
}

export interface KeyringWatch {
  /** Reads the file now. */
  reload(): Promise<void>
  /** Ends the watch. */
  close(): void
}

/** @param load reads and opens the file at `path` */
export function watchKeyring(
  path: string,
  load: () => Promise<Keyring>,
  keys: Pick<Keys, 'take'>,
  report: KeyringReport,
  intervalMs: number = WATCH_INTERVAL_MS,
): KeyringWatch {
  let turn = Promise.resolve()
  const take = async () => {
    try {
      await keys.take(await load())
      report.taken()
    } catch (error) {
      report.refused(error)
    }
  }
  // One after another, so that the last change wins.
  const reload = () => (turn = turn.then(take))
  const changed = () => void reload()
  watchFile(path, { interval: intervalMs, persistent: false }, changed)
  return { reload, close: () => unwatchFile(path, changed) }
}

/** Takes a keyring that was rotated into a running service. A file that cannot be used never replaces what is in use. */
import { type WatchedFiles, watchFiles } from '../watched-files.ts'
import type { Keyring } from './keyring.ts'
import type { Keys } from './keys.ts'

export interface KeyringReport {
  taken(): void
  /** The keys before stay. */
  refused(error: unknown): void
}

export type KeyringWatch = WatchedFiles<void>

/** @param load reads and opens the file at `path` */
export function watchKeyring(
  path: string,
  load: () => Promise<Keyring>,
  keys: Pick<Keys, 'take'>,
  report: KeyringReport,
  intervalMs?: number,
): KeyringWatch {
  const take = async () => {
    try {
      await keys.take(await load())
      report.taken()
    } catch (error) {
      report.refused(error)
    }
  }
  return watchFiles([path], take, intervalMs)
}

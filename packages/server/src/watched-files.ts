/** Files that may be exchanged while the service runs: what is read from them is taken anew, one change after another. */
import { unwatchFile, watchFile } from 'node:fs'

/** How often files are looked at, milliseconds. Looking works through the links that Kubernetes and certbot move. */
const WATCH_INTERVAL_MS = 5_000

export interface WatchedFiles<T> {
  /** Takes the files now, after whatever is under way. */
  reload(): Promise<T>
  /** Ends the watch. */
  close(): void
}

/** @param take reads the files; it does not throw, as nobody waits for it */
export function watchFiles<T>(
  paths: readonly string[],
  take: () => Promise<T>,
  intervalMs: number = WATCH_INTERVAL_MS,
): WatchedFiles<T> {
  let turn: Promise<unknown> = Promise.resolve()
  // One after another, so that the last change wins.
  const reload = (): Promise<T> => {
    const next = turn.then(take)
    turn = next
    return next
  }
  const changed = () => void reload()
  for (const path of paths) watchFile(path, { interval: intervalMs, persistent: false }, changed)
  return {
    reload,
    close: () => {
      for (const path of paths) unwatchFile(path, changed)
    },
  }
}

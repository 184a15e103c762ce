/** Where the store of keys is: beside the store unless a setting says otherwise, and never in it. */
import type { StorePlace } from '../backup/backup.ts'

/** Schema of the keys where they share a database with the data. */
export const KEYS_SCHEMA = 'ipse_keys'

/**
 * @param store `:memory:` has its keys in memory, too
 * @param keysUrl another PostgreSQL, or another database of it; the same one with a schema of its own when absent
 */
export function keysPlace(store: StorePlace, keysUrl?: string): StorePlace {
  if ('file' in store)
    return { file: store.file.replace(/(\.sqlite)?$/, '-keys$1').replace(':memory:-keys', ':memory:') }
  if (keysUrl) return { url: keysUrl }
  const url = new URL(store.url)
  url.searchParams.set('options', `-c search_path=${KEYS_SCHEMA}`)
  return { url: url.href }
}

/** Where the store of keys is: beside the store unless a setting says otherwise, and never in it. */
import type { StorePlace } from '../backup/backup.ts'

/** Schema of the keys where they share a database with the data. */
export const KEYS_SCHEMA = 'ipse_keys'

/** @param file of the store; `:memory:` has its keys in memory, too */
export function keysFileBeside(file: string): string {
  return file === ':memory:' ? file : file.replace(/(\.sqlite)?$/, '-keys$1')
}

/** The same database, with a schema of its own. Of settings that are given twice PostgreSQL takes the last. */
export function keysUrlBeside(url: string): string {
  const beside = new URL(url)
  const given = beside.searchParams.getAll('options').slice(-1)
  beside.searchParams.set('options', [...given, `-c search_path=${KEYS_SCHEMA}`].join(' '))
  return beside.href
}

/** @param keysUrl another PostgreSQL, or another database of it; empty for the one of the store */
export function keysPlace(store: StorePlace, keysUrl: string): StorePlace {
  if ('file' in store) return { file: keysFileBeside(store.file) }
  return { url: keysUrl === '' ? keysUrlBeside(store.url) : keysUrl }
}

/** The store that a command works on: PostgreSQL where a setting names one, else the file in the data folder. */
import { open } from 'node:fs/promises'
import { IpseError } from '@ipse/protocol'
import { openPostgresStore, openSqliteStore, type Settings, type Store, type StorePlace } from '@ipse/server'

/** @throws IpseError `settings_invalid`, `storage_unavailable` */
export async function openStore(settings: Settings['store'], file: string): Promise<Store> {
  const place = storePlace(settings, file)
  if ('url' in place) return openPostgresStore({ url: place.url, connections: settings.connections })
  // SQLite gives its side files the mode of the database, so that has to be right before it is opened.
  await (await open(file, 'a', 0o600)).close()
  return openSqliteStore(file)
}

/** @throws IpseError `settings_invalid` for an address that is not one of PostgreSQL */
export function storePlace({ url }: Settings['store'], file: string): StorePlace {
  if (url === '') return { file }
  if (!isPostgres(url))
    throw new IpseError('settings_invalid', 'store.url must be postgres://user:password@host:port/database')
  return { url }
}

/** Words for a person; an address without its password. */
export function placeInWords(place: StorePlace): string {
  if ('file' in place) return place.file
  const { host, pathname } = new URL(place.url)
  return `PostgreSQL at ${host}${pathname}`
}

function isPostgres(text: string): boolean {
  return URL.canParse(text) && ['postgres:', 'postgresql:'].includes(new URL(text).protocol)
}

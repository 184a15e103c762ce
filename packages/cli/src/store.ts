/** The store that a command works on: PostgreSQL where a setting names one, else the file in the data folder. */
import { open } from 'node:fs/promises'
import { IpseError } from '@ipse/protocol'
import {
  keysPlace,
  openPostgresStore,
  openSqliteStore,
  type Settings,
  type Store,
  type StorePlace,
} from '@ipse/server'

/** @throws IpseError `settings_invalid`, `storage_unavailable` */
export async function openStore(settings: Settings['store'], file: string): Promise<Store> {
  const place = storePlace(settings, file)
  const keys = keysPlaceOf(settings, file)
  if ('url' in place && 'url' in keys)
    return openPostgresStore({ url: place.url, connections: settings.connections, keysUrl: keys.url })
  // SQLite gives its side files the mode of the database, so that has to be right before they are opened.
  for (const one of [place, keys]) if ('file' in one) await (await open(one.file, 'a', 0o600)).close()
  return openSqliteStore(file)
}

/** @throws IpseError `settings_invalid` for an address that is not one of PostgreSQL */
export function storePlace({ url }: Settings['store'], file: string): StorePlace {
  if (url === '') return { file }
  if (!isPostgres(url))
    throw new IpseError('settings_invalid', 'store.url must be postgres://user:password@host:port/database')
  return { url }
}

/** Where the keys of records are. @throws as `storePlace` */
export function keysPlaceOf(settings: Settings['store'], file: string): StorePlace {
  const { keysUrl } = settings
  if (keysUrl !== '' && !isPostgres(keysUrl))
    throw new IpseError(
      'settings_invalid',
      'store.keysUrl must be postgres://user:password@host:port/database',
    )
  return keysPlace(storePlace(settings, file), keysUrl)
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

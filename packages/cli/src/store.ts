/** The store that a command works on: PostgreSQL where a setting names one, else the file in the data folder. */
import { open } from 'node:fs/promises'
import { IpseError } from '@ipse/protocol'
import { openPostgresStore, openSqliteStore, type Settings, type Store } from '@ipse/server'

/** @throws IpseError `settings_invalid`, `storage_unavailable` */
export async function openStore(settings: Settings['store'], file: string): Promise<Store> {
  const { url, connections } = settings
  if (url === '') {
    // SQLite gives its side files the mode of the database, so that has to be right before it is opened.
    await (await open(file, 'a', 0o600)).close()
    return openSqliteStore(file)
  }
  if (!isPostgres(url))
    throw new IpseError('settings_invalid', 'store.url must be postgres://user:password@host:port/database')
  return openPostgresStore({ url, connections })
}

function isPostgres(text: string): boolean {
  return URL.canParse(text) && ['postgres:', 'postgresql:'].includes(new URL(text).protocol)
}

/** The few static files: style, icon and what Vite made of page/. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../dist')
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

export interface StaticFile {
  readonly type: string
  readonly bytes: Buffer
}

/** A file of `/site/…`, or undefined. Names are one plain segment: nothing can point out of the folder. */
export function readStatic(name: string): StaticFile | undefined {
  const [, extension = ''] = /^[a-z0-9][\w-]*\.(js|css|svg)$/i.exec(name) ?? []
  const type = TYPES[extension]
  if (!type) return undefined
  try {
    return { type, bytes: readFileSync(join(FOLDER, name)) }
  } catch {
    return undefined
  }
}

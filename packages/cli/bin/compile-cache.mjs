// Keeps what Node compiles of our source, so that the next start takes half the time. Whoever can write there decides
// what runs: hence beside the source, which the same people can write, never in a shared folder; and only where it is ours
// and nobody else may write. Elsewhere, and where nothing can be written, everything is compiled anew.
import { lstatSync, mkdirSync } from 'node:fs'
import module from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))

/** Node 22 or newer. NODE_COMPILE_CACHE names another folder, NODE_DISABLE_COMPILE_CACHE=1 none: Node reads both. */
export function keepCompiled() {
  const folder = privateFolder(join(PACKAGE, 'node_modules', '.cache'), 'ipse')
  if (folder !== undefined) module.enableCompileCache(folder)
}

/**
 * Makes the folder for its owner only.
 * @returns its path; nothing when it cannot be made, is another's, or others may write into it
 */
export function privateFolder(parent, name) {
  const folder = join(parent, name)
  try {
    mkdirSync(parent, { recursive: true })
    try {
      mkdirSync(folder, { mode: 0o700 })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const found = lstatSync(folder)
    const ours = process.getuid === undefined || found.uid === process.getuid()
    return found.isDirectory() && ours && (found.mode & 0o022) === 0 ? folder : undefined
  } catch {
    return undefined
  }
}

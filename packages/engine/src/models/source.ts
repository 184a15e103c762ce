/** Model files from disk, each checked against its pinned SHA-256 before anyone reads a byte of it. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { IpseError } from '@ipse/protocol'
import type { SourceFile } from './default-models.ts'

const packageFolders = createRequire(import.meta.url).resolve.paths('@vladmandic/human') ?? []

async function firstReadable(path: string, folders: readonly string[]): Promise<Uint8Array | undefined> {
  for (const folder of folders) {
    try {
      return await readFile(join(folder, path))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        throw new IpseError('model_invalid', `${path} cannot be read`, { cause: error })
    }
  }
  return undefined
}

function verified(data: Uint8Array | undefined, file: SourceFile): Uint8Array {
  if (!data) throw new IpseError('model_invalid', `${file.path} is missing`)
  const found = createHash('sha256').update(data).digest('hex')
  if (found !== file.sha256)
    throw new IpseError('model_invalid', `${file.path} is altered: SHA-256 ${found}, expected ${file.sha256}`)
  return data
}

/**
 * A file of a shipped model: from the models folder if it is there, else from the installed package.
 * @throws IpseError `model_invalid` when the file is missing or not the pinned one
 */
export async function readShipped(file: SourceFile, modelsDir: string | undefined): Promise<Uint8Array> {
  const folders = modelsDir === undefined ? packageFolders : [modelsDir, ...packageFolders]
  return verified(await firstReadable(file.path, folders), file)
}

/**
 * A file of an operator's model, from the models folder only.
 * @throws IpseError `model_invalid` when there is no folder, or the file is missing or not the pinned one
 */
export async function readOperators(file: SourceFile, modelsDir: string | undefined): Promise<Uint8Array> {
  if (modelsDir === undefined)
    throw new IpseError('model_invalid', `${file.path}: a manifest needs a models folder`)
  return verified(await firstReadable(file.path, [modelsDir]), file)
}

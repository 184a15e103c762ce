/** Files that the command line names: whatever is wrong with them is said in one sentence. */
import { readFile, writeFile } from 'node:fs/promises'
import { IpseError } from '@ipse/protocol'

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'this is a folder, not a file',
  EEXIST: 'this is a file, not a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EACCES: 'this may not be read or written',
  EPERM: 'this may not be read or written',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
}

/** @throws IpseError `invalid_request` naming the file and what is wrong with it */
export async function readNamedFile(path: string): Promise<Buffer> {
  return readFile(path).catch((cause) => {
    throw fileError(path, cause)
  })
}

/** @throws IpseError `invalid_request` */
export async function writeNamedFile(path: string, content: string): Promise<void> {
  await writeFile(path, content).catch((cause) => {
    throw fileError(path, cause)
  })
}

/** What is about a person: a new file is its owner's only. @throws IpseError `invalid_request` */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content, { mode: 0o600 }).catch((cause) => {
    throw fileError(path, cause)
  })
}

export function fileError(path: string, cause: unknown): IpseError {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  return new IpseError('invalid_request', `${path}: ${WORDS[code] ?? (cause as Error).message}`, { cause })
}

/**
 * The pictures of an export: for the person they show, whoever has looked or looks later. That each was read is in the audit
 * log before its bytes leave.
 */
import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'
import { type ExportedFile, type ExportedPicture, MOST_EXPORTED_FILES } from '@ipse/protocol'
import { pictureIs } from '../capture/pictures.ts'
import { sessionOwner } from '../capture/reference-templates.ts'
import type { SubjectPicture } from '../store/privacy-records.ts'
import type { Actor } from '../work/reviews.ts'
import type { RouteContext } from './context.ts'

export type PictureContext = Pick<RouteContext, 'store' | 'vault' | 'auditor'>

export function viewPicture({ sessionId, n, createdAt, expiresAt }: SubjectPicture): ExportedPicture {
  return {
    sessionId,
    n,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  }
}

/**
 * With their bytes, so many at most. One whose time or whose key ended meanwhile is left out: it is as good as gone.
 * @throws IpseError `storage_unavailable`, `internal`
 */
export async function readPictures(
  context: PictureContext,
  subject: string,
  pictures: readonly SubjectPicture[],
  by: Actor,
): Promise<ExportedPicture[]> {
  const read: ExportedPicture[] = []
  for (const picture of pictures.slice(0, MOST_EXPORTED_FILES)) {
    const bytes = await readPicture(context, subject, picture, by)
    if (bytes) read.push({ ...viewPicture(picture), file: fileOf(picture, bytes) })
  }
  return [...read, ...pictures.slice(MOST_EXPORTED_FILES).map(viewPicture)]
}

async function readPicture(
  { store, vault, auditor }: PictureContext,
  subject: string,
  { sessionId, n }: SubjectPicture,
  { tenant, ...by }: Actor,
): Promise<Uint8Array | undefined> {
  const note = `picture ${n}, for the subject`
  const audit = auditor.entry('media.read', tenant, { sessionId, subject, ...by, note })
  const found = await store.copyMedia({ tenant, sessionId, n }, audit)
  return found && vault.openBytes(found, sessionOwner({ id: sessionId, tenant, subject }), pictureIs(n))
}

function fileOf({ sessionId, n }: SubjectPicture, bytes: Uint8Array): ExportedFile {
  return {
    name: `${sessionId}-${n}.jpg`,
    contentType: 'image/jpeg',
    bytes: bytes.length,
    sha256: hash('sha256', bytes, 'hex'),
    data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
  }
}

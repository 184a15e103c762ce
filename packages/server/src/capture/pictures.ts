/**
 * A few pictures of a capture for those who may look, where the operator wants that: chosen while frames come in, drawn anew
 * so that nothing but pixels is left, sealed, and stored with the change of the session or not at all.
 */
import { IpseError } from '@ipse/protocol'
import { type MediaKeep, type MediaOutcome, mediaUntil } from '../domain/media.ts'
import type { SessionRecord } from '../store/store.ts'
import type { MediaChange, MediaRecord } from '../store/vault-records.ts'
import type { CaptureContext } from './context.ts'
import { sessionOwner } from './reference-templates.ts'

/** Pictures of one attempt: the steps of the shortest plans; more would show the same face again. */
const MOST = 4
/** What is sealed with a picture: that it is one, and which. */
export const pictureIs = (n: number) => ({ type: 'image/jpeg', n })

/** One frame of each step: the first, until a better one comes. */
export function choosePicture(
  pictures: Map<number, Uint8Array>,
  step: number,
  frame: Uint8Array,
  good: boolean,
): void {
  const known = pictures.has(step)
  if (known ? good : pictures.size < MOST) pictures.set(step, frame)
}

/** @returns nothing where no pictures are kept; else what takes the place of those of the attempt before */
export async function keepPictures(
  { engine, vault, clock, settings }: CaptureContext,
  session: SessionRecord,
  pictures: ReadonlyMap<number, Uint8Array>,
  outcome: MediaOutcome,
): Promise<MediaChange | undefined> {
  const { keep, hours } = settings.media
  if (keep === 'none') return undefined
  const now = clock.now()
  const until = mediaUntil(keep as MediaKeep, outcome, { now, expiresAt: session.expiresAt, hours })
  if (until === undefined) return { keep: [] }
  const kept: MediaRecord[] = []
  for (const frame of pictures.values()) {
    const drawn = await readable(engine.redraw(frame))
    if (!drawn) continue
    const n = kept.length
    const { sealed, key } = await vault.sealBytes(drawn, sessionOwner(session), pictureIs(n), until)
    const { tenant, id: sessionId } = session
    kept.push({ tenant, sessionId, n, key, sealed, createdAt: now, expiresAt: until })
  }
  return { keep: kept }
}

/** A picture that cannot be drawn is not there; nothing is decided by it. */
async function readable(drawing: Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await drawing
  } catch (error) {
    if (error instanceof IpseError && error.code === 'image_unreadable') return undefined
    throw error
  }
}

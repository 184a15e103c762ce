/** Pages of a list, newest first: the cursor is the last item's place in it. */
import { fromBase64url, fromUtf8, IpseError, type Page, toBase64url, utf8 } from '@ipse/protocol'
import type { PageQuery } from '../store/store.ts'

const DEFAULT_PAGE = 20

interface Placed {
  readonly createdAt: number
  readonly id: string
}

/** @throws IpseError `invalid_request` for a cursor that is not one of ours */
export function pageQuery({
  limit,
  cursor,
}: {
  readonly limit?: string
  readonly cursor?: string
}): PageQuery {
  const after = cursor === undefined ? {} : { after: fromCursor(cursor) }
  // One more than the page holds says whether there is another one.
  return { limit: Number(limit ?? DEFAULT_PAGE) + 1, ...after }
}

export function page<R extends Placed, T>(
  records: readonly R[],
  limit: number,
  view: (record: R) => T,
): Page<T> {
  const shown = records.slice(0, limit - 1)
  const last = shown.at(-1)
  const more = records.length === limit && last !== undefined
  return { items: shown.map((record) => view(record)), ...(more ? { nextCursor: toCursor(last) } : {}) }
}

function toCursor({ createdAt, id }: Placed): string {
  return toBase64url(utf8(JSON.stringify([createdAt, id])))
}

function fromCursor(cursor: string): Placed {
  try {
    const [createdAt, id] = JSON.parse(fromUtf8(fromBase64url(cursor))) as [unknown, unknown]
    if (typeof createdAt === 'number' && typeof id === 'string') return { createdAt, id }
  } catch {}
  throw new IpseError('invalid_request', 'the cursor is not one of ours')
}

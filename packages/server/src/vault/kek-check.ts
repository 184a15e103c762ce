/** Whether a provider of key-encryption keys does its work: wraps a key that nobody needs, and gives the same one back. */
import { timingSafeEqual } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { IpseError } from '@ipse/protocol'
import type { Dependencies } from '../deps.ts'
import { KEY_BYTES } from './envelope.ts'
import type { KekProvider } from './kek.ts'

/** An answer counts for so long, milliseconds: whoever asks whether a node is ready is no load on a key service. */
const REMEMBERED_MS = 5_000
/** Who has not answered by then does not answer, milliseconds. */
const ANSWER_LIMIT_MS = 3_000

/**
 * @returns id of the key-encryption key that wraps now
 * @throws IpseError `storage_unavailable` when it does not answer, `internal` when the key comes back as another one
 */
export async function checkKek(
  kek: Pick<KekProvider, 'wrap' | 'unwrap'>,
  bytes: (length: number) => Uint8Array,
): Promise<string> {
  const binding = { keyId: 'check', aad: new Uint8Array() }
  const key = bytes(KEY_BYTES)
  const wrapped = await kek.wrap(key, binding)
  const back = await kek.unwrap(wrapped, binding)
  if (back.length !== key.length || !timingSafeEqual(back, key))
    throw new IpseError('internal', 'a key came back as another one')
  return wrapped.kekId
}

/**
 * The same, asked again only when the last answer is some seconds old; who asks meanwhile hears that one, also when it is no.
 * @param answerLimitMs milliseconds
 */
export function createKekCheck(
  kek: Pick<KekProvider, 'wrap' | 'unwrap'>,
  { clock, random }: Pick<Dependencies, 'clock' | 'random'>,
  answerLimitMs = ANSWER_LIMIT_MS,
): () => Promise<string> {
  let last: { readonly at: number; readonly answer: Promise<string> } | undefined
  return () => {
    const at = clock.monotonicMs()
    if (last === undefined || at - last.at >= REMEMBERED_MS)
      last = {
        at,
        answer: inTime(
          checkKek(kek, (length) => random.bytes(length)),
          answerLimitMs,
        ),
      }
    return last.answer
  }
}

async function inTime<T>(answer: Promise<T>, limitMs: number): Promise<T> {
  const limit = new AbortController()
  const late = wait(limitMs, undefined, { ref: false, signal: limit.signal }).then(() => {
    throw new IpseError('storage_unavailable', 'the provider of key-encryption keys does not answer')
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    limit.abort()
    // Whichever came second is nobody's any more.
    late.catch(() => {})
    answer.catch(() => {})
  }
}

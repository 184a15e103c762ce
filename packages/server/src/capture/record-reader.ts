/**
 * Opens sealed records in order and keeps the transcript. A record that was left out, repeated, moved or edited does not
 * open; one that cites another chain head than ours ends the capture.
 */
import {
  type Bytes,
  beginTranscript,
  createOpener,
  extendTranscript,
  fromBase64url,
  IpseError,
  type OpenRecord,
  parseRecord,
  type SealingKey,
  type SealingScope,
  type Transcript,
  toBase64url,
} from '@ipse/protocol'
import { sealingPrimitives, sha256 } from '../node-crypto.ts'

/** What HPKE and the record frame add to a body, bytes; headers come on top. */
export const RECORD_OVERHEAD_BYTES = 16_384 + 512

export interface RecordReader {
  /** @throws IpseError `challenge_mismatch` */
  read(sealed: Uint8Array): Promise<OpenRecord>
  /** Transcript head before the record that was read last: T, when that was the submit record. */
  readonly digest: Bytes
}

export async function createRecordReader(
  key: SealingKey,
  enc: string,
  scope: SealingScope,
  sdk: string,
): Promise<RecordReader> {
  const opener = await createOpener(key, fromBase64url(enc), scope, sealingPrimitives)
  const { sessionId, challengeId, kid, jkt } = scope
  let transcript: Transcript = await beginTranscript({ sessionId, challengeId, kid, jkt, sdk }, sha256)
  let digest = transcript.head
  return {
    async read(sealed) {
      const plain = await opener.open(sealed)
      const record = parsed(plain)
      digest = transcript.head
      if (record.previous !== toBase64url(digest)) throw new IpseError('challenge_mismatch', 'chain head')
      transcript = await extendTranscript(transcript, plain, sha256)
      return record
    },
    get digest() {
      return digest
    },
  }
}

function parsed(plain: Bytes): OpenRecord {
  try {
    return parseRecord(plain)
  } catch (cause) {
    throw new IpseError('challenge_mismatch', 'record', { cause })
  }
}

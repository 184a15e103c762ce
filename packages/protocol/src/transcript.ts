/**
 * The signed capture transcript: a hash chain over every record of a capture, in the order it was sealed.
 *   H0 = SHA-256("ipse-transcript/1" ‖ 0x00 ‖ JCS(scope))
 *   Hi = SHA-256(H(i-1) ‖ u32 i ‖ SHA-256(record i))
 *   T  = Hn, signed by the device key.
 * Every record carries H(i-1), so the server knows that a frame existed before the next step was revealed.
 */
import { type Bytes, canonicalJson, concat, sha256, u32, utf8 } from './encoding.ts'

export interface TranscriptScope {
  readonly sessionId: string
  readonly challengeId: string
  readonly jkt: string
  readonly kid: string
  readonly sdk: string
}

export interface Transcript {
  /** H(i): the head after i records. */
  readonly head: Bytes
  readonly length: number
}

const CONTEXT = 'ipse-transcript/1'

/** SHA-256; a runtime that has it without WebCrypto's detour over other threads gives its own. */
type Hash = (bytes: Uint8Array) => Bytes | Promise<Bytes>

export async function beginTranscript(scope: TranscriptScope, hash: Hash = sha256): Promise<Transcript> {
  return {
    head: await hash(concat(utf8(CONTEXT), new Uint8Array(1), utf8(canonicalJson({ ...scope })))),
    length: 0,
  }
}

export async function extendTranscript(
  { head, length }: Transcript,
  record: Uint8Array,
  hash: Hash = sha256,
): Promise<Transcript> {
  return { head: await hash(concat(head, u32(length + 1), await hash(record))), length: length + 1 }
}

/** The bytes that the device key signs at the end. */
export function transcriptStatement(digest: Uint8Array): Bytes {
  return concat(utf8('ipse-transcript-signature/1'), new Uint8Array(1), digest)
}

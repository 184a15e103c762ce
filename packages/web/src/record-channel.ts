/**
 * The sealed half of the conversation: every record is chained into the transcript, sealed and sent, one after the other.
 * Plaintext is wiped as soon as its ciphertext exists.
 */
import {
  beginTranscript,
  createSealer,
  encodeRecord,
  extendTranscript,
  fromBase64url,
  type RecordHeaders,
  type RecordKind,
  type Start,
  signBytes,
  type Transcript,
  toBase64url,
  transcriptStatement,
} from '@ipse/protocol'

export interface RecordChannel {
  /** HPKE encapsulated secret, base64url, for the `open` message. */
  readonly enc: string
  /** Sends a record after all records before it. `makeHeader` runs when its turn has come. */
  send<K extends RecordKind>(kind: K, makeHeader: () => RecordHeaders[K], body?: Uint8Array): Promise<void>
  /** The last record: T, signed by the device key. */
  submit(): Promise<void>
}

export interface ChannelScope {
  readonly start: Start
  readonly device: CryptoKeyPair
  /** RFC 7638 thumbprint of the device key. */
  readonly jkt: string
  readonly sdk: string
  /** Puts one ciphertext on the wire. */
  readonly transmit: (ciphertext: Uint8Array<ArrayBuffer>) => void
}

export async function openRecordChannel({
  start,
  device,
  jkt,
  sdk,
  transmit,
}: ChannelScope): Promise<RecordChannel> {
  const { sessionId, challengeId } = start
  const scope = { sessionId, challengeId, jkt, kid: start.kem.kid }
  const sealer = await createSealer(fromBase64url(start.kem.publicKey), scope)
  let transcript: Transcript = await beginTranscript({ ...scope, sdk })
  let queue: Promise<void> = Promise.resolve()

  function inTurn(work: () => Promise<void>): Promise<void> {
    queue = queue.then(work)
    return queue
  }

  async function write<K extends RecordKind>(kind: K, header: RecordHeaders[K], body?: Uint8Array) {
    const record = encodeRecord(kind, header, toBase64url(transcript.head), body)
    body?.fill(0)
    transcript = await extendTranscript(transcript, record)
    const ciphertext = await sealer.seal(record)
    record.fill(0)
    transmit(ciphertext)
  }

  return {
    enc: toBase64url(sealer.enc),
    send: (kind, makeHeader, body) => inTurn(() => write(kind, makeHeader(), body)),
    submit: () =>
      inTurn(async () => {
        const signature = await signBytes(device.privateKey, transcriptStatement(transcript.head))
        await write('submit', {
          digest: toBase64url(transcript.head),
          signature: toBase64url(signature),
        })
      }),
  }
}

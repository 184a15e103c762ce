/**
 * The sealed half of the conversation: every record is chained into the transcript, sealed and sent, one after the other.
 * Plaintext is wiped as soon as its ciphertext exists.
 */
import {
  acceptOffer,
  type Bytes,
  beginTranscript,
  createSealer,
  encodeRecord,
  extendTranscript,
  type RecordHeaders,
  type RecordKind,
  type Start,
  type SubmitHeader,
  signBytes,
  type Transcript,
  toBase64url,
  transcriptStatement,
} from '@ipse/protocol'

/** A passkey over T, or why there is none. */
export type Shown = Pick<SubmitHeader, 'attestation' | 'passkey'>

export interface RecordChannel {
  /** HPKE encapsulated secret, base64url, for the `open` message. */
  readonly enc: string
  /** Sends a record after all records before it. `makeHeader` runs when its turn has come. */
  send<K extends RecordKind>(kind: K, makeHeader: () => RecordHeaders[K], body?: Uint8Array): Promise<void>
  /** The last record: T, signed by the device key, with what else is to be shown over T. */
  submit(show?: (transcript: Bytes) => Promise<Shown>): Promise<void>
}

export interface ChannelScope {
  readonly start: Start
  /** Names the service whose key it must be. */
  readonly token: string
  readonly device: CryptoKeyPair
  /** RFC 7638 thumbprint of the device key. */
  readonly jkt: string
  readonly sdk: string
  /** Puts one ciphertext on the wire. */
  readonly transmit: (ciphertext: Uint8Array<ArrayBuffer>) => void
}

/** @throws IpseError `service_unproven` when the sealing key is not the service's own; nothing is sealed to it then */
export async function openRecordChannel({
  start,
  token,
  device,
  jkt,
  sdk,
  transmit,
}: ChannelScope): Promise<RecordChannel> {
  const { sessionId, challengeId, kem } = start
  const scope = { sessionId, challengeId, jkt, kid: kem.kid }
  const sealer = await createSealer(await acceptOffer(kem, scope, token, Date.now() / 1000), scope)
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
    submit: (show = async () => ({})) =>
      inTurn(async () => {
        const shown = await show(transcript.head)
        const signature = await signBytes(device.privateKey, transcriptStatement(transcript.head))
        await write('submit', {
          digest: toBase64url(transcript.head),
          signature: toBase64url(signature),
          ...shown,
        })
      }),
  }
}

/**
 * The classic man in the middle: own keys towards the device, the service's towards the service. He reads every record,
 * changes one frame and mends the chain behind it; what he cannot mend is the device's signature.
 */
import {
  beginTranscript,
  createOpener,
  createSealer,
  createSealingKey,
  encodeRecord,
  extendTranscript,
  fromBase64url,
  type Hello,
  type Open,
  type PublicJwk,
  parseRecord,
  type RecordHeaders,
  type SealingScope,
  type Start,
  type Transcript,
  thumbprint,
  toBase64url,
} from '@ipse/protocol'
import type { Hands, Message } from './between.ts'

/** @param chosen number of the record whose picture is changed */
export function substituteKeys(chosen: number): Hands {
  let hello: Hello | undefined
  let start: Start | undefined
  let channel: Awaited<ReturnType<typeof openChannel>> | undefined
  const own = createSealingKey()
  return {
    async incoming(text) {
      const message = JSON.parse(text) as Start
      if (message.type !== 'start') return text
      start = message
      const publicKey = toBase64url((await own).publicKey)
      return JSON.stringify({ ...message, kem: { ...message.kem, publicKey } })
    },
    async outgoing(message, record) {
      if (typeof message !== 'string') return channel ? [await channel.pass(message, record === chosen)] : []
      const said = JSON.parse(message) as Hello | Open
      if (said.type === 'hello') hello = said
      if (said.type !== 'open' || !hello || !start) return [message]
      channel = await openChannel(hello, start, said.enc, await own)
      return [JSON.stringify({ ...said, enc: toBase64url(channel.enc) })]
    },
  }
}

async function openChannel(
  hello: Hello,
  { sessionId, challengeId, kem }: Start,
  enc: string,
  own: Awaited<ReturnType<typeof createSealingKey>>,
) {
  const [header = ''] = hello.proof.split('.')
  const { jwk } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { jwk: PublicJwk }
  const scope: SealingScope = { sessionId, challengeId, kid: kem.kid, jkt: await thumbprint(jwk) }
  const opener = await createOpener(own, fromBase64url(enc), scope)
  const sealer = await createSealer(fromBase64url(kem.publicKey), scope)
  let transcript: Transcript = await beginTranscript({ ...scope, sdk: hello.sdk })
  return {
    enc: sealer.enc,
    async pass(sealed: Exclude<Message, string>, change: boolean): Promise<Message> {
      const { kind, header, body } = parseRecord(await opener.open(sealed))
      const head = toBase64url(transcript.head)
      const mended = kind === 'submit' ? { ...(header as RecordHeaders['submit']), digest: head } : header
      const record = encodeRecord(kind, mended as never, head, change ? withComment(body) : body)
      transcript = await extendTranscript(transcript, record)
      return sealer.seal(record)
    },
  }
}

/** The same picture with a comment segment after its first marker (ITU-T T.81 B.2.4.5). */
function withComment(jpeg: Uint8Array): Uint8Array {
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, 4, 0x69, 0x70]), jpeg.subarray(2)])
}

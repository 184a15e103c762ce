/**
 * CPU time of the cryptography of one submission, without vision, store and network: token, proof of possession, sealing key
 * and its signature, every record opened and chained, the signature over T, the receipt. All threads count.
 */
import { createCipheriv, createDecipheriv, createSecretKey, hash, randomBytes } from 'node:crypto'
import {
  beginTranscript,
  createDeviceKey,
  createProof,
  createSealer,
  createSealingKey,
  encodeRecord,
  extendTranscript,
  publicJwk,
  type ReceiptClaims,
  type SealingScope,
  signBytes,
  thumbprint,
  toBase64url,
  transcriptStatement,
  verifyBytes,
} from '@ipse/protocol'
import { createKeyring, openKeys } from '@ipse/server'
import { createRecordReader } from '../packages/server/src/capture/record-reader.ts'
import { issueCaptureToken, verifyCaptureToken } from '../packages/server/src/capture/token.ts'
import { verifyProof } from '../packages/server/src/identity/proof.ts'
import { createDayKeys } from '../packages/server/src/keys/day-keys.ts'
import { type Case, progress } from './case.ts'
import { median } from './engine/timing.ts'

const SUBMISSIONS = 40
/** A service runs for days, and its first captures are spent on compiling. */
const WARM_UP = 20
/** Frames of a standard capture at the rate that the service asks for, and the size of one as JPEG, bytes. */
const FRAMES = 90
const FRAME_BYTES = 45_000

const ISSUER = 'https://ipse.test'
const SDK = 'ipse-bench/0.1.0'
const HTU = `${ISSUER}/c/v1/capture`

const STAGES = ['admission', 'sealing-key', 'records', 'signature', 'receipt'] as const
type Stage = (typeof STAGES)[number]
type Spent = Record<Stage, number>

async function cpuMs<T>(spent: Spent, stage: Stage, work: () => Promise<T>): Promise<T> {
  const before = process.cpuUsage()
  const done = await work()
  const { user, system } = process.cpuUsage(before)
  spent[stage] += (user + system) / 1000
  return done
}

/** What opening and hashing the same bytes costs without any protocol: the floor under `records`, in the same run. */
async function floorMs(sealed: readonly Uint8Array[]): Promise<number> {
  const key = createSecretKey(randomBytes(32))
  const iv = randomBytes(12)
  const ready = sealed.map((record) => {
    const cipher = createCipheriv('aes-256-gcm', key, iv)
    const content = Buffer.concat([cipher.update(record), cipher.final()])
    return { content, tag: cipher.getAuthTag() }
  })
  const spent = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Spent
  await cpuMs(spent, 'records', async () => {
    for (const { content, tag } of ready) {
      const plain = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(tag)
      hash('sha256', plain.update(content), 'buffer')
      plain.final()
    }
  })
  return spent.records
}

export async function benchCrypto(): Promise<Case[]> {
  const bytes = (length: number) => new Uint8Array(randomBytes(length))
  const now = Date.now()
  const keys = await openKeys(await createKeyring(bytes, now))
  const days = createDayKeys(keys, { now: () => now })
  const frame = bytes(FRAME_BYTES)
  const all: Spent[] = []
  let last: Uint8Array[] = []
  for (let round = 0; round < WARM_UP + SUBMISSIONS; round++) {
    const spent = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Spent
    // The device's half is not counted.
    const pair = await createDeviceKey()
    const jwk = await publicJwk(pair.publicKey)
    const nonce = toBase64url(bytes(16))
    const sessionId = `ses_${round}`
    const lifetime = { issuedAt: now, expiresAt: now + 600_000 }
    const claims = { sessionId, tokenId: toBase64url(bytes(16)), ...lifetime, service: keys.identityAt(0) }
    const token = await issueCaptureToken(keys.captureTokenKey, ISSUER, claims)
    const iat = Math.floor(now / 1000)
    const proof = await createProof(pair, { htm: 'GET', htu: HTU, nonce, token, iat })

    await cpuMs(spent, 'admission', async () => {
      await verifyCaptureToken(keys.captureTokenKey, ISSUER, token, now)
      await verifyProof(proof, { htm: 'GET', htu: HTU, nonce, token, now })
    })
    const scope: SealingScope = { sessionId, challengeId: 'chl_1', kid: 'key_1', jkt: await thumbprint(jwk) }
    const key = await cpuMs(spent, 'sealing-key', async () => {
      const made = await createSealingKey()
      await days.offer(scope, made.publicKey, keys.identityAt(0))
      return made
    })

    const sealer = await createSealer(key.publicKey, scope)
    let transcript = await beginTranscript({ ...scope, sdk: SDK })
    const sealed: Uint8Array[] = []
    for (let index = 0; index <= FRAMES; index++) {
      const header = { frame: index, capturedUs: index * 66_667, step: 0, width: 640, height: 480 }
      const record = encodeRecord('frame', header, toBase64url(transcript.head), frame)
      transcript = await extendTranscript(transcript, record)
      sealed.push(await sealer.seal(record))
    }

    const digest = await cpuMs(spent, 'records', async () => {
      const reader = await createRecordReader(key, toBase64url(sealer.enc), scope, SDK)
      for (const record of sealed) await reader.read(record)
      return reader.digest
    })
    const signature = await signBytes(pair.privateKey, transcriptStatement(digest))
    await cpuMs(spent, 'signature', async () => {
      if (!(await verifyBytes(jwk, signature, transcriptStatement(digest)))) throw new Error('signature')
    })
    await cpuMs(spent, 'receipt', () =>
      keys.signReceipt({
        iss: ISSUER,
        sid: sessionId,
        iat,
        transcript: toBase64url(digest),
      } as ReceiptClaims),
    )
    if (round >= WARM_UP) all.push(spent)
    last = sealed
    if (round % 20 === 19) progress(`crypto-submission: ${round + 1} of ${WARM_UP + SUBMISSIONS}`)
  }
  // Afterwards: its garbage must not be collected while something else is measured.
  const floors: number[] = []
  for (let round = 0; round < SUBMISSIONS; round++) floors.push(await floorMs(last))
  const unit = 'CPU ms'
  const recordsMs = median(all.map(({ records }) => records))
  const note = `${FRAMES} frames of ${FRAME_BYTES / 1000} kB, median of ${SUBMISSIONS}`
  const sum = (spent: Spent) => STAGES.reduce((total, stage) => total + spent[stage], 0)
  return [
    { name: 'crypto-submission', unit, value: median(all.map(sum)), ratios: {}, note },
    ...STAGES.map((stage) => ({
      name: `crypto-submission/${stage}`,
      unit,
      value: median(all.map((spent) => spent[stage])),
      ratios: stage === 'records' ? { 'AES-GCM and SHA-256 alone': recordsMs / median(floors) } : {},
    })),
  ]
}

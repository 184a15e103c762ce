/**
 * CPU time of the cryptography of one submission, without vision, store and network: token, proof of possession, sealing key
 * and its signature, every record opened and chained, the signature over T, the receipt. All threads count.
 */
import { createCipheriv, createDecipheriv, createSecretKey, hash, randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  beginTranscript,
  createDeviceKey,
  createProof,
  createSealer,
  encodeRecord,
  extendTranscript,
  type PublicJwk,
  publicJwk,
  type ReceiptClaims,
  type SealingKey,
  type SealingScope,
  signBytes,
  thumbprint,
  toBase64url,
  transcriptStatement,
} from '@ipse/protocol'
import { createKeyring, openKeys } from '@ipse/server'
import { createRecordReader } from '../packages/server/src/capture/record-reader.ts'
import { issueCaptureToken, verifyCaptureToken } from '../packages/server/src/capture/token.ts'
import { verifyProof } from '../packages/server/src/identity/proof.ts'
import { createDayKeys } from '../packages/server/src/keys/day-keys.ts'
import { createSealingKey, verifyP256 } from '../packages/server/src/node-crypto.ts'
import { type Case, progress } from './case.ts'
import { median } from './engine/timing.ts'

const SUBMISSIONS = 40
/** A service runs for days, and its first captures are spent on compiling. */
const WARM_UP = 40
/** Submissions that are sealed before any of them is taken in: what their devices leave behind is collected in between. */
const AT_ONCE = 5
/** Frames of a standard capture as `session-cpu/frames` counts them, and the size of one as JPEG (the lab's have 37 kB), bytes. */
const FRAMES = 80
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

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

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

interface Begun {
  readonly spent: Spent
  readonly pair: Awaited<ReturnType<typeof createDeviceKey>>
  readonly jwk: PublicJwk
  readonly scope: SealingScope
  readonly key: SealingKey
}

export async function benchCrypto(): Promise<Case[]> {
  const bytes = (length: number) => new Uint8Array(randomBytes(length))
  const now = Date.now()
  const iat = Math.floor(now / 1000)
  const keys = await openKeys(await createKeyring(bytes, now))
  const days = createDayKeys(keys, { now: () => now })
  const frame = bytes(FRAME_BYTES)

  async function begin(round: number): Promise<Begun> {
    const spent = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Spent
    const pair = await createDeviceKey()
    const jwk = await publicJwk(pair.publicKey)
    const nonce = toBase64url(bytes(16))
    const sessionId = `ses_${round}`
    const lifetime = { issuedAt: now, expiresAt: now + 600_000 }
    const claims = {
      tenant: 'bench',
      sessionId,
      tokenId: toBase64url(bytes(16)),
      ...lifetime,
      service: keys.identityAt(0),
    }
    const token = issueCaptureToken(keys.captureTokenKey, ISSUER, claims)
    const proof = await createProof(pair, { htm: 'GET', htu: HTU, nonce, token, iat })
    await cpuMs(spent, 'admission', async () => {
      await verifyCaptureToken(keys.captureTokenKey, ISSUER, token, now)
      await verifyProof(proof, { htm: 'GET', htu: HTU, nonce, token, now })
    })
    const scope: SealingScope = { sessionId, challengeId: 'chl_1', kid: 'key_1', jkt: await thumbprint(jwk) }
    const key = await cpuMs(spent, 'sealing-key', async () => {
      const made = createSealingKey()
      await days.offer(scope, made.publicKey, keys.identityAt(0))
      return made
    })
    return { spent, pair, jwk, scope, key }
  }

  /** The device's half, which is not counted. */
  async function seal({ pair, scope, key }: Begun) {
    const sealer = await createSealer(key.publicKey, scope)
    let transcript = await beginTranscript({ ...scope, sdk: SDK })
    let digest = transcript.head
    const sealed: Uint8Array[] = []
    for (let index = 0; index <= FRAMES; index++) {
      digest = transcript.head
      const header = { frame: index, capturedUs: index * 66_667, step: 0, width: 640, height: 480 }
      const record = encodeRecord('frame', header, toBase64url(digest), frame)
      transcript = await extendTranscript(transcript, record)
      sealed.push(await sealer.seal(record))
    }
    const signature = await signBytes(pair.privateKey, transcriptStatement(digest))
    return { enc: toBase64url(sealer.enc), sealed, signature }
  }

  async function take(
    { spent, jwk, scope, key }: Begun,
    { enc, sealed, signature }: Awaited<ReturnType<typeof seal>>,
  ): Promise<void> {
    const digest = await cpuMs(spent, 'records', async () => {
      const reader = await createRecordReader(key, enc, scope, SDK)
      for (const record of sealed) await reader.read(record)
      return reader.digest
    })
    await cpuMs(spent, 'signature', async () => {
      if (!verifyP256(jwk, signature, transcriptStatement(digest))) throw new Error('signature')
    })
    const claims = { iss: ISSUER, sid: scope.sessionId, iat, transcript: toBase64url(digest) }
    await cpuMs(spent, 'receipt', async () => keys.signReceipt(claims as ReceiptClaims))
  }

  const all: Spent[] = []
  let last: readonly Uint8Array[] = []
  for (let done = 0; done < WARM_UP + SUBMISSIONS; done += AT_ONCE) {
    const begun: Begun[] = []
    for (let i = 0; i < AT_ONCE; i++) begun.push(await begin(done + i))
    const sent = await Promise.all(begun.map(seal))
    collectGarbage()
    for (const [i, one] of begun.entries()) await take(one, sent[i]!)
    if (done >= WARM_UP) all.push(...begun.map(({ spent }) => spent))
    last = sent[0]!.sealed
    progress(`crypto-submission: ${done + AT_ONCE} of ${WARM_UP + SUBMISSIONS}`)
  }
  // Afterwards: its garbage must not be collected while something else is measured.
  const floors: number[] = []
  for (let round = 0; round < SUBMISSIONS; round++) floors.push(await floorMs(last))
  const unit = 'CPU ms'
  const recordsMs = median(all.map(({ records }) => records))
  const sum = (spent: Spent) => STAGES.reduce((total, stage) => total + spent[stage], 0)
  const mean = all.reduce((total, spent) => total + sum(spent), 0) / all.length
  const note = `${FRAMES} frames of ${FRAME_BYTES / 1000} kB, median of ${SUBMISSIONS}, mean ${mean.toFixed(1)}`
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

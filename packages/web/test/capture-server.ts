/**
 * A small capture service for tests: the server's half of the conversation with the protocol's own opener and transcript,
 * strict where the real one is strict, judging by a script instead of an engine.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  type Bytes,
  beginTranscript,
  CAPTURE_PATH,
  CAPTURE_PROTOCOL,
  type CaptureFacts,
  CHALLENGE_VERSION,
  type ChallengeStep,
  type Cue,
  createDeviceKey,
  createOpener,
  createSealingKey,
  dayKeyStatement,
  type ErrorCode,
  extendTranscript,
  type FrameHeader,
  fromBase64url,
  fromUtf8,
  type Guidance,
  type Hello,
  type Open,
  type Outcome,
  type PasskeyAsk,
  type PublicJwk,
  parseRecord,
  publicJwk,
  type SealingOffer,
  type SealingScope,
  type SeenHeader,
  type Start,
  type SubmitHeader,
  sealingKeyStatement,
  sha256,
  signBytes,
  thumbprint,
  toBase64url,
  transcriptStatement,
  utf8,
  verifyBytes,
} from '@ipse/protocol'
import { type WebSocket, WebSocketServer } from 'ws'

export interface Script {
  readonly steps: readonly ChallengeStep[]
  /** Frames that answer one step. */
  readonly framesPerStep: number
  readonly outcome: Outcome
  readonly attemptsLeft?: number
  readonly outcomeHint?: Guidance
  readonly capture?: Partial<Start['capture']>
  /** Hint for a frame; progress is the share of the step's frames. */
  hint?(header: FrameHeader, step: ChallengeStep): Guidance
  /** A cue that follows the answer to a frame. */
  cue?(header: FrameHeader, step: ChallengeStep): Cue | undefined
  /** Speaks another protocol than ours. */
  readonly protocol?: string
  /** Refuses at this point instead of going on. */
  readonly refuse?: { readonly at: 'hello' | 'step' | 'submit'; readonly code: ErrorCode }
  /** Offers another sealing key than the service's own. */
  another?(offer: SealingOffer): SealingOffer
  /** Says before the capture that the screen would change its colours. */
  readonly colours?: boolean
  /** Asks for a passkey at the end. */
  readonly passkey?: PasskeyAsk
  /** Goes silent or away. */
  readonly vanish?: 'at-hello' | 'in-step'
  /** Time before a frame is answered, milliseconds. */
  readonly thinkMs?: number
  /** Waits before the outcome is told. */
  readonly beforeOutcome?: () => Promise<void>
  /** Never answers frames of this step, so that the capture stays there. */
  readonly stayAt?: number
}

/** The key by which this service is known, made for these tests. */
const IDENTITY = {
  kty: 'EC',
  crv: 'P-256',
  x: 'VEYvvxSrirmbAYiqLlsBFz7BXGe2hJeNL_lWyNjYTxs',
  y: 'P-W0TK-Q1TUmd3wJ5zqUc8WYx8JaYspwo8Mvol5AxDQ',
} as const
const IDENTITY_SECRET = 'Kqp-669dcvej_BI5d3ufxOmgLF-nzlNbMNmPk-9MgbY'

/** A token that names this service; what it is worth is for the real one to say. */
export function tokenOf(name: string): string {
  const claims = { jti: name, svc: '5WyZzUfkfAOOmx5mZ6jt2TLZQj2my3x6MkhrdArL2KY' }
  return ['{"alg":"none"}', JSON.stringify(claims), ''].map((part) => toBase64url(utf8(part))).join('.')
}

async function offer(scope: SealingScope, publicKey: Uint8Array): Promise<SealingOffer> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const secret = { ...IDENTITY, d: IDENTITY_SECRET }
  const identity = await crypto.subtle.importKey('jwk', secret, algorithm, false, ['sign'])
  const today = await createDeviceKey()
  const now = Math.floor(Date.now() / 1000)
  const span = { key: await publicJwk(today.publicKey), from: now, until: now + 60 }
  const signed = async (key: CryptoKey, bytes: Uint8Array) => toBase64url(await signBytes(key, bytes))
  const day = {
    ...span,
    identity: IDENTITY,
    signature: await signed(identity, dayKeyStatement(span)),
  }
  const offered = toBase64url(publicKey)
  return {
    kid: scope.kid,
    publicKey: offered,
    day,
    signature: await signed(today.privateKey, sealingKeyStatement(scope, offered)),
  }
}

/** What arrived in one conversation, after every check has passed. */
export interface Heard {
  hello?: Hello
  jkt?: string
  facts?: CaptureFacts
  readonly frames: { readonly header: FrameHeader; readonly body: Bytes }[]
  readonly seen: SeenHeader[]
  submit?: SubmitHeader
  /** Most frames that were unanswered at one time. */
  mostInFlight: number
  /** Every violation of the protocol, in words. */
  readonly faults: string[]
  ended?: Promise<number>
}

const FORMAT: Start['capture'] = {
  width: 640,
  height: 480,
  framesPerSecond: 15,
  inFlight: 3,
  quality: 0.8,
  maxFrameBytes: 200_000,
}

export interface CaptureServer extends AsyncDisposable {
  readonly url: string
  readonly conversations: Heard[]
  script: Script
  upgrade(request: import('node:http').IncomingMessage, socket: Duplex, head: Buffer): void
}

export const STEPS: readonly ChallengeStep[] = [
  { kind: 'hold' },
  { kind: 'head-pose', direction: 'left', targetDeg: 18 },
  { kind: 'center' },
]

function messages(socket: WebSocket) {
  const waiting: { data: Buffer; binary: boolean }[] = []
  let wake = () => {}
  let closed = false
  socket.on('message', (data, binary) => {
    waiting.push({ data: data as Buffer, binary })
    wake()
  })
  socket.on('close', () => {
    closed = true
    wake()
  })
  return async () => {
    for (;;) {
      const next = waiting.shift()
      if (next) return next
      if (closed) throw new Error('closed')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
}

async function checkProof(hello: Hello, nonce: string, url: string, fault: (what: string) => void) {
  const [header = '', payload = '', signature = ''] = hello.proof.split('.')
  const { typ, alg, jwk } = JSON.parse(fromUtf8(fromBase64url(header))) as {
    typ: string
    alg: string
    jwk: PublicJwk
  }
  const claims = JSON.parse(fromUtf8(fromBase64url(payload))) as Record<string, unknown>
  if (typ !== 'dpop+jwt' || alg !== 'ES256') fault('proof header')
  if (!(await verifyBytes(jwk, fromBase64url(signature), utf8(`${header}.${payload}`))))
    fault('proof signature')
  if (claims.htm !== 'GET' || claims.htu !== url.replace(/^ws/, 'http')) fault(`htu ${claims.htu}`)
  if (claims.nonce !== nonce) fault('nonce')
  if (claims.ath !== toBase64url(await sha256(utf8(hello.token)))) fault('ath')
  if (Math.abs(Number(claims.iat) - Date.now() / 1000) > 60) fault('iat')
  return { jwk, jkt: await thumbprint(jwk) }
}

async function hold(socket: WebSocket, server: CaptureServer, heard: Heard): Promise<void> {
  const { script } = server
  const fault = (what: string) => heard.faults.push(what)
  const say = (message: object) => {
    const text = JSON.stringify(message)
    socket.send(text)
    return text
  }
  const next = messages(socket)
  const nonce = toBase64url(crypto.getRandomValues(new Uint8Array(16)))
  say({ type: 'welcome', protocol: script.protocol ?? CAPTURE_PROTOCOL, nonce, minimumSdk: '0.1.0' })
  const hello = JSON.parse(String((await next()).data)) as Hello
  heard.hello = hello
  const { jwk, jkt } = await checkProof(hello, nonce, server.url, fault)
  heard.jkt = jkt
  if (script.vanish === 'at-hello') return socket.terminate()
  if (hello.unable !== undefined) return end(socket, say, hello.unable)
  if (script.refuse?.at === 'hello') return end(socket, say, script.refuse.code)
  const key = await createSealingKey()
  const scope = { sessionId: 'ses_x', challengeId: 'chl_x', kid: 'kem_x', jkt }
  say({
    type: 'start',
    sessionId: scope.sessionId,
    challengeId: scope.challengeId,
    attempt: 1,
    attemptsLeft: script.attemptsLeft ?? 2,
    kem: script.another?.(await offer(scope, key.publicKey)) ?? (await offer(scope, key.publicKey)),
    capture: { ...FORMAT, ...script.capture },
    steps: script.steps.length,
    challengeVersion: CHALLENGE_VERSION,
    ...(script.colours ? { colours: true } : {}),
  } satisfies Start)
  const open = JSON.parse(String((await next()).data)) as Open
  const opener = await createOpener(key, fromBase64url(open.enc), scope)
  let transcript = await beginTranscript({ ...scope, sdk: hello.sdk })
  const record = async () => {
    const { data, binary } = await next()
    if (!binary) throw new Error('text where a record was due')
    const bytes = await opener.open(data)
    const parsed = parseRecord(bytes)
    const before = transcript.head
    if (parsed.previous !== toBase64url(before)) fault('chain')
    transcript = await extendTranscript(transcript, bytes)
    return { ...parsed, before }
  }

  const first = await record()
  if (first.kind !== 'facts') fault('facts first')
  heard.facts = first.header as CaptureFacts

  const cues: string[] = []
  let frames = 0
  let answered = 0
  for (const [index, step] of script.steps.entries()) {
    if (script.refuse?.at === 'step' && index === 1) return end(socket, say, script.refuse.code)
    if (script.vanish === 'in-step' && index === 1) return socket.terminate()
    const text = say({ type: 'step', index, step, limitMs: 8000, framesPerSecond: 15 })
    let shown = false
    let count = 0
    while (!shown || count < script.framesPerStep) {
      const got = await record()
      if (got.kind === 'seen') {
        const header = got.header as SeenHeader
        const said = header.cue === undefined ? text : cues.shift()
        if (said === undefined || header.digest !== toBase64url(await sha256(utf8(said))))
          fault('seen digest')
        if (header.step !== index && header.cue === undefined) fault('seen step')
        heard.seen.push(header)
        shown ||= header.cue === undefined
        continue
      }
      if (got.kind !== 'frame') throw new Error(`${got.kind} in a step`)
      const header = got.header as FrameHeader
      if (header.frame !== frames) fault(`frame ${header.frame}, expected ${frames}`)
      frames++
      if (got.body[0] !== 0xff || got.body[1] !== 0xd8) fault('not a JPEG')
      const before = heard.frames.at(-1)
      if (before && header.capturedUs <= before.header.capturedUs) fault('capture times do not rise')
      if (header.step !== index && shown) fault(`frame of step ${header.step} after step ${index} was seen`)
      heard.frames.push({ header, body: got.body })
      if (header.step === index) count++
      heard.mostInFlight = Math.max(heard.mostInFlight, frames - answered)
      if (script.thinkMs) await new Promise((resolve) => setTimeout(resolve, script.thinkMs))
      if (script.stayAt === index) count = 0
      answered++
      say({
        type: 'guide',
        frame: header.frame,
        hint: script.hint?.(header, step) ?? (count >= script.framesPerStep ? 'well-done' : 'hold-still'),
        progress: Math.min(1, count / script.framesPerStep),
      })
      const cue = script.cue?.(header, step)
      if (cue) cues.push(say({ type: 'cue', step: index, index: header.frame, ...cue }))
    }
  }
  say({ type: 'finish', ...(script.passkey ? { passkey: script.passkey } : {}) })
  for (;;) {
    const got = await record()
    if (got.kind === 'frame') {
      const header = got.header as FrameHeader
      heard.frames.push({ header, body: got.body })
      frames++
      continue
    }
    if (got.kind === 'seen') {
      const said = cues.shift()
      if (said === undefined || (got.header as SeenHeader).digest !== toBase64url(await sha256(utf8(said))))
        fault('seen digest')
      continue
    }
    if (got.kind !== 'submit') throw new Error(`${got.kind} after finish`)
    if (cues.length > 0) fault('a cue was not seen')
    const header = got.header as SubmitHeader
    heard.submit = header
    if (header.digest !== toBase64url(got.before)) fault('T')
    if (!(await verifyBytes(jwk, fromBase64url(header.signature), transcriptStatement(got.before))))
      fault('signature over T')
    break
  }
  if (script.refuse?.at === 'submit') return end(socket, say, script.refuse.code)
  await script.beforeOutcome?.()
  say({
    type: 'outcome',
    outcome: script.outcome,
    attemptsLeft: script.attemptsLeft ?? 2,
    ...(script.outcomeHint ? { hint: script.outcomeHint } : {}),
  })
  socket.close(1000)
}

function end(socket: WebSocket, say: (message: object) => unknown, code: ErrorCode): void {
  say({ type: 'error', code })
  socket.close(4400)
}

/** @param http serves pages on the same port, where given */
export async function startCaptureServer(
  script: Script,
  http: Server = createServer(),
): Promise<CaptureServer> {
  const wss = new WebSocketServer({ noServer: true })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const conversations: Heard[] = []
  const server: CaptureServer = {
    url: `ws://localhost:${(http.address() as AddressInfo).port}${CAPTURE_PATH}`,
    conversations,
    script,
    upgrade(request, socket, head) {
      wss.handleUpgrade(request, socket, head, (opened) => {
        const heard: Heard = { frames: [], seen: [], mostInFlight: 0, faults: [] }
        heard.ended = new Promise((resolve) => opened.on('close', resolve))
        conversations.push(heard)
        hold(opened, server, heard).catch((error) => {
          if (error.message !== 'closed') heard.faults.push(String(error))
          opened.terminate()
        })
      })
    },
    async [Symbol.asyncDispose]() {
      for (const client of wss.clients) client.terminate()
      wss.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
  http.on('upgrade', server.upgrade)
  return server
}

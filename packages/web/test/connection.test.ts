/** The conversation against a service that checks proof, sealing, chain and signature with the protocol's own code. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  CAPTURE_PROTOCOL,
  type ChallengeStep,
  type CueMessage,
  createDeviceKey,
  publicJwk,
  type StepMessage,
  thumbprint,
  toBase64url,
} from '@ipse/protocol'
import { type Conversation, converse, proofAddress } from '../src/connection.ts'
import type { CapturedFrame } from '../src/recorder.ts'
import { parseServerMessage } from '../src/server-messages.ts'
import { type CaptureServer, type Script, STEPS, startCaptureServer, tokenOf } from './capture-server.ts'

const LONG: readonly ChallengeStep[] = [
  { kind: 'hold' },
  { kind: 'head-pose', direction: 'right', targetDeg: 18 },
  { kind: 'center' },
  { kind: 'head-pose', direction: 'up', targetDeg: 12 },
  { kind: 'center' },
]
const PASS: Script = { steps: STEPS, framesPerStep: 5, outcome: 'pass' }
const KEY = createDeviceKey()

interface Played {
  readonly shown: StepMessage[]
  readonly hints: string[]
  readonly cues: CueMessage[]
  readonly made: CapturedFrame[]
  finished: boolean
  stopped: boolean
}

/** A capture device without a camera: numbered JPEG-like frames. */
async function talk(server: CaptureServer, changes: Partial<Conversation> = {}) {
  const played: Played = { shown: [], hints: [], cues: [], made: [], finished: false, stopped: false }
  let frame = 0
  const result = converse({
    url: server.url,
    token: tokenOf('token-1'),
    device: await KEY,
    facts: { label: 'test', trackType: 'MediaStreamTrack' },
    frames: (format) => ({
      async next(signal) {
        await new Promise((resolve) => setTimeout(resolve, 2))
        signal.throwIfAborted()
        const jpeg = new Uint8Array(2000).fill(frame + 1)
        jpeg.set([0xff, 0xd8])
        const made = { jpeg, capturedUs: ++frame * 1000, width: format.width, height: format.height }
        played.made.push(made)
        return made
      },
      stop: () => {
        played.stopped = true
      },
    }),
    colours: async () => 'agreed',
    async show(step) {
      played.shown.push(step)
      return performance.now()
    },
    guide: ({ hint }) => played.hints.push(hint),
    async cue(cue) {
      played.cues.push(cue)
      return performance.now()
    },
    passkey: async () => ({ passkey: 'passkey_unsupported' }),
    finish: () => {
      played.finished = true
    },
    signal: new AbortController().signal,
    ...changes,
  })
  return { result, played }
}

async function lastHeard(server: CaptureServer) {
  const heard = server.conversations.at(-1)!
  await heard.ended
  return heard
}

describe('the conversation', () => {
  it('goes from welcome to outcome: proof, sealed records, chain and signature all hold', async () => {
    await using server = await startCaptureServer({ ...PASS, steps: LONG })
    const { result, played } = await talk(server)
    assert.deepEqual(await result, { type: 'outcome', outcome: 'pass', attemptsLeft: 2 })
    const heard = await lastHeard(server)
    assert.deepEqual(heard.faults, [])
    assert.deepEqual(heard.facts, { label: 'test', trackType: 'MediaStreamTrack' })
    assert.equal(heard.jkt, await thumbprint(await publicJwk((await KEY).publicKey)))
    assert.deepEqual(
      heard.seen.map(({ step }) => step),
      [0, 1, 2, 3, 4],
    )
    assert.deepEqual(
      played.shown.map(({ step }) => step),
      LONG,
    )
    assert.ok(played.finished && played.stopped && heard.submit)
    assert.ok(played.hints.includes('well-done'))
  })

  it('keeps no more frames under way than the service allows', async () => {
    for (const inFlight of [1, 2, 4]) {
      await using server = await startCaptureServer({ ...PASS, thinkMs: 12, capture: { inFlight } })
      await (await talk(server)).result
      const heard = await lastHeard(server)
      assert.deepEqual(heard.faults, [])
      assert.ok(heard.mostInFlight <= inFlight, `${heard.mostInFlight} of ${inFlight}`)
    }
  })

  it('stamps a frame with the step that was shown when it was taken and drops it when that is over', async () => {
    await using server = await startCaptureServer({ ...PASS, steps: LONG, thinkMs: 3 })
    let release = () => {}
    const { result } = await talk(server, {
      show: () =>
        new Promise((resolve) => {
          release = () => resolve(performance.now())
          setTimeout(release, 20)
        }),
    })
    await result
    const heard = await lastHeard(server)
    assert.deepEqual(heard.faults, [])
    const steps = heard.frames.map(({ header }) => header.step)
    assert.deepEqual(steps, steps.toSorted())
  })

  it('wipes frames once they are sealed', async () => {
    await using server = await startCaptureServer(PASS)
    const { result, played } = await talk(server)
    await result
    const heard = await lastHeard(server)
    assert.ok(heard.frames.length > 5 && heard.frames.every(({ body }) => body[0] === 0xff))
    for (const { jpeg } of played.made.slice(0, heard.frames.length))
      assert.ok(jpeg.every((byte) => byte === 0))
  })

  it('passes the service’s refusals on by their code', async () => {
    for (const at of ['hello', 'step', 'submit'] as const) {
      await using server = await startCaptureServer({
        ...PASS,
        refuse: { at, code: 'session_token_invalid' },
      })
      const { result, played } = await talk(server)
      await assert.rejects(result, { name: 'IpseError', code: 'session_token_invalid' })
      if (at !== 'hello') assert.equal(played.stopped, true)
    }
  })

  it('says hello to a service of another protocol, so that it is noted, and goes no further whatever follows', async () => {
    for (const refuse of [{ at: 'hello', code: 'unsupported_version' } as const, undefined]) {
      await using server = await startCaptureServer({
        ...PASS,
        protocol: 'ipse-capture/9999',
        ...(refuse && { refuse }),
      })
      const { result, played } = await talk(server)
      await assert.rejects(result, { code: 'unsupported_version' })
      const { hello, faults, facts } = await lastHeard(server)
      assert.deepEqual([hello?.protocol, faults, facts], [CAPTURE_PROTOCOL, [], undefined])
      assert.deepEqual(played.made, [])
    }
  })

  it('seals nothing to a key that is not the service’s own', async () => {
    const publicKey = toBase64url(crypto.getRandomValues(new Uint8Array(65)))
    await using server = await startCaptureServer({
      ...PASS,
      another: (offer) => ({ ...offer, publicKey }),
    })
    await assert.rejects((await talk(server)).result, { code: 'service_unproven' })
    const { facts, frames } = await lastHeard(server)
    assert.deepEqual([facts, frames], [undefined, []])
  })

  it('names a service that goes away connection_lost', async () => {
    for (const vanish of ['at-hello', 'in-step'] as const) {
      await using server = await startCaptureServer({ ...PASS, vanish })
      await assert.rejects((await talk(server)).result, { code: 'connection_lost' })
    }
    const gone = await startCaptureServer(PASS)
    await gone[Symbol.asyncDispose]()
    await assert.rejects((await talk(gone)).result, { code: 'connection_lost' })
  })

  it('ends at once when it is cancelled, and closes the socket', async () => {
    await using server = await startCaptureServer({ ...PASS, stayAt: 1 })
    const abort = new AbortController()
    const reason = new Error('enough')
    const { result, played } = await talk(server, {
      signal: abort.signal,
      guide: ({ frame }) => frame === 8 && abort.abort(reason),
    })
    await assert.rejects(result, reason)
    assert.equal(played.stopped, true)
    await lastHeard(server)
  })

  it('uses the same key for a second capture with the same token, and a fresh proof', async () => {
    await using server = await startCaptureServer({ ...PASS, outcome: 'retry' })
    await (await talk(server)).result
    await (await talk(server)).result
    const [first, second] = server.conversations
    assert.equal(first!.jkt, second!.jkt)
    assert.notEqual(first!.hello!.proof, second!.hello!.proof)
  })

  it('names the address in the proof without scheme of the socket, query and fragment', () => {
    assert.equal(proofAddress('wss://a.example/c/v1/capture?x=1#y'), 'https://a.example/c/v1/capture')
    assert.equal(proofAddress('ws://localhost:8420/c/v1/capture'), 'http://localhost:8420/c/v1/capture')
  })
})

describe('messages of the service', () => {
  const guide = { type: 'guide', frame: 0, hint: 'hold-still', progress: 0.5 }
  const bad: readonly (readonly [string, unknown])[] = [
    ['binary', new ArrayBuffer(4)],
    ['not JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['without a type', '{}'],
    ['of an unknown type', '{"type":"redirect"}'],
    ['of an inherited type', '{"type":"constructor"}'],
    ['an unknown hint', JSON.stringify({ ...guide, hint: '<b>' })],
    ['progress beyond 1', JSON.stringify({ ...guide, progress: 2 })],
    ['an unknown outcome', '{"type":"outcome","outcome":"accept","attemptsLeft":0}'],
    ['an unknown error code', '{"type":"error","code":"nonsense"}'],
    [
      'a step of unknown kind',
      '{"type":"step","index":0,"limitMs":1,"framesPerSecond":8,"step":{"kind":"smile"}}',
    ],
    [
      'a direction that is none',
      '{"type":"step","index":0,"limitMs":1,"framesPerSecond":8,"step":{"kind":"head-pose","direction":"in","targetDeg":9}}',
    ],
  ]
  for (const [what, data] of bad)
    it(`are refused when ${what}`, () => {
      assert.throws(() => parseServerMessage(data), { code: 'unsupported_version' })
    })

  it('are read without members that nobody knows', () => {
    assert.deepEqual(parseServerMessage(JSON.stringify({ ...guide, more: 1 })), guide)
  })
})

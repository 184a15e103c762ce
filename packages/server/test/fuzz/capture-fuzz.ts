/**
 * Captures with one thing wrong in each: on the wire, inside a sound seal, out of order, or before anybody has said who is
 * there. None may be accepted, end in a fault of ours, or be left standing. `tools/fuzz.ts` runs the long form.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { CAPTURE_PROTOCOL, type CreatedSession, concat, type RecordKind, u32, utf8 } from '@ipse/protocol'
import { type Alteration, CaptureClient, type CaptureResult, TEST_SDK } from '../capture-client.ts'
import { createPerson, type Fixture, PUBLIC_URL, startFixture } from '../fixture.ts'
import { createDice, type Dice } from './random.ts'
import { spoiled } from './schema-values.ts'

export interface CaptureReport {
  readonly captures: number
  readonly seed: number
  readonly kinds: Readonly<Record<string, number>>
  /** What the device heard at the end. */
  readonly ends: Readonly<Record<string, number>>
  /** Captures in which nothing was changed, and how many of them passed: the others mean nothing otherwise. */
  readonly untouched: { readonly captures: number; readonly passed: number }
  readonly findings: readonly string[]
  readonly found: number
  readonly seconds: number
}

const KINDS = { untouched: 5, before: 20, wire: 35, record: 40 } as const
const MOST_FINDINGS = 20
/** Once something is wrong, a server that says nothing for so long waits for more: hanging up then is one more thing to try. */
const PATIENCE_MS = 250
/** A capture that stands still after its connection has ended, milliseconds. */
const HANG_MS = 20_000

/** An alteration at one moment, and whether it has happened. */
interface Plan {
  readonly alter: Alteration
  readonly done: { what?: string }
}

type Message = string | Uint8Array

const flipped = (bytes: Uint8Array, dice: Dice): Uint8Array => {
  const out = new Uint8Array(bytes)
  const at = dice.below(out.length)
  out[at] = (out[at] ?? 0) ^ (1 << dice.below(8))
  return out
}

/** On the wire: of what is sealed nothing may be other, missing, twice or elsewhere. */
const WIRE: Readonly<Record<string, (message: Uint8Array, dice: Dice) => readonly Message[]>> = {
  'a bit flipped': (bytes, dice) => [flipped(bytes, dice)],
  'cut off': (bytes, dice) => [bytes.subarray(0, dice.below(bytes.length))],
  longer: (bytes, dice) => [concat(bytes, dice.bytes(1 + dice.below(20)))],
  dropped: () => [],
  twice: (bytes) => [bytes, bytes],
  'as text': (bytes) => [Buffer.from(bytes).toString('latin1')],
  noise: (_, dice) => [dice.bytes(dice.below(300))],
  'after noise': (bytes, dice) => [dice.bytes(40), bytes],
  'after text': (bytes) => ['{"type":"hello"}', bytes],
  'a hundred times': (bytes) => Array.from({ length: 100 }, () => bytes),
  'behind two megabytes': (bytes) => [new Uint8Array(2_000_000), bytes],
}

/** Changes the message of that number; `done` says that it did, and that it matters. */
function alterWire(dice: Dice): Plan {
  const done: Plan['done'] = {}
  const at = dice.below(12)
  let sent = 0
  return {
    done,
    alter: {
      wire(message) {
        if (sent++ !== at) return [message]
        if (typeof message === 'string') {
          const other = spoiled(JSON.parse(message), dice)
          if (meansTheSame(message, other)) return [message]
          done.what = `wire ${at}: ${other.slice(0, 200)}`
          return [other]
        }
        const name = dice.one(Object.keys(WIRE))
        done.what = `wire ${at}: ${name}`
        return WIRE[name]?.(message, dice) ?? []
      },
    },
  }
}

function meansTheSame(a: string, b: string): boolean {
  try {
    return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b))
  } catch {
    return false
  }
}

type Header = Record<string, unknown>

/** What a record's header must not be, by kind: each is refused whatever the rest says. */
const HEADERS: Readonly<Record<RecordKind, readonly ((header: Header, dice: Dice) => unknown)[]>> = {
  facts: [() => 'facts', () => [], () => null, () => 7],
  frame: [
    (header) => ({ ...header, frame: Number(header.frame) + 1 }),
    (header) => ({ ...header, frame: Number(header.frame) - 1 }),
    (header) => ({ ...header, frame: String(header.frame) }),
    (header) => ({ ...header, frame: null }),
    (header) => ({ ...header, step: Number(header.step) + 1 }),
    (header) => ({ ...header, step: -1 }),
    (header) => ({ ...header, step: 1e9 }),
    (header) => ({ ...header, capturedUs: -1 }),
    (header) => ({ ...header, capturedUs: 0.5 }),
    (header) => ({ ...header, capturedUs: 1e300 }),
    (header) => ({ ...header, width: 1e6 }),
    (header) => ({ ...header, accepted: true }),
    (header) => ({ ...header, ['__proto__']: { step: 0 }, prototype: 1 }),
    ({ frame: _, ...header }) => header,
    () => [],
    () => null,
    (_, dice) => dice.bytes(8).toString('latin1'),
  ],
  seen: [
    (header) => ({ ...header, step: Number(header.step) + 1 }),
    (header) => ({ ...header, cue: 7 }),
    (header) => ({ ...header, digest: 'A'.repeat(43) }),
    (header) => ({ ...header, digest: `${header.digest}=` }),
    (header) => ({ ...header, digest: 'A'.repeat(5000) }),
    (header) => ({ ...header, shownUs: -1 }),
    (header) => ({ ...header, shownUs: '1' }),
    (header) => ({ ...header, more: 1 }),
    () => null,
  ],
  submit: [
    (header) => ({ ...header, digest: 'A'.repeat(43) }),
    (header) => ({ ...header, signature: 'A'.repeat(86) }),
    (header) => ({ ...header, signature: '' }),
    (header) => ({ ...header, signature: [header.signature] }),
    (header) => ({ ...header, decision: 'accept' }),
    (header) => ({ ...header, attestation: null }),
    (header) => ({ ...header, attestation: { format: 'constructor' } }),
    (header) => ({ ...header, attestation: { format: 'webauthn', id: 1 } }),
    (header) => ({ ...header, attestation: { format: 'play-integrity', token: 'x', level: 'strong' } }),
    ({ signature: _, ...header }) => header,
    () => [],
  ],
}

/** A record taken apart. */
interface Parts {
  readonly kind: number
  readonly json: { readonly previous: string; readonly header: Header }
  readonly body: Uint8Array
}

function partsOf(plain: Uint8Array): Parts {
  const length = new DataView(plain.buffer, plain.byteOffset).getUint32(1)
  const json = JSON.parse(Buffer.from(plain.subarray(5, 5 + length)).toString()) as Parts['json']
  return { kind: plain[0] ?? 0, json, body: plain.subarray(5 + length) }
}

const joined = (kind: number, json: unknown, body: Uint8Array): Uint8Array => {
  const text = utf8(typeof json === 'string' ? json : JSON.stringify(json))
  return concat(new Uint8Array([kind]), u32(text.length), text, body)
}

const FORMS: Readonly<Record<string, (parts: Parts, plain: Uint8Array, dice: Dice) => Uint8Array>> = {
  'another kind': ({ kind, json, body }) => joined((kind % 4) + 1, json, body),
  'a kind that is none': ({ json, body }, _, dice) => joined(5 + dice.below(250), json, body),
  'a chain head of nobody': ({ kind, json, body }) =>
    joined(kind, { ...json, previous: 'A'.repeat(43) }, body),
  'no chain head': ({ kind, json, body }) => joined(kind, { header: json.header }, body),
  'one member more': ({ kind, json, body }) => joined(kind, { ...json, decision: 'accept' }, body),
  'a header that is no JSON': ({ kind, json, body }) => joined(kind, JSON.stringify(json).slice(1), body),
  'a header of five thousand levels': ({ kind, body }) =>
    joined(kind, `${'['.repeat(5000)}${']'.repeat(5000)}`, body),
  'a header of 20 kB': ({ kind, json, body }) =>
    joined(kind, JSON.stringify(json) + ' '.repeat(20_000), body),
  'a header longer than the record': (_, plain) =>
    concat(plain.subarray(0, 1), u32(0xffffffff), plain.subarray(5)),
  'a header of nothing': (_, plain) => concat(plain.subarray(0, 1), u32(0), plain.subarray(5)),
  'nothing at all': () => new Uint8Array(0),
  'four bytes': (_, plain) => plain.subarray(0, 4),
  noise: (_, __, dice) => dice.bytes(dice.below(400)),
}

/** Bodies that are no frame: not a JPEG, or one that does not open. */
const BODIES: readonly ((dice: Dice) => Uint8Array)[] = [
  () => new Uint8Array(0),
  () => new Uint8Array([0xff, 0xd8]),
  () => new Uint8Array([0xff, 0xd8, 0xff]),
  () => new Uint8Array([0x89, 0x50, 0x4e, 0x47]),
  (dice) => concat(new Uint8Array([0xff, 0xd8, 0xff]), dice.bytes(dice.below(500))),
  () => concat(new Uint8Array([0xff, 0xd8, 0xff]), new Uint8Array(1_500_000)),
]

function alterRecord(dice: Dice): Plan {
  const done: Plan['done'] = {}
  const at = dice.below(14)
  let sealed = 0
  return {
    done,
    alter: {
      record(kind, plain) {
        if (sealed++ !== at && kind !== 'submit') return plain
        if (done.what !== undefined) return plain
        const parts = partsOf(plain)
        const way = dice.weighted({ header: 5, form: 4, body: kind === 'frame' ? 3 : 0 })
        if (way === 'body') {
          done.what = `record ${at}: another body`
          return joined(parts.kind, parts.json, dice.one(BODIES)(dice))
        }
        if (way === 'form') {
          const name = dice.one(Object.keys(FORMS))
          done.what = `record ${at} (${kind}): ${name}`
          return FORMS[name]?.(parts, plain, dice) ?? plain
        }
        const header = dice.one(HEADERS[kind])(parts.json.header, dice)
        done.what = `record ${at} (${kind}): ${JSON.stringify(header).slice(0, 200)}`
        return joined(parts.kind, { ...parts.json, header }, parts.body)
      },
    },
  }
}

/** Says something else than hello, or hello wrongly, and then whatever comes to mind. */
async function beforeHello(fixture: Fixture, session: CreatedSession, dice: Dice): Promise<string> {
  let said = false
  const patienceMs = () => (said ? PATIENCE_MS : undefined)
  const client = await CaptureClient.connect({ ...optionsOf(fixture, session), patienceMs })
  await client.expect('welcome')
  said = true
  const hello = {
    type: 'hello',
    protocol: CAPTURE_PROTOCOL,
    token: session.captureToken,
    proof: 'a.b.c',
    sdk: TEST_SDK,
  }
  const say = [
    () => client.sendJson(JSON.parse(`"${'x'.repeat(dice.below(100))}"`)),
    () => client.sendBytes(dice.bytes(dice.below(3000))),
    () => client.send(spoiled(hello, dice)),
    () => client.send(dice.bytes(dice.below(100)).toString('latin1')),
    () => client.send('x'.repeat(20_000)),
    () => client.sendJson({ type: 'open', enc: 'A' }),
    () => client.sendJson(hello),
    () => client.sendBytes(new Uint8Array(3_000_000)),
  ]
  for (let times = 1 + dice.below(4); times > 0; times--) dice.one(say)()
  for (;;) {
    const received = await client.next()
    if (!received) return 'nothing'
    if (received.message.type === 'error') return received.message.code
    if (received.message.type !== 'welcome') return `answered ${received.message.type}`
  }
}

function optionsOf({ socketUrl, clock }: Fixture, { captureUrl, captureToken }: CreatedSession) {
  return { socketUrl, captureUrl, captureToken, origin: PUBLIC_URL, now: () => clock.now() / 1000 }
}

export async function fuzzCaptures(captures: number, seed: number): Promise<CaptureReport> {
  await using fixture = await startFixture({ named: { 'limits.capturesPerHour': '0' } })
  const dice = createDice(seed)
  const kinds: Record<string, number> = {}
  const ends: Record<string, number> = {}
  const untouched = { captures: 0, passed: 0 }
  const findings: string[] = []
  let found = 0
  const report = (finding: string) => {
    found++
    if (findings.length < MOST_FINDINGS) findings.push(finding)
  }
  const started = performance.now()
  for (let done = 0; done < captures; done++) {
    const kind = dice.weighted(KINDS)
    kinds[kind] = (kinds[kind] ?? 0) + 1
    const session = await fixture.createSession({ purpose: 'liveness' })
    let end: string
    let what: string | undefined = kind
    if (kind === 'before') end = await beforeHello(fixture, session, dice)
    else {
      const plan = kind === 'wire' ? alterWire(dice) : kind === 'record' ? alterRecord(dice) : undefined
      const camera = createPerson(fixture.clock)
      const patienceMs = () => (plan?.done.what === undefined ? undefined : PATIENCE_MS)
      const more = plan === undefined ? {} : { alter: plan.alter, patienceMs }
      const result = await fixture.capture(session, camera, more)
      end = endOf(result)
      what = plan?.done.what
    }
    ends[end] = (ends[end] ?? 0) + 1
    const { state, decision } = await settled(fixture, session.id)
    const accepted = end === 'pass' || decision === 'accept'
    if (what === undefined || kind === 'untouched') {
      untouched.captures++
      if (accepted) untouched.passed++
    } else if (accepted) report(`accepted: ${what}`)
    if (end === 'internal' || end.startsWith('answered')) report(`${end}: ${what}`)
    if (state === 'challenged') report(`left standing: ${what}`)
  }
  for (const line of fixture.log().split('\n'))
    if (/"level":[56]0/.test(line)) report(`in the log: ${line.slice(0, 600)}`)
  const healthy = await fixture.call('GET', '/readyz')
  if (healthy.status !== 200) report('not ready afterwards')
  const seconds = (performance.now() - started) / 1000
  return { captures, seed, kinds, ends, untouched, findings, found, seconds }
}

function endOf({ outcome, error }: CaptureResult): string {
  return outcome?.outcome ?? error ?? 'nothing'
}

/** The session once no capture of it is under way. */
async function settled(fixture: Fixture, id: string) {
  const deadline = performance.now() + HANG_MS
  for (;;) {
    const session = await fixture.readSession(id)
    if (session.state !== 'challenged' || performance.now() > deadline) return session
    await sleep(5)
  }
}

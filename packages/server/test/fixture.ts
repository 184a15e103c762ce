/** A whole service for tests: scripted engine, store in memory, a clock that a test moves, a port of its own. */
import { randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import type { ChallengeStep, CreatedSession, CreateSession, Direction, Session } from '@ipse/protocol'
import type { FastifyInstance } from 'fastify'
import {
  type Clock,
  createApiKey,
  createKeyring,
  createServer,
  type Dependencies,
  type Keys,
  openKeys,
  openSqliteStore,
  parseSettings,
  type Random,
  SCOPE_NAMES,
  type Scope,
  type Settings,
  type Store,
} from '../src/index.ts'
import { type Camera, type CaptureResult, runCapture, type Shot } from './capture-client.ts'
import { createScriptedEngine, type Script, type ScriptedEngine, scriptedImage } from './scripted-engine.ts'

export const PUBLIC_URL = 'https://ipse.test'

export const CONSENT = {
  version: '1',
  textSha256: 'A'.repeat(43),
  givenAt: '2026-11-21T10:00:00Z',
} as const

export interface TestClock extends Clock {
  advance(ms: number): void
}

/** Stands still unless it is moved. */
export function createTestClock(start: number = Date.UTC(2026, 10, 21)): TestClock {
  let elapsed = 0
  return {
    now: () => start + elapsed,
    monotonicMs: () => 1000 + elapsed,
    advance: (ms) => {
      elapsed += ms
    },
  }
}

export const systemClock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() }
export const systemRandom: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) }

export interface Fixture extends AsyncDisposable {
  readonly app: FastifyInstance
  readonly engine: ScriptedEngine
  readonly store: Store
  readonly keys: Keys
  readonly clock: TestClock
  readonly settings: Settings
  readonly apiKey: string
  readonly socketUrl: string
  /** Everything that was logged. */
  log(): string
  newKey(scopes: readonly Scope[], tenant?: string, origins?: readonly string[]): Promise<string>
  call(
    method: string,
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{
    readonly status: number
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    readonly body: any
    readonly headers: Record<string, unknown>
  }>
  createSession(wish: CreateSession): Promise<CreatedSession>
  readSession(id: string): Promise<Session>
  capture(
    session: CreatedSession,
    camera: Camera,
    more?: Partial<Parameters<typeof runCapture>[0]>,
  ): Promise<CaptureResult>
}

export interface FixtureOptions {
  readonly named?: Readonly<Record<string, string>>
  readonly wrapStore?: (store: Store) => Store
  /** Opens the store below; one in memory when absent. */
  readonly open?: () => Promise<Store>
  readonly clock?: Clock
  readonly more?: Partial<Dependencies>
}

export async function startFixture({
  named = {},
  wrapStore,
  open = () => openSqliteStore(':memory:'),
  clock: given,
  more,
}: FixtureOptions = {}): Promise<Fixture> {
  const clock = given === undefined ? createTestClock() : { ...given, advance: () => {} }
  const engine = createScriptedEngine()
  const memory = await open()
  const store = wrapStore?.(memory) ?? memory
  const keys = more?.keys ?? (await openKeys(await createKeyring(systemRandom.bytes, clock.now())))
  const settings = parseSettings({
    named: {
      'server.publicUrl': PUBLIC_URL,
      'server.development': 'true',
      // One subject fails in many ways here; abuse.test.ts locks out.
      'lockout.enabled': 'false',
      ...named,
    },
  })
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const app = await createServer(
    { engine, store, keys, clock, random: systemRandom, log: { level: 'debug', stream }, ...more },
    settings,
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  let keysMade = 0
  const newKey: Fixture['newKey'] = async (scopes, tenant = 'shop', origins) => {
    // Names of their own: of one name only two are live.
    const wish = { tenant, name: `test ${++keysMade}`, scopes, ...(origins === undefined ? {} : { origins }) }
    return (await createApiKey(memory, keys, systemRandom, clock, wish)).key
  }
  const apiKey = await newKey(SCOPE_NAMES)
  const socketUrl = `ws://127.0.0.1:${port}/c/v1/capture`
  const call: Fixture['call'] = async (method, url, body, headers = {}) => {
    const reply = await app.inject({
      method: method as 'GET',
      url,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const json = String(reply.headers['content-type']).includes('json')
    return { status: reply.statusCode, body: json ? reply.json() : reply.body, headers: reply.headers }
  }
  return {
    app,
    engine,
    store: memory,
    keys,
    clock,
    settings,
    apiKey,
    socketUrl,
    log: () => lines.join(''),
    newKey,
    call,
    async createSession(wish) {
      const { status, body } = await call('POST', '/v1/sessions', wish)
      if (status !== 201) throw new Error(JSON.stringify(body))
      return body as CreatedSession
    },
    readSession: async (id) => (await call('GET', `/v1/sessions/${id}`)).body as Session,
    capture: (session, camera, moreOptions = {}) =>
      runCapture({
        socketUrl,
        captureUrl: session.captureUrl,
        captureToken: session.captureToken,
        origin: PUBLIC_URL,
        now: () => clock.now() / 1000,
        camera,
        ...moreOptions,
      }),
    async [Symbol.asyncDispose]() {
      await app.close()
      await memory.close()
    },
  }
}

/** Time between two frames of a scripted camera, and a person's reaction, milliseconds. */
const FRAME_MS = 100
const REACTION_MS = 300

export interface PersonOptions {
  readonly person?: number
  /** What the head does when asked for a direction. */
  readonly answer?: (asked: Direction) => Partial<Script>
  readonly reactionMs?: number
  readonly change?: (script: Script, frame: number) => Script
}

/** Where the nose points when it follows a dot to the edge, and how far a mouth opens. */
const REACH = { yaw: 15, pitch: 8, mouth: 0.4 }

function goalOf(step: ChallengeStep, answer: (asked: Direction) => Partial<Script>): Partial<Script> {
  if (step.kind === 'head-pose' || step.kind === 'gaze-hold') return answer(step.direction)
  if (step.kind === 'follow') return { yaw: -step.at.x * REACH.yaw, pitch: step.at.y * REACH.pitch }
  return step.kind === 'expression' ? { mouth: REACH.mouth } : {}
}

const TURNS: Record<Direction, Partial<Script>> = {
  left: { yaw: 24 },
  right: { yaw: -24 },
  up: { pitch: 17 },
  down: { pitch: -17 },
}

export function turnTo(direction: Direction): Partial<Script> {
  return TURNS[direction]
}

/** Captures so far: no two of them are alike. */
let takes = 0

/** Somebody who does what is asked, at a person's speed by the test clock. */
export function createPerson(clock: TestClock, options: PersonOptions = {}): Camera {
  const { person = 1, answer = turnTo, reactionMs = REACTION_MS, change = (script) => script } = options
  let goal: Partial<Script> = {}
  let pose = { yaw: 0, pitch: 0 }
  let mouth = 0.04
  let size: Script['size']
  let kind: ChallengeStep['kind'] | undefined
  let startMs = 0
  let frame = 0
  const take = ++takes
  return {
    onStep(step: ChallengeStep) {
      goal = goalOf(step, answer)
      size = step.kind === 'camera-constraint' ? { width: step.width, height: step.height } : undefined
      // The nose that follows a dot already needs no new decision.
      if (!(step.kind === 'follow' && kind === 'follow')) startMs = clock.monotonicMs() + reactionMs
      kind = step.kind
    },
    frame(): Shot {
      clock.advance(FRAME_MS)
      if (clock.monotonicMs() >= startMs) {
        // Half of the way that is left, every frame: quick at first, then slower, as heads turn.
        const towards = (from: number, to = 0) => from + (to - from) * (0.6 + 0.08 * Math.sin(frame))
        pose = { yaw: towards(pose.yaw, goal.yaw), pitch: towards(pose.pitch, goal.pitch) }
        mouth = towards(mouth, goal.mouth ?? 0.04)
      }
      // Nobody moves twice in the same way.
      const sway = Math.sin(frame / 3 + 2 * take) + 0.8 * Math.sin(0.13 * frame + (frame / 40) ** 2)
      const lean =
        2 * Math.sin((0.1 + 0.3 * Math.sin(take)) * frame + take) + 2 * Math.sin(frame / 9 + 5 * take)
      const script = {
        person,
        yaw: pose.yaw + sway,
        pitch: pose.pitch + sway / 2,
        roll: lean,
        mouth,
        noise: frame + 1000 * take,
        ...(size === undefined ? {} : { size }),
      }
      // Cameras are not quite even.
      const jitterUs = (frame * 7919) % 9001
      return {
        jpeg: scriptedImage(change(script, frame++)),
        capturedUs: clock.monotonicMs() * 1000 + jitterUs,
      }
    },
  }
}

/**
 * Concurrent histories of one session, value, limit or key each, on three nodes over one PostgreSQL, held against what one
 * node would have answered one request after the other. By itself: `node packages/server/test/linear-histories.ts [HISTORIES]
 * [SEED]` (300 and 1 when absent).
 */
import { randomUUID } from 'node:crypto'
import { type CreatedSession, createDeviceKey, type SessionState } from '@ipse/protocol'
import { type Camera, CaptureClient, runCapture } from './capture-client.ts'
import { type Cluster, NODES, startCluster } from './cluster.ts'
import type { Flaw } from './cluster-node.ts'
import { createPerson, PUBLIC_URL } from './fixture.ts'
import { check, type Model, type Operation } from './linear-checker.ts'
import {
  type CreateOperation,
  creationModel,
  limitModel,
  type SessionOperation,
  sessionModel,
  type TakeOperation,
  type ValueOperation,
  valuesModel,
} from './linear-models.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'
import { compact, type Signer, signWith } from './tokens.ts'

/** Of every key in the one minute that is. */
const REQUESTS = 12
/** Failures that lock a subject out; captures at the same time count as such. */
const FAILURES = 5
const ATTEMPTS = 3
const WISH = { purpose: 'liveness', policy: 'brief', maxAttempts: ATTEMPTS } as const
const SETTINGS = { 'limits.requestsPerKeyPerMinute': String(REQUESTS), 'lockout.failures': String(FAILURES) }
/** Pictures at the beginning that show a second face: none, or enough of them to be asked for another capture. */
const SECOND_FACES = [0, 0, 6] as const
/** A busy machine may stand still for long; nobody hangs. Milliseconds. */
const PATIENCE_MS = 120_000

export const KINDS = ['session', 'proofs', 'assertions', 'creation', 'limit', 'lock-out'] as const
export type Kind = (typeof KINDS)[number]

export interface Told {
  readonly kind: Kind
  readonly operations: number
  readonly linearizable: boolean
  /** Answers by what they were, for a look at how much of the models they reached. */
  readonly answers: readonly string[]
  /** The history and the longest order that was found, of one that has none. */
  readonly why: string
}

interface Scene {
  readonly cluster: Cluster
  /** 0 ≤ x < 1 */
  readonly random: () => number
}

interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  readonly body: any
  readonly left: number | undefined
}

const pick = <T>(random: () => number, values: readonly T[]): T =>
  values[Math.floor(random() * values.length)] as T
const now = () => performance.now()

async function ask(
  { cluster, random }: Scene,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Answer> {
  const form = body instanceof URLSearchParams
  const reply = await fetch(pick(random, cluster.nodes).url + path, {
    method,
    headers: { ...headers, ...(body === undefined || form ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
  })
  const left = reply.headers.get('ratelimit-remaining')
  return {
    status: reply.status,
    body: JSON.parse(await reply.text()),
    left: left === null ? undefined : Number(left),
  }
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const unexpected = ({ status, body }: Answer) =>
  new Error(`${status} ${JSON.stringify(body)} is no answer of a model`)

/** Notes of one history: what was done between its beginning and its end. */
function createNotes<T>() {
  const operations: Operation<T>[] = []
  return {
    operations,
    /** One after the other within the request. @param until Infinity when nobody heard of the end */
    note(invoked: number, dids: readonly T[], until = now()): void {
      for (const [i, did] of dids.entries()) {
        const after = i === 0 ? {} : { after: operations.length - 1 }
        operations.push({ invoked, returned: until, did, ...after })
      }
    },
    /** Asks, and notes what the answer means. */
    async during(request: () => Promise<T>): Promise<void> {
      const invoked = now()
      const did = await request()
      this.note(invoked, [did])
    },
  }
}

function judged<S, T>(kind: Kind, operations: readonly Operation<T>[], model: Model<S, T>): Told {
  const { linearizable, order } = check(operations, model)
  const why = linearizable
    ? ''
    : JSON.stringify({ operations, order }, (_, value) =>
        value === Number.POSITIVE_INFINITY ? 'never' : value,
      )
  const answers = operations.map(({ did }) => nameOf(did))
  return { kind, operations: operations.length, linearizable, answers, why }
}

function nameOf(did: unknown): string {
  const { kind, event, state, taken, conflict } = did as Readonly<Record<string, unknown>>
  return (
    [kind, event, state, taken === undefined ? undefined : `taken ${taken}`, conflict && 'conflict']
      .filter((word) => word !== undefined)
      .join(' ') || 'made or found'
  )
}

/** The next thing that one of several clients does, a little later or at once. */
async function crowd(
  { random }: Scene,
  clients: number,
  each: number,
  act: (client: number) => Promise<void>,
): Promise<void> {
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let i = 0; i < each; i++) {
        if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 20 * random()))
        await act(client)
      }
    }),
  )
}

/** A person whose camera has an even time of its own: that of the nodes stands still. */
function cameraOf(begin: number, crowded: number, onStep: () => void): Camera {
  let own = begin
  const advance = (ms: number) => {
    own += ms
  }
  const clock = { now: () => own, monotonicMs: () => own, advance }
  const person = createPerson(clock, {
    change: (script, frame) => (frame < crowded ? { ...script, faces: 2 } : script),
  })
  return {
    ...person,
    onStep(step, index) {
      onStep()
      person.onStep?.(step, index)
    },
  }
}

async function sessionHistory(scene: Scene): Promise<Told> {
  const { cluster, random } = scene
  const headers = bearer(await cluster.newKey(randomUUID()))
  const { operations, note } = createNotes<SessionOperation>()
  const made = await ask(scene, 'POST', '/v1/sessions', headers, WISH)
  if (made.status !== 201) throw unexpected(made)
  const created = made.body as CreatedSession
  const devices = await Promise.all([createDeviceKey(), createDeviceKey()])
  let captures = 0
  let requests = 0

  async function read(): Promise<void> {
    const invoked = now()
    const answer = await ask(scene, 'GET', `/v1/sessions/${created.id}`, headers)
    if (answer.status !== 200) throw unexpected(answer)
    const { state, attempts } = answer.body as { state: SessionState; attempts: unknown[] }
    note(invoked, [{ kind: 'read', state, attempts: attempts.length }])
  }
  async function cancel(by: number): Promise<void> {
    const invoked = now()
    const answer = await ask(scene, 'POST', `/v1/sessions/${created.id}/cancel`, headers)
    if (answer.status === 200) note(invoked, [{ kind: 'cancel' }])
    else if (answer.body.code === 'session_wrong_state') note(invoked, [{ kind: 'ended' }])
    else if (answer.body.code === 'conflict')
      note(invoked, [
        { kind: 'look', by },
        { kind: 'outrun', by },
      ])
    else throw unexpected(answer)
  }
  async function capture(by: number): Promise<void> {
    const [device, pair] = random() < 0.8 ? (['a', devices[0]] as const) : (['b', devices[1]] as const)
    const leaves = random() < 0.4
    const invoked = now()
    let begun: number | undefined
    let submitted: number | undefined
    const { outcome, error } = await runCapture({
      socketUrl: pick(random, cluster.nodes).socketUrl,
      captureUrl: created.captureUrl,
      captureToken: created.captureToken,
      origin: PUBLIC_URL,
      pair,
      now: () => cluster.now / 1000,
      patienceMs: () => PATIENCE_MS,
      camera: cameraOf(cluster.now, pick(random, SECOND_FACES), () => {
        begun ??= now()
      }),
      interfere: async (client) => {
        submitted = now()
        if (leaves) client.close()
      },
    })
    if (begun === undefined) {
      note(invoked, refusalOf(device, by, error))
      return
    }
    note(
      invoked,
      [
        { kind: 'bind', device },
        { kind: 'challenge', device, by },
      ],
      begun,
    )
    const tried = { tried: true, by, kind: 'step' } as const
    if (outcome !== undefined) {
      const event = OUTCOMES[outcome.outcome]
      const steps = (['submit', 'assess', event] as const).map(
        (one) => ({ kind: 'step', event: one, by }) as const,
      )
      note(submitted ?? begun, steps)
    } else if (error === 'session_wrong_state')
      note(begun, [{ ...tried, event: 'submit' }, { ...tried, event: 'assess' }, { kind: 'ended' }])
    else if (error === undefined && leaves)
      note(submitted ?? begun, [{ kind: 'abandon', by }], Number.POSITIVE_INFINITY)
    else throw new Error(`${error} is no end of a capture here`)
  }

  await crowd(scene, 3, 3, async (client) => {
    const chance = random()
    const by = ++requests
    if (chance < 0.45 && captures < 4) {
      captures++
      await capture(by)
    } else if (chance < 0.57 && client === 0) await cancel(by)
    else await read()
  })
  await read()
  return judged('session', operations, sessionModel(ATTEMPTS))
}

const OUTCOMES = { pass: 'accept', retry: 'retry', fail: 'reject', review: 'escalate' } as const

function refusalOf(device: string, by: number, error: string | undefined): readonly SessionOperation[] {
  if (error === 'session_token_invalid') return [{ kind: 'stranger', device }]
  if (error === 'capture_already_received') return [{ kind: 'received' }]
  if (error !== 'session_wrong_state') throw new Error(`${error} is no answer to a hello here`)
  return [
    { kind: 'bind', device, tried: true },
    { kind: 'look', by },
    { kind: 'turned-away', by },
  ]
}

/** Values, each shown several times at once. */
async function valueHistory(
  scene: Scene,
  kind: Kind,
  make: () => string,
  show: (value: string) => Promise<Answer>,
): Promise<Told> {
  const notes = createNotes<ValueOperation>()
  const values = Array.from({ length: 3 }, make)
  await crowd(scene, 4, 3, () =>
    notes.during(async () => {
      const value = pick(scene.random, values)
      const answer = await show(value)
      if (answer.status !== 200 && answer.status !== 401) throw unexpected(answer)
      return { value: String(values.indexOf(value)), taken: answer.status === 200 }
    }),
  )
  return judged(kind, notes.operations, valuesModel)
}

function assertionOf(id: string, signer: Signer, at: number): string {
  const claims = { iss: id, sub: id, aud: PUBLIC_URL, exp: Math.floor(at / 1000) + 60, jti: randomUUID() }
  return compact({ alg: signer.alg, kid: signer.kid }, claims, signWith(signer))
}

function askForToken(scene: Scene, assertion: string, headers: Readonly<Record<string, string>> = {}) {
  const fields = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  }
  return ask(scene, 'POST', '/oauth/token', headers, new URLSearchParams(fields))
}

async function assertionHistory(scene: Scene): Promise<Told> {
  const { id, signer } = await scene.cluster.newClient(randomUUID())
  const make = () => assertionOf(id, signer, scene.cluster.now)
  return valueHistory(scene, 'assertions', make, (value) => askForToken(scene, value))
}

async function proofHistory(scene: Scene): Promise<Told> {
  const { cluster, random } = scene
  const { id, signer } = await cluster.newClient(randomUUID())
  const { kty, crv, x, y } = signer.jwk
  const prove = (claims: object) =>
    compact(
      { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } },
      { iat: Math.floor(cluster.now / 1000), jti: randomUUID(), ...claims },
      signWith(signer),
    )
  const dpop = prove({ htm: 'POST', htu: `${PUBLIC_URL}/oauth/token` })
  const answer = await askForToken(scene, assertionOf(id, signer, cluster.now), { dpop })
  if (answer.status !== 200) throw unexpected(answer)
  const token = String(answer.body.access_token)
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(token))
  const ath = Buffer.from(digest).toString('base64url')
  const make = () => prove({ htm: 'GET', htu: `${PUBLIC_URL}/v1/sessions`, ath })
  return valueHistory({ cluster, random }, 'proofs', make, (value) =>
    ask(scene, 'GET', '/v1/sessions', { authorization: `DPoP ${token}`, dpop: value }),
  )
}

/** One key, two requests that it is used for. */
async function creationHistory(scene: Scene): Promise<Told> {
  const headers = bearer(await scene.cluster.newKey(randomUUID()))
  const keyed = { ...headers, 'idempotency-key': randomUUID() }
  const { operations, note } = createNotes<CreateOperation>()
  const made = new Set<string>()
  await crowd(scene, 4, 3, async () => {
    const invoked = now()
    const known = [...made]
    if (known.length > 0 && scene.random() < 0.4) {
      const id = pick(scene.random, known)
      const { status } = await ask(scene, 'GET', `/v1/sessions/${id}`, headers)
      return note(invoked, [{ read: id, found: status === 200 }])
    }
    const asked = scene.random() < 0.8 ? 'three attempts' : 'two'
    const wish = { ...WISH, maxAttempts: asked === 'two' ? 2 : ATTEMPTS }
    const answer = await ask(scene, 'POST', '/v1/sessions', keyed, wish)
    if (answer.status === 201) {
      made.add(answer.body.id)
      note(invoked, [{ asked, made: answer.body.id }])
    } else if (answer.body.code === 'idempotency_conflict') note(invoked, [{ asked, conflict: true }])
    else throw unexpected(answer)
  })
  return judged('creation', operations, creationModel)
}

async function limitHistory(scene: Scene): Promise<Told> {
  const headers = bearer(await scene.cluster.newKey(randomUUID()))
  const notes = createNotes<TakeOperation>()
  await crowd(scene, 5, 3, () =>
    notes.during(async () => {
      const answer = await ask(scene, 'GET', '/v1/sessions', headers)
      if (answer.status !== 200 && answer.status !== 429) throw unexpected(answer)
      const taken = answer.status === 200
      return taken && answer.left !== undefined ? { taken, left: answer.left } : { taken }
    }),
  )
  return judged('limit', notes.operations, limitModel(REQUESTS))
}

/** Captures of one subject that all begin at once, from a device each: no more than may fail. */
async function lockoutHistory(scene: Scene): Promise<Told> {
  const { cluster, random } = scene
  const headers = bearer(await cluster.newKey(randomUUID()))
  const notes = createNotes<TakeOperation>()
  const clients: CaptureClient[] = []
  const sessions: CreatedSession[] = []
  for (let i = 0; i < FAILURES + 3; i++) {
    const answer = await ask(scene, 'POST', '/v1/sessions', headers, { ...WISH, subject: 'anna' })
    if (answer.status !== 201) throw unexpected(answer)
    sessions.push(answer.body as CreatedSession)
  }
  await Promise.all(
    sessions.map(({ captureUrl, captureToken }) =>
      notes.during(async () => {
        const client = await CaptureClient.connect({
          socketUrl: pick(random, cluster.nodes).socketUrl,
          captureUrl,
          captureToken,
          origin: PUBLIC_URL,
          now: () => cluster.now / 1000,
          patienceMs: () => PATIENCE_MS,
        })
        clients.push(client)
        await client.hello()
        const { message } = (await client.next()) ?? {}
        if (message?.type === 'start') return { taken: true }
        if (message?.type === 'error' && message.code === 'session_wrong_state') return { taken: false }
        throw new Error(`${JSON.stringify(message)} is no answer to a hello here`)
      }),
    ),
  )
  for (const client of clients) client.close()
  return judged('lock-out', notes.operations, limitModel(FAILURES))
}

const MAKERS: Readonly<Record<Kind, (scene: Scene) => Promise<Told>>> = {
  session: sessionHistory,
  proofs: proofHistory,
  assertions: assertionHistory,
  creation: creationHistory,
  limit: limitHistory,
  'lock-out': lockoutHistory,
}

/** Half of the histories are of sessions; the rest takes turns. */
function kindOf(index: number): Kind {
  const [session, ...rest] = KINDS
  return index % 2 === 0 ? session : (rest[Math.floor(index / 2) % rest.length] ?? session)
}

export interface Histories {
  readonly count: number
  readonly seed: number
  readonly kinds?: (index: number) => Kind
  readonly flaw?: Flaw
  /** Histories that are made at the same time. */
  readonly beside?: number
}

export async function makeHistories(
  postgres: TestPostgres,
  { count, seed, kinds = kindOf, flaw, beside = NODES }: Histories,
): Promise<readonly Told[]> {
  await using cluster = await startCluster(postgres, {
    named: SETTINGS,
    ...(flaw === undefined ? {} : { flaw }),
  })
  const random = randomOf(seed)
  const told: Told[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: beside }, async () => {
      while (next < count) told.push(await MAKERS[kinds(next++)]({ cluster, random }))
    }),
  )
  return told
}

/** mulberry32: the choices of a run can be made again, the order of its answers cannot. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

if (import.meta.main) {
  const [count = '300', seed = '1'] = process.argv.slice(2)
  await using postgres = await startPostgres()
  const begun = performance.now()
  const told = await makeHistories(postgres, { count: Number(count), seed: Number(seed) })
  const of = (kind: Kind) => told.filter((one) => one.kind === kind)
  const anomalies = told.filter(({ linearizable }) => !linearizable)
  const sum = (ones: readonly Told[]) => ones.reduce((total, { operations }) => total + operations, 0)
  const all = told.flatMap(({ answers }) => answers)
  const names = [...new Set(all)].toSorted()
  console.log(
    JSON.stringify({
      histories: told.length,
      nodes: NODES,
      operations: sum(told),
      byKind: Object.fromEntries(
        KINDS.map((kind) => [kind, { histories: of(kind).length, operations: sum(of(kind)) }]),
      ),
      answers: Object.fromEntries(names.map((name) => [name, all.filter((one) => one === name).length])),
      anomalies: anomalies.length,
      seconds: Math.round((performance.now() - begun) / 1000),
    }),
  )
  for (const { kind, why } of anomalies) console.log(kind, why)
  if (anomalies.length > 0) process.exitCode = 1
}

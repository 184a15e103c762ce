/** Asks a service in its own process, quickly, and judges every answer. `tools/fuzz.ts` runs the long form. */
import { Agent, request } from 'node:http'
import { ERRORS, type ErrorCode, type Problem } from '@ipse/protocol'
import { Compile } from 'typebox/schema'
import { createDice } from './random.ts'
import { type Kind, nextRequest, type Tried } from './requests.ts'
import { openWorld, TOKEN_PATH, type World } from './world.ts'

export interface ApiReport {
  readonly requests: number
  readonly seed: number
  readonly kinds: Readonly<Record<string, number>>
  readonly statuses: Readonly<Record<string, number>>
  /** Codes of the errors that were answered. */
  readonly codes: Readonly<Record<string, number>>
  /** Valid requests that were answered 2xx, of each operation. */
  readonly served: Readonly<Record<string, number>>
  /** Whatever must not happen, at most `MOST_FINDINGS` of them; `found` counts all. */
  readonly findings: readonly string[]
  readonly found: number
  readonly seconds: number
}

const MOST_FINDINGS = 20
/** The clock of the service goes on so far with every request, milliseconds: tokens live through a run. */
const TICK_MS = 1

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** So many in a row are no chance any more. */
const RESETS = 5

/** Kinds that go through a real socket: what is injected has an address that was put in order before. */
const OVER_SOCKET: ReadonlySet<string> = new Set<Kind>(['path', 'tenant', 'open'])

/** A reset of the connection may overtake the answer that was written before it: the other side had not read all of the request. */
async function patiently(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++)
    try {
      return await ask()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET' || attempt === RESETS) throw error
    }
}

/** Sends the address as it is, but for what cannot stand in a request line. */
function overSocket(
  port: number,
  { method, url, headers, payload = '' }: Tried,
  agent: Agent,
): Promise<Answer> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
  const path = url.replace(/[\u0000-\u0020\u007f-\uffff]/g, encodeURIComponent)
  const length = method === 'GET' || method === 'HEAD' ? {} : { 'content-length': Buffer.byteLength(payload) }
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', method, path, headers: { ...headers, ...length }, agent }
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () =>
        resolve({
          statusCode: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end('content-length' in length ? payload : undefined)
  })
}

/**
 * What is no request is refused with a body, whatever its method, and a client that asked for a head trips over that: heads
 * are injected, and where the address does not even allow that, everything is asked for.
 */
function askable(tried: Tried): Tried {
  const impossible = tried.method === 'HEAD' && !URL.canParse(tried.url, 'http://localhost')
  return impossible ? { ...tried, method: 'GET' } : tried
}

type Check = (value: unknown) => boolean

/** Compiled schemas of the answers, by operation and status. */
function answerChecks(world: World): ReadonlyMap<string, Check> {
  const checks = new Map<string, Check>()
  for (const { method, path, responses } of world.operations)
    for (const [status, schema] of Object.entries(responses))
      if (status.startsWith('2')) {
        const validator = Compile(schema as object)
        checks.set(`${method} ${path} ${status}`, (value) => validator.Check(value))
      }
  return checks
}

/** What is wrong with an answer; undefined when nothing is. */
function fault(
  tried: Tried,
  answer: Answer,
  world: World,
  checks: ReadonlyMap<string, Check>,
): string | undefined {
  const { statusCode, body } = answer
  for (const secret of world.secrets)
    if (body.includes(secret) && !isOwnToken(tried)) return 'a secret was told'
  if (statusCode >= 500) return 'our fault'
  if (statusCode >= 200 && statusCode < 300) {
    if (tried.mustFail) return 'let in'
    if (!tried.operation) return undefined
    const { method, path } = tried.operation
    const check = checks.get(`${method} ${path} ${statusCode}`)
    if (!check) return 'an answer that the document does not know'
    const isJson = String(answer.headers['content-type']).includes('json')
    return check(isJson ? JSON.parse(body) : body) ? undefined : 'not what the document says'
  }
  // The console sends browsers on; nobody else is sent anywhere.
  if (statusCode < 400)
    return tried.url.startsWith('/admin') || statusCode === 304 ? undefined : 'neither done nor refused'
  return tried.method === 'HEAD' ? undefined : problemFault(tried, answer)
}

/** The list of the own sessions, and the token that was asked for, are no leak. */
function isOwnToken({ url, mustFail }: Tried): boolean {
  return url === TOKEN_PATH && !mustFail
}

function problemFault({ url }: Tried, { statusCode, headers, body }: Answer): string | undefined {
  let problem: Partial<Problem> & { readonly error?: string }
  try {
    problem = JSON.parse(body)
  } catch {
    return 'an error without a problem document'
  }
  const { code = '', status, requestId, advice } = problem
  if (!Object.hasOwn(ERRORS, code)) return 'a code that is in no list'
  if (status !== statusCode) return 'two statuses'
  // What has no path is no request yet, and has no id.
  if (requestId !== headers['x-request-id'] || (requestId === undefined && url.startsWith('/')))
    return 'no request id, or two'
  if (advice !== ERRORS[code as ErrorCode].advice) return 'no advice'
  const media = String(headers['content-type'])
  const oauth = problem.error !== undefined
  if (!media.startsWith(oauth ? 'application/json' : 'application/problem+json')) return 'another media type'
  return undefined
}

const count = (counts: Record<string, number>, name: string) => {
  counts[name] = (counts[name] ?? 0) + 1
}

function told({ kind, method, url, headers, payload }: Tried, { statusCode, body }: Answer): string {
  const sent = payload === undefined ? '' : ` ${String(payload).slice(0, 300)}`
  const { authorization: _, ...rest } = headers
  return `[${kind}] ${method} ${url.slice(0, 300)} ${JSON.stringify(rest).slice(0, 300)}${sent} → ${statusCode} ${body.slice(0, 300)}`
}

export async function fuzzApi(requests: number, seed: number): Promise<ApiReport> {
  await using world = await openWorld()
  const { fixture } = world
  const dice = createDice(seed)
  const checks = answerChecks(world)
  const before = await world.vault()
  const [kinds, statuses, codes, served]: Record<string, number>[] = [{}, {}, {}, {}]
  const findings: string[] = []
  let found = 0
  const report = (finding: string) => {
    found++
    if (findings.length < MOST_FINDINGS) findings.push(finding)
  }
  const port = Number(new URL(fixture.socketUrl).port)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const started = performance.now()
  for (let done = 0; done < requests; done++) {
    const tried = askable(nextRequest(world, dice))
    const { method, url, headers, payload, operation } = tried
    const answer: Answer =
      OVER_SOCKET.has(tried.kind) && method !== 'HEAD'
        ? await patiently(() => overSocket(port, tried, agent))
        : await fixture.app.inject({
            method: method as 'GET',
            url,
            headers,
            ...(payload === undefined ? {} : { payload }),
          })
    fixture.clock.advance(TICK_MS)
    count(kinds!, tried.kind)
    count(statuses!, String(answer.statusCode))
    if (operation && answer.statusCode < 300) count(served!, `${operation.method} ${operation.path}`)
    if (operation?.path === '/v1/sessions' && answer.statusCode === 201)
      world.remember(JSON.parse(answer.body).id)
    if (tried.kind === 'admin' && answer.statusCode < 300 && /^\/admin\/(me|people|keys)/.test(url))
      count(served!, 'administration')
    const [, code] = /"code":"([a-z_]+)"/.exec(answer.statusCode >= 400 ? answer.body : '') ?? []
    if (code !== undefined) count(codes!, code)
    const wrong = fault(tried, answer, world, checks)
    if (wrong !== undefined) report(`${wrong}: ${told(tried, answer)}`)
  }
  agent.destroy()
  if (({} as Record<string, unknown>).tenant !== undefined) report('a prototype was changed')
  if ((await world.vault()) !== before) report('another tenant was changed')
  for (const line of world.errors) report(`in the log: ${line.slice(0, 600)}`)
  return {
    requests,
    seed,
    kinds: kinds as Readonly<Record<Kind, number>>,
    statuses: statuses!,
    codes: codes!,
    served: served!,
    findings,
    found,
    seconds: (performance.now() - started) / 1000,
  }
}

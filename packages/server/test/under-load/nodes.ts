/** Nodes as their parent has them: each in a process, with one clock for all that goes on as the captures need it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiKey, createClient, loadOrCreateKeyring, openKeys, SCOPE_NAMES } from '../../src/index.ts'
import { systemRandom } from '../fixture.ts'
import { newSigner, type Signer } from '../tokens.ts'
import { type Memory, type Opening, type Order, openPlace, type Place, type Word } from './node.ts'

export const TENANT = 'shop'

/** Time that all nodes have. It stands still unless somebody lets it go on. */
export interface SharedClock {
  now(): number
  /** Goes on, and comes back when every living node knows. */
  advance(ms: number): Promise<void>
}

export interface Node {
  readonly url: string
  readonly socketUrl: string
  readonly alive: boolean
  /** At once, as the kernel ends a process that is out of memory: nothing in it hears of it. */
  kill(): Promise<void>
  /** In good order. */
  stop(): Promise<void>
  memory(): Promise<Memory>
  /** Rounds of sweeps and checkpoints that have ended, and what went wrong in them. */
  upkeep(): Promise<{ readonly rounds: number; readonly troubles: readonly string[] }>
}

export interface Installation extends Disposable {
  readonly folder: string
  readonly place: Place
  readonly keyring: string
  readonly apiKey: string
  /** A program that proves itself with its own signature, each of which counts once. */
  readonly client: { readonly id: string; readonly signer: Signer }
  readonly begin: number
}

/** @param place of the store; a file in a folder of its own when absent */
export async function newInstallation(place?: Place): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-nodes-'))
  const begin = Date.UTC(2026, 10, 21)
  const clock = { now: () => begin, monotonicMs: () => 1 }
  const at = place ?? { file: join(folder, 'ipse.sqlite') }
  const path = join(folder, 'keyring.json')
  const { keyring } = await loadOrCreateKeyring(path, systemRandom.bytes, begin)
  const store = await openPlace(at)
  const rights = { tenant: TENANT, name: 'load', scopes: SCOPE_NAMES }
  const { key } = await createApiKey(store, await openKeys(keyring), systemRandom, clock, rights)
  const signer = newSigner()
  const client = {
    tenant: TENANT,
    name: 'once',
    scopes: ['session:read'],
    jwks: { keys: [signer.jwk] },
  } as const
  const { id } = await createClient(store, systemRandom, clock, client)
  await store.close()
  return {
    folder,
    place: at,
    keyring: path,
    apiKey: key,
    client: { id, signer },
    begin,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

interface Running extends Node {
  tell(now: number): Promise<void>
}

export interface Nodes extends AsyncDisposable {
  readonly clock: SharedClock
  start(): Promise<Node>
}

/** @param execArgv of the nodes' processes */
export function createNodes(
  { place, keyring, begin }: Installation,
  more: Pick<Opening, 'named' | 'upkeepMs'> = {},
  execArgv: readonly string[] = [],
): Nodes {
  const running = new Set<Running>()
  let now = begin
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'ipse-node-cache') }
  const hatch = () => fork(join(import.meta.dirname, 'node.ts'), { execArgv: [...execArgv], env })
  let spare: ChildProcess | undefined
  return {
    clock: {
      now: () => now,
      async advance(ms) {
        now += ms
        await Promise.all([...running].map((node) => node.tell(now)))
      },
    },
    async start() {
      const child = spare ?? hatch()
      spare = undefined
      const node = await open(child, { place, keyring, now, ...more }, () => running.delete(node))
      running.add(node)
      await node.tell(now)
      spare = hatch()
      return node
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map((node) => node.stop()))
      if (spare && spare.exitCode === null) {
        spare.kill('SIGKILL')
        await once(spare, 'exit')
      }
    },
  }
}

/** Waits for a word; is given nothing when the node is no more. */
type Ear = (word: Word | undefined) => boolean

async function open(child: ChildProcess, opening: Opening, ended: () => void): Promise<Running> {
  let alive = true
  let ears: Ear[] = []
  child.on('message', (word: Word) => {
    ears = ears.filter((ear) => !ear(word))
  })
  const exit = once(child, 'exit').then(() => {
    alive = false
    ended()
    for (const ear of ears) ear(undefined)
  })
  const order = (given: Order) => alive && child.connected && child.send(given, () => {})
  const hear = <K extends string>(
    name: K,
    fits: (word: Extract<Word, Record<K, unknown>>) => boolean = () => true,
  ) =>
    new Promise<Extract<Word, Record<K, unknown>> | undefined>((resolve) => {
      ears.push((word) => {
        if (word !== undefined && !(name in word)) return false
        const named = word as Extract<Word, Record<K, unknown>> | undefined
        if (named !== undefined && !fits(named)) return false
        resolve(named)
        return true
      })
      if (!alive) for (const ear of ears) ear(undefined)
    })
  const opened = hear('port')
  order({ open: opening })
  const word = await opened
  if (!word) throw new Error('the node ended before it listened')
  return {
    url: `http://127.0.0.1:${word.port}`,
    socketUrl: `ws://127.0.0.1:${word.port}/c/v1/capture`,
    get alive() {
      return alive
    },
    async kill() {
      child.kill('SIGKILL')
      await exit
    },
    async stop() {
      if (child.connected) child.disconnect()
      await exit
    },
    async tell(now) {
      if (!alive) return
      const heard = hear('now', (said) => said.now >= now)
      order({ now })
      await heard
    },
    async memory() {
      const heard = hear('memory')
      order({ ask: 'memory' })
      const said = await heard
      if (!said) throw new Error('the node is no more')
      return said.memory
    },
    async upkeep() {
      const heard = hear('rounds')
      order({ ask: 'upkeep' })
      return (await heard) ?? { rounds: 0, troubles: [] }
    },
  }
}

/**
 * Nodes that are killed at random moments under load, one after the other, and what is left of what they had answered. One
 * node over SQLite, or two that share a PostgreSQL, which is killed itself now and then.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { loadKeyring, openKeys, parseSettings, sweep } from '../../src/index.ts'
import { PUBLIC_URL, systemRandom } from '../fixture.ts'
import { createBooks, openRows } from './books.ts'
import { createLoad, type Load } from './clients.ts'
import { expect, type KnownSession, type Ledger, newLedger } from './ledger.ts'
import { openPlace, type Place } from './node.ts'
import { createNodes, type Installation, type Node, newInstallation } from './nodes.ts'
import type { LoadEvent } from './requests.ts'

export interface KillOptions {
  readonly kills: number
  readonly nodes: 1 | 2
  /** Where the store is; in a file when absent. */
  readonly place?: Place
  /** Kills the database itself and starts it again. */
  readonly crash?: () => Promise<void>
  /** Of this many kills one is the database's. */
  readonly crashEvery?: number
  /** 0 ≤ x < 1 */
  readonly random: () => number
  /** Does something to the store before the next node opens it. */
  readonly spoil?: (place: Place) => Promise<void>
  readonly tell?: (report: KillReport) => void
}

export interface KillReport {
  readonly kills: number
  readonly databaseKills: number
  /** Answers by what was asked, and outcomes of captures. */
  readonly answers: Readonly<Record<string, number>>
  /** Connections that a kill broke before the answer. */
  readonly cutOff: number
  readonly captures: number
  /** Captures with an outcome, of sessions in which a kill had cut one off before. */
  readonly resumed: number
  readonly sessions: number
  readonly auditEntries: number
  readonly checkpoints: number
  /** Statements about the store that held after a kill. */
  readonly checked: number
  readonly losses: readonly string[]
  /** Answers of a living service that were none. */
  readonly failures: readonly string[]
  readonly seconds: number
}

/** Clients at the same time. */
const WORKERS = 5
/** Answers and frames that a node lives for at most; a capture has about 60 frames. */
const LONGEST_LIFE = 300
/** And then so many milliseconds at most, to fall between any two things it does. */
const LAST_MS = 20
/** If nothing happens for so long, something hangs; milliseconds of real time. */
const PATIENCE_MS = 60_000
/** Pause between two rounds of sweeps and checkpoints, milliseconds. */
const UPKEEP_MS = 300

export async function runKills(options: KillOptions): Promise<KillReport> {
  const { kills, random, crash, crashEvery = Number.POSITIVE_INFINITY, tell } = options
  const begun = performance.now()
  using installation = await newInstallation(options.place)
  const ledger = newLedger()
  const named = { 'media.keep': 'session' }
  await using nodes = createNodes(installation, { upkeepMs: UPKEEP_MS, named })
  const books = await createBooks(installation, ledger, () => nodes.clock.now())
  const alive: Node[] = []
  for (let i = 0; i < options.nodes; i++) alive.push(await nodes.start())
  let onEvent: (event: LoadEvent) => void = () => {}
  const load = createLoad({
    installation,
    clock: nodes.clock,
    node: () => alive[Math.floor(random() * alive.length)] as Node,
    ledger,
    random,
    onEvent: (event) => onEvent(event),
  })
  let [killed, databaseKills] = [0, 0]
  const failures: string[] = []
  const report = (): KillReport => ({
    kills: killed,
    databaseKills,
    answers: Object.fromEntries([...load.counts.answers].toSorted()),
    cutOff: load.counts.broken,
    captures: load.counts.captures,
    resumed: load.counts.resumed,
    sessions: ledger.sessions.length,
    auditEntries: books.entries,
    checkpoints: books.checkpoints,
    checked: ledger.checked,
    losses: ledger.losses,
    failures,
    seconds: (performance.now() - begun) / 1000,
  })

  for (let round = 1; round <= kills && ledger.losses.length === 0; round++) {
    const ofDatabase = crash !== undefined && round % crashEvery === 0
    const values = ledger.values.length
    let ending = false
    const moment = waitForMoment(random, (listen) => {
      onEvent = listen
    })
    const work = async () => {
      while (!ending) await load.step()
    }
    const working = Promise.all(Array.from({ length: WORKERS }, work))
    await moment
    if (ofDatabase) {
      await crash().finally(() => {
        ending = true
      })
      databaseKills++
    } else {
      const [victim] = alive.splice(Math.floor(random() * alive.length), 1)
      ending = true
      await victim?.kill()
    }
    killed++
    if (alive.some((node) => !node.alive)) throw new Error('a node ended that nobody has killed')
    await options.spoil?.(installation.place)
    if (alive.length < options.nodes) alive.push(await nodes.start())
    await working
    // While the database was away, every answer was a refusal, and rightly so.
    failures.push(...load.counts.failures.splice(0).filter((failure) => !(ofDatabase && isAway(failure))))
    await checkAll(load, ledger, values)
    await books.check(...touched(ledger))
    failures.push(...load.counts.failures.splice(0))
    ledger.touched.clear()
    tell?.(report())
  }
  await Promise.all(alive.map((node) => node.stop()))
  await books.check(ledger.sessions, ledger.subjects)
  await checkEnd(installation, nodes.clock.now(), ledger)
  await books.checkLogs()
  return report()
}

/** After so many answers and frames, or after a capture was sent off; and then a little later. */
async function waitForMoment(
  random: () => number,
  listen: (to: (event: LoadEvent) => void) => void,
): Promise<void> {
  const atEnd = random() < 0.4
  let left = 1 + Math.floor(atEnd ? random() * 3 : random() ** 2 * LONGEST_LIFE)
  const limit = new AbortController()
  const reached = new Promise<void>((resolve) => {
    listen((event) => {
      if (atEnd && event !== 'submit') return
      if (--left === 0) resolve()
    })
  })
  await Promise.race([reached, pause(PATIENCE_MS, undefined, { signal: limit.signal }).catch(() => {})])
  limit.abort()
  listen(() => {})
  await pause(random() * LAST_MS)
}

const isAway = (failure: string) => failure.includes('503') || failure === 'capture internal'

function touched({ touched }: Ledger) {
  const sessions: KnownSession[] = []
  const subjects: Ledger['subjects'] = []
  for (const one of touched) 'wish' in one ? sessions.push(one) : subjects.push(one)
  return [sessions, subjects] as const
}

/** What was answered since the last kill is read again; what was not answered is asked again. */
async function checkAll(load: Load, ledger: Ledger, values: number): Promise<void> {
  await load.settle()
  const [sessions, subjects] = touched(ledger)
  for (const session of sessions) await load.checkSession(session)
  for (const subject of subjects) await load.checkSubject(subject)
  for (const value of ledger.values.slice(values)) await load.checkValue(value)
}

/** A day later and swept, every session has ended, and no key is without its record. */
async function checkEnd({ place, keyring }: Installation, now: number, ledger: Ledger): Promise<void> {
  const keys = await openKeys(await loadKeyring(keyring))
  const clock = { now: () => now + 86_400_000, monotonicMs: () => 1 }
  const settings = parseSettings({ named: { 'server.publicUrl': PUBLIC_URL } })
  const store = await openPlace(place)
  try {
    let more = true
    while (more) {
      const { expired, others } = await sweep({ store, keys, clock, random: systemRandom }, settings)
      more = expired + others > 0
    }
  } finally {
    await store.close()
  }
  await using rows = await openRows(place)
  const open = await rows.all(
    "select id, state from sessions where state not in ('passed', 'failed', 'review', 'expired', 'cancelled')",
  )
  expect(ledger, open.length === 0, `sessions without an end: ${JSON.stringify(open.slice(0, 3))}`)
  const named = await rows.all(
    'select key_id as id from reference_templates union all select key_id as id from media',
  )
  const known = new Set(named.map(({ id }) => id))
  const orphans = (await rows.keys()).filter(({ id }) => !known.has(id))
  expect(ledger, orphans.length === 0, `${orphans.length} keys without a record`)
  const pictures = await rows.all('select session_id from media')
  expect(ledger, pictures.length === 0, `${pictures.length} pictures after their time`)
}

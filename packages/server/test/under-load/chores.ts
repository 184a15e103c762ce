/**
 * What operators do while clients work: every key is rotated and what it wrapped is wrapped anew, backups are taken, and the
 * node sweeps and signs. Every answer is counted; none may fail.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { IpseError } from '@ipse/protocol'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import {
  assertUnused,
  backUp,
  changeKeyring,
  createEncryptionEntry,
  createLogKeyEntry,
  createSigningEntry,
  dropEncryption,
  KEY_MIGRATIONS,
  type Keyring,
  keyringKeks,
  keysPlace,
  loadKeyring,
  openKeys,
  rewrapAll,
  rotateEncryption,
  rotateLog,
  rotateSigning,
  type Store,
} from '../../src/index.ts'
import { LEAST_WRAP_LEAD_MS } from '../../src/keys/encryption-rotation.ts'
import { LEAST_LEAD_MS } from '../../src/keys/rotation.ts'
import { systemRandom } from '../fixture.ts'
import { anAudit, aSession } from '../store/records.ts'
import { createBooks, openRows } from './books.ts'
import { createLoad } from './clients.ts'
import { newLedger } from './ledger.ts'
import { openPlace, type Place } from './node.ts'
import { createNodes, type Installation, newInstallation, TENANT } from './nodes.ts'

export interface ChoreReport {
  /** Answers by what was asked, and outcomes of captures. */
  readonly answers: Readonly<Record<string, number>>
  readonly requests: number
  /** Answers that no client need expect, and connections that broke. */
  readonly failures: readonly string[]
  readonly losses: readonly string[]
  /** Of what operators did, how often. */
  readonly rotations: { readonly signing: number; readonly log: number; readonly encryption: number }
  readonly rewrapped: number
  readonly destroyed: number
  readonly backups: number
  /** Keys that the receipts of the run were signed with; each receipt verifies with what is published. */
  readonly signedWith: number
  readonly checkpoints: number
  /** Sessions that were long due when they came, and how many of them the sweeps have deleted. */
  readonly aged: number
  readonly swept: number
  readonly sweeps: number
  readonly troubles: readonly string[]
  readonly seconds: number
}

const WORKERS = 4
/** Answers that a run has at least. */
const LEAST_REQUESTS = 100
/** Old sessions for the sweeps to delete, half of them never ended; more of them with every round of the operator. */
const OLD_SESSIONS = 100
const DAY_MS = 86_400_000
/** A new key signs and wraps after that much of the clock that captures drive, milliseconds. */
const LEAD_MS = 3000
const UPKEEP_MS = 250
const bytes = (length: number) => systemRandom.bytes(length)

/** @param seconds at least; longer where the machine is too slow for what has to be shown */
export async function runChores(seconds: number, random: () => number, place?: Place): Promise<ChoreReport> {
  using installation = await newInstallation(place)
  const store = await openPlace(installation.place)
  try {
    return await run(seconds, random, installation, store)
  } finally {
    await store.close()
  }
}

async function run(seconds: number, random: () => number, installation: Installation, store: Store) {
  const ledger = newLedger()
  await using nodes = createNodes(installation, { upkeepMs: UPKEEP_MS })
  const node = await nodes.start()
  const { clock } = nodes
  const load = createLoad({ installation, clock, node: () => node, ledger, random })
  const { counts } = load
  const requests = () => [...counts.answers.values()].reduce((sum, n) => sum + n, 0)
  const operator = createOperator(installation, store, () => clock.now())
  const begun = performance.now()
  let stopped = false
  const shown = () => {
    const { backups, rewrapped } = operator.done()
    return requests() >= LEAST_REQUESTS && backups >= 2 && rewrapped > 0
  }
  const over = () =>
    stopped || counts.failures.length > 0 || (performance.now() - begun > seconds * 1000 && shown())
  const work = async () => {
    while (!over()) await load.step()
  }
  const working = Promise.all(Array.from({ length: WORKERS }, work))
  try {
    while (!over()) await operator.round()
  } finally {
    stopped = true
    await working
  }
  await load.settle()
  for (const session of ledger.sessions) await load.checkSession(session)
  for (const subject of ledger.subjects) await load.checkSubject(subject)
  const before = (await node.upkeep()).rounds
  // One more sweep has begun and ended after the last of the old sessions came.
  while ((await node.upkeep()).rounds < before + 2) await pause(UPKEEP_MS)
  const { rounds: sweeps, troubles } = await node.upkeep()
  const books = await createBooks(installation, ledger)
  await books.check(ledger.sessions, ledger.subjects)
  const done = operator.done()
  const receipts = ledger.sessions.flatMap(({ seen }) => seen?.receipt ?? [])
  return {
    answers: Object.fromEntries([...counts.answers].toSorted()),
    requests: requests(),
    failures: [...counts.failures, ...Array.from({ length: counts.broken }, () => 'a connection broke')],
    losses: ledger.losses,
    ...done,
    signedWith: await verifyReceipts(receipts, node.url),
    checkpoints: books.checkpoints,
    swept: done.aged - (await countOld(installation)),
    sweeps,
    troubles,
    seconds: (performance.now() - begun) / 1000,
  }
}

/** Does what `ipse keys …` and `ipse backup` do, with a store and a keyring of its own as those have. */
function createOperator(
  { folder, keyring: path, place, begin }: Installation,
  store: Store,
  now: () => number,
) {
  const rotations = { signing: 0, log: 0, encryption: 0 }
  let [rewrapped, destroyed, backups, aged] = [0, 0, 0, 0]

  const change = (work: (keyring: Keyring) => Keyring) => changeKeyring(path, {}, work, bytes)
  /** A new key, unless one waits already. The lead is short because the clock of a test is slow. */
  async function rotate(what: keyof typeof rotations): Promise<void> {
    const entry = await createSigningEntry(bytes)
    const early = now() + LEAD_MS - LEAST_LEAD_MS
    try {
      await change((ring) => {
        if (what === 'signing') return rotateSigning(ring, entry, early, LEAST_LEAD_MS)
        if (what === 'log') return rotateLog(ring, createLogKeyEntry(bytes), early, LEAST_LEAD_MS)
        const wraps = now() + LEAD_MS - LEAST_WRAP_LEAD_MS
        return rotateEncryption(ring, createEncryptionEntry(bytes), wraps, LEAST_WRAP_LEAD_MS)
      })
      rotations[what]++
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('waits'))) throw error
    }
  }
  async function rewrap(): Promise<void> {
    const keyring = await loadKeyring(path)
    const clock = { now, monotonicMs: now }
    const kek = keyringKeks({ keys: await openKeys(keyring), clock, random: systemRandom })
    const result = await rewrapAll(store, kek)
    if (result.failed > 0) throw new Error(`${result.failed} keys could not be wrapped anew`)
    rewrapped += result.rewrapped
    for (const { id } of keyring.encryption.slice(2)) {
      await assertUnused(store, kek, id)
      await change((ring) => dropEncryption(ring, id, now()))
      destroyed++
    }
  }
  async function backup(): Promise<void> {
    const to = join(folder, `backup-${backups}`)
    mkdirSync(to)
    await backUp(place, join(to, 'ipse.sqlite'))
    await backUp(keysPlace(place, ''), join(to, 'ipse-keys.sqlite'), () => {}, KEY_MIGRATIONS)
    backups++
  }
  return {
    async round() {
      await addOldSessions(store, begin)
      aged += OLD_SESSIONS
      for (const what of ['signing', 'log', 'encryption'] as const) await rotate(what)
      // Until the node has seen the keyring, and the clock has come to where the new keys are used.
      await pause(300)
      await rewrap()
      await backup()
    },
    done: () => ({ rotations, rewrapped, destroyed, backups, aged }),
  }
}

async function addOldSessions(store: Store, begin: number): Promise<void> {
  const createdAt = begin - 60 * DAY_MS
  for (let at = 0; at < OLD_SESSIONS; at++) {
    const ended = at % 2 === 0
    const times = { createdAt, expiresAt: createdAt + 600_000 }
    const session = aSession({ tenant: TENANT, state: ended ? 'failed' : 'bound', ...times })
    const audit = anAudit({ tenant: TENANT, time: createdAt, event: 'session.created' })
    await patiently(() => store.insertSession(session, audit))
  }
}

/** An operator on a busy machine tries again; a client's request, which is counted, does not. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      if (tried === 5 || !(error instanceof IpseError && error.code === 'storage_unavailable')) throw error
    }
  }
}

async function countOld({ place, begin }: Installation): Promise<number> {
  await using rows = await openRows(place)
  const [row] = await rows.all(`select count(*) as n from sessions where created_at < ${begin - DAY_MS}`)
  return Number(row?.n)
}

/** @returns how many keys have signed them */
async function verifyReceipts(receipts: readonly string[], url: string): Promise<number> {
  const keys = createLocalJWKSet(
    (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as JSONWebKeySet,
  )
  const used = new Set<string>()
  for (const receipt of receipts) {
    const { protectedHeader, payload } = await jwtVerify(receipt, keys, { currentDate: new Date(0) })
    if (payload.sid === undefined) throw new Error('a receipt of no session')
    used.add(String(protectedHeader.kid))
  }
  return used.size
}

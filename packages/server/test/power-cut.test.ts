/**
 * Power cuts: a child's writes and syncs are recorded as the kernel saw them, and the disk is put together as it may have
 * been at many moments. Whatever the child had been answered before the cut must be there; nothing may be torn.
 * `IPSE_POWER_CUTS=2000 node --test packages/server/test/power-cut.test.ts` is the long form.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openSqliteStore } from '../src/index.ts'
import { createDisk, type DiskEvent, parseCalls } from './power-cut/disk.ts'

const CUTS = Number(process.env.IPSE_POWER_CUTS ?? 80)
/** Of each of three workers: so many that the write-ahead log is emptied several times. */
const ROUNDS = 50
const CALLS = 'trace=pwrite64,write,fsync,fdatasync,ftruncate,unlink'
const WORKLOAD = fileURLToPath(new URL('./power-cut/workload.ts', import.meta.url))

function record(folder: string): DiskEvent[] {
  const log = join(folder, 'calls')
  const store = join(folder, 'ipse.sqlite')
  const words = ['-f', '-y', '-xx', '-s', '1000000', '-e', CALLS, '-o', log, process.execPath, WORKLOAD]
  execFileSync('strace', [...words, store, String(ROUNDS)], { stdio: 'ignore' })
  const events = parseCalls(readFileSync(log, 'utf8'))
  return events.filter((event) => event.kind === 'said' || event.file.startsWith(folder))
}

/** Numbers below 1, the same ones every time: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What had been answered when the power went. */
function answered(events: readonly DiskEvent[]) {
  const sessions = new Map<string, number>()
  const entries: string[] = []
  const used: string[] = []
  const erasing = new Set<string>()
  for (const event of events) {
    if (event.kind !== 'said') continue
    const [what, name = '', more = ''] = event.line.split(' ')
    if (what === 'session') sessions.set(name, Number(more))
    if (what === 'entry') entries.push(name)
    if (what === 'used') used.push(name)
    if (what === 'begun') erasing.add(more)
  }
  return { sessions, entries, used, erasing }
}

async function check(folder: string, events: readonly DiskEvent[]): Promise<void> {
  const { sessions, entries, used, erasing } = answered(events)
  const path = join(folder, 'ipse.sqlite')
  const store = await openSqliteStore(path)
  try {
    const kept = new Set((await store.listAudit('shop', 1e6)).map(({ id }) => id))
    for (const entry of entries) assert.ok(kept.has(entry), `entry ${entry} was answered and is gone`)
    for (const [id, version] of sessions) {
      const session = await store.findSession('shop', id)
      // Erasures may have taken it: each subject's sessions go as one.
      if (!session) assert.ok(erasing.size > 0, `session ${id} was answered and is gone`)
      else assert.ok(session.version >= version, `session ${id} went back`)
    }
    for (const value of used)
      assert.equal(await store.useOnce('proof', value, 1e15), false, `${value} could be used again`)
  } finally {
    await store.close()
  }
  const database = new DatabaseSync(path)
  assert.deepEqual(Object.values(database.prepare('pragma integrity_check').get() ?? {}), ['ok'])
  database.close()
}

const missing =
  spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
    ? false
    : 'strace is not there, or may not watch processes here'

/** Cuts the power at so many moments and hands each state of the disk to `look`. */
async function cutPower(
  events: readonly DiskEvent[],
  cuts: number,
  { seed, from = 0 }: { readonly seed: number; readonly from?: number },
  look: (folder: string, before: readonly DiskEvent[]) => Promise<void>,
): Promise<void> {
  const random = randomFrom(seed)
  const moments = Array.from({ length: cuts }, () => from + Math.ceil(random() * (events.length - from)))
  const disk = createDisk()
  let at = 0
  for (const moment of moments.toSorted((a, b) => a - b)) {
    for (const event of events.slice(at, moment)) disk.take(event)
    at = moment
    const folder = mkdtempSync(join(tmpdir(), 'ipse-disk-'))
    try {
      for (const [file, bytes] of disk.cut(random))
        if (!file.endsWith('-shm')) writeFileSync(join(folder, basename(file)), bytes)
      await look(folder, events.slice(0, moment))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}

function recorded(): DiskEvent[] {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-power-'))
  try {
    return record(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
const events = missing ? [] : recorded()

test(`nothing that was answered is lost in ${CUTS} power cuts`, { skip: missing }, async (t) => {
  assert.ok(events.some((event) => event.kind === 'said' && event.line === 'done'))
  await cutPower(events, CUTS, { seed: 1 }, check)
  const said = events.filter(({ kind }) => kind === 'said').length
  const emptied = events.filter((event) => event.kind === 'sync' && event.file.endsWith('.sqlite')).length
  assert.ok(emptied > 1, 'the log was emptied into the database on the way')
  t.diagnostic(`${CUTS} cuts among ${events.length} writes and syncs, ${said} answers among them`)
})

test('the same check finds what a store without syncs would lose', { skip: missing }, async () => {
  const unsynced = events.filter(({ kind }) => kind !== 'sync')
  let lost = 0
  await cutPower(unsynced, 20, { seed: 2, from: unsynced.length / 2 }, (folder, before) =>
    check(folder, before).catch(() => void lost++),
  )
  assert.ok(lost >= 18, `only ${lost} of 20 were noticed`)
})

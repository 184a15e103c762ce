/**
 * Several processes take from the same allowances in one SQLite file, as fast as they can. By itself, with the full count:
 * `node packages/server/test/limit-race.ts [TAKES]` (50 000 a process when absent).
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../src/store/sqlite/open.ts'

const PROCESSES = 4
const ENDS_AT = 60_000

export interface Race {
  /** Takes of all processes. */
  readonly asked: number
  readonly limit: number
  /** By process. */
  readonly allowed: readonly number[]
  /** What the store says was used of the limit that all share, and of each process's own. */
  readonly used: number
  readonly usedOwn: readonly number[]
  readonly seconds: number
}

const shared = (most: number) => ({ key: 'race:shared', most, endsAt: ENDS_AT })
/** Always enough: what the shared limit refuses must not be counted here. */
const own = (index: number) => ({ key: `race:${index}`, most: 1_000_000_000, endsAt: ENDS_AT })

/** @param takes of each process; the limit lets three of four through */
export async function race(takes: number): Promise<Race> {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-limits-'))
  const limit = 3 * takes
  try {
    const path = join(folder, 'ipse.sqlite')
    const store = await openSqliteStore(path)
    const children = Array.from({ length: PROCESSES }, (_, index) =>
      fork(import.meta.filename, ['taker', path, String(index), String(takes), String(limit)]),
    )
    await Promise.all(children.map((child) => once(child, 'message')))
    const begun = performance.now()
    const allowed = await Promise.all(
      children.map(async (child) => {
        const answer = once(child, 'message')
        child.send('go')
        return Number((await answer)[0])
      }),
    )
    const seconds = (performance.now() - begun) / 1000
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')))
    // An allowance that is used up refuses, and says how much was used.
    const { allowances } = await store.takeAllowances([
      shared(limit),
      ...children.map((_, index) => own(index)),
    ])
    await store.close()
    const [used = 0, ...usedOwn] = allowances.map((allowance) => allowance.used)
    return { asked: PROCESSES * takes, limit, allowed, used, usedOwn, seconds }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A process of the race: says when it is ready, waits for the start, and answers with how often it was let in. */
async function take(path: string, index: number, takes: number, limit: number): Promise<void> {
  const store = await openSqliteStore(path)
  const started = once(process, 'message')
  process.send?.('ready')
  await started
  let allowed = 0
  for (let i = 0; i < takes; i++) {
    const { taken } = await store.takeAllowances([own(index), shared(limit)])
    if (taken) allowed++
  }
  await store.close()
  process.send?.(allowed, () => process.disconnect())
}

if (import.meta.main) {
  const [role, path = '', index, takes, limit] = process.argv.slice(2)
  if (role === 'taker') await take(path, Number(index), Number(takes), Number(limit))
  else console.log(JSON.stringify(await race(Number(role ?? 50_000)), null, 2))
}

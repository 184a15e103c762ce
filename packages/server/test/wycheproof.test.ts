/**
 * Project Wycheproof against every primitive that Ipse calls: nothing invalid is taken, nothing valid is refused, but for the
 * list of divergences, each with its reason. The files lie beside the checkout or where IPSE_SHARED says.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Group, ROWS, type Row } from './wycheproof.ts'

interface Divergence {
  readonly tcIds: readonly number[]
  /** What our code does; the file says the opposite. */
  readonly takes: boolean
  readonly reason: string
}

const ROOT = join(import.meta.dirname, '../../..')
const FOLDER = join(process.env.IPSE_SHARED ?? join(ROOT, '../shared'), 'vectors/wycheproof')
const DIVERGENCES = JSON.parse(
  readFileSync(join(ROOT, 'vectors/wycheproof-divergences.json'), 'utf8'),
) as Readonly<Record<string, readonly Divergence[]>>

async function takes({ takes }: Row, ...given: Parameters<Row['takes']>): Promise<boolean> {
  try {
    return await takes(...given)
  } catch {
    return false
  }
}

test('every divergence is of a file that is run, and has a reason', () => {
  for (const [file, listed] of Object.entries(DIVERGENCES)) {
    assert.ok(ROWS.some((row) => row.file === file))
    const ids = listed.flatMap(({ tcIds }) => tcIds)
    assert.equal(new Set(ids).size, ids.length, `${file} names a vector twice`)
    for (const { reason } of listed) assert.ok(reason.length > 20)
  }
})

for (const row of ROWS)
  test(`Wycheproof ${row.file}${row.by === undefined ? '' : ` by ${row.by}`}`, async (t) => {
    const path = join(FOLDER, `${row.file}.json`)
    if (!existsSync(path)) {
      console.warn(
        `NOT RUN: Wycheproof ${row.file}: no ${path}; name the folder above vectors/ in IPSE_SHARED`,
      )
      return t.skip('the vectors are not here')
    }
    const { testGroups } = JSON.parse(readFileSync(path, 'utf8')) as { testGroups: readonly Group[] }
    const groups = testGroups.filter((group) => row.uses?.(group) ?? true)
    const listed = DIVERGENCES[row.file] ?? []
    const found: [number, boolean][] = []
    let count = 0
    for (const group of groups)
      for (const vector of group.tests) {
        count++
        const taken = await takes(row, vector, group)
        if (vector.result !== 'acceptable' && taken !== (vector.result === 'valid'))
          found.push([vector.tcId, taken])
      }
    assert.ok(count > 20, `${count} vectors are too few`)
    const expected = listed.flatMap(({ tcIds, takes }) => tcIds.map((id) => [id, takes] as const))
    const byId = (a: readonly [number, boolean], b: readonly [number, boolean]) => a[0] - b[0]
    assert.deepEqual(found.toSorted(byId), expected.toSorted(byId))
    t.diagnostic(`${count} vectors, ${found.length} divergences`)
  })

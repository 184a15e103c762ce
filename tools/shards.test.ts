/** The simulation of shards keeps every share, splits no more than it must, and its page shows what it prints. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fullest, loadsOf, placed, splitUp, zipf } from './shards.ts'
import { needsTable, shardsTable } from './sizing.ts'

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const near = (one: number, other: number) => assert.ok(Math.abs(one - other) < 1e-9, `${one} and ${other}`)

test('shares are whole and fall as 1, 1/2, 1/3', () => {
  const shares = zipf(1000)
  near(sum(shares), 1)
  near((shares[0] ?? 0) / 3, shares[2] ?? 0)
})

test('a tenant is split into as few as carry it, and nothing is lost', () => {
  const parts = splitUp([0.5, 0.3, 0.2], 0.2)
  assert.deepEqual(
    parts.map((part) => part.toFixed(4)),
    ['0.1667', '0.1667', '0.1667', '0.1500', '0.1500', '0.2000'],
  )
  near(sum(parts), 1)
})

test('one tenant fills one shard; many equal ones fill all alike', () => {
  near(fullest(loadsOf([1], 32, 0)), 32)
  const even = fullest(loadsOf(Array<number>(64_000).fill(1 / 64_000), 32, 0))
  assert.ok(even > 1 && even < 1.1, String(even))
  assert.deepEqual(loadsOf(zipf(9), 4, 1), loadsOf(zipf(9), 4, 1), 'the same again')
})

test('shards are placed by their size', () => {
  const machines = placed([1, 5, 2, 4, 3], 2)
  assert.deepEqual(
    machines.toSorted((a, b) => a - b),
    [7, 8],
  )
  near(fullest(machines), 8 / 7.5)
})

test('docs/scaling.md shows what is printed', () => {
  const page = readFileSync(new URL('../docs/scaling.md', import.meta.url), 'utf8')
  for (const table of [needsTable(12), shardsTable(12)]) assert.ok(page.includes(table.join('\n')), table[0])
})

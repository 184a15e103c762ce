/** The benchmark of audit verification runs, and its shape is what others read. A small log: its figures mean nothing here. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

test('bench audit-verify tells entries per second beside SHA-256 alone', async () => {
  const main = join(import.meta.dirname, '../../../bench/main.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--only', 'audit-verify', '--json'], {
    env: { ...process.env, IPSE_BENCH_ENTRIES: '2000' },
  })
  const [found] = (
    JSON.parse(stdout) as { cases: { name: string; unit: string; value: number; ratios: object }[] }
  ).cases
  assert.equal(found?.name, 'audit-verify')
  assert.equal(found?.unit, 'entries/s')
  assert.ok((found?.value ?? 0) > 0)
  assert.deepEqual(Object.keys(found?.ratios ?? {}), ['SHA-256 alone'])
})

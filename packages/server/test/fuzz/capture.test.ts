/** Captures with one thing wrong in each: the short form of `node tools/fuzz.ts --only captures`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzCaptures } from './capture-fuzz.ts'

const CAPTURES = 80
const SEED = 20261121

test('no altered capture is accepted, stands still or ends in a fault of ours; those left alone pass', async (t) => {
  const { findings, found, untouched, ends, kinds } = await fuzzCaptures(CAPTURES, SEED)
  assert.deepEqual([found, findings], [0, []])
  assert.ok(untouched.captures > 0)
  assert.equal(untouched.passed, untouched.captures)
  t.diagnostic(JSON.stringify({ kinds, ends }))
})

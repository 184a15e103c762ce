import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare } from './hpke-differential.ts'

/** Records up to 4 MiB in both directions; 10 000 contexts when hpke-differential.ts is run by itself. */
const ROUNDS = 100

test('two implementations of HPKE seal, open and export the same', async (t) => {
  const { contexts, bytes, mismatches } = await compare(ROUNDS)
  assert.deepEqual(mismatches, [])
  t.diagnostic(`${contexts} contexts, ${Math.round(bytes / 1e6)} MB`)
})

/** The threat model claims nothing that is not there: every control is a file, every test has the title that is named. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isShown } from './shown.ts'
import { DOCUMENTS, readThreats, STRIDE } from './threats.ts'

const root = join(import.meta.dirname, '..')
const { controlled, open } = readThreats(root)
const all = [...controlled.values()].flat()

test('every control is where the threat model says', () => {
  const missing = all.filter(({ at }) => !existsSync(join(root, at)))
  assert.deepEqual(missing, [])
})

test('every test is where the threat model says, by its title', () => {
  const missing = all.filter(({ test }) => !isShown(root, test))
  assert.deepEqual(missing, [])
})

test('no threat is there twice, each has its letters, and every letter has a threat with a control', () => {
  const rows = [...all, ...open]
  assert.equal(new Set(rows.map(({ threat }) => threat)).size, rows.length)
  for (const { threat, stride, documents } of rows) {
    assert.match(stride, /^[STRIDE]+$/, threat)
    assert.match(documents, /^([A-E]+|—)$/, threat)
  }
  for (const letter of Object.keys(STRIDE))
    assert.ok(
      all.some(({ stride }) => stride.includes(letter)),
      letter,
    )
  for (const letter of Object.keys(DOCUMENTS))
    assert.ok(
      all.some(({ documents }) => documents.includes(letter)),
      letter,
    )
  assert.ok(all.length > 50 && open.length > 5)
})

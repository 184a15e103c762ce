import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assessed, ERRORS, IpseError, isId, newId } from '../src/index.ts'

test('every error has a title, an advice that ends as a sentence, and a status that fits its home', () => {
  for (const [code, row] of Object.entries(ERRORS)) {
    assert.match(code, /^[a-z]+(_[a-z]+)*$/)
    assert.match(row.advice, /\.$/, code)
    assert.ok(row.status === 0 || (row.status >= 400 && row.status < 600), code)
  }
})

test('details of our own faults are not exposed, details of a caller’s mistake are', () => {
  assert.equal(new IpseError('internal', 'secret detail').expose, false)
  assert.equal(new IpseError('invalid_request', 'body/purpose').expose, true)
})

test('a number that is not finite is a failure to assess, never a value', () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), (native, score) => {
      const finite = Number.isFinite(native) && Number.isFinite(score)
      assert.equal(assessed(native, score).status, finite ? 'assessed' : 'failure-to-assess')
    }),
  )
})

test('identifiers carry their kind and 128 random bits', () => {
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const id = newId('session', random)
  assert.ok(isId('session', id))
  assert.ok(!isId('attempt', id))
  assert.notEqual(id, newId('session', random))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resubmit, WAYS } from './resubmission.ts'

/** 10 000 when resubmission.ts is run by itself. */
const CAPTURES = 10

test('an accepted capture is not accepted again, however it is sent', async (t) => {
  const { accepted, heard, sentAgain } = await resubmit(CAPTURES)
  assert.deepEqual(accepted, [])
  // Each way meets what is meant to stop it, and nothing else: `gone` or `nothing` would prove little.
  const words = Object.fromEntries(Object.entries(heard).map(([way, words]) => [way, Object.keys(words)]))
  assert.deepEqual(words, {
    'the same bytes': ['session_token_invalid'],
    'with a new proof': ['capture_already_received'],
    'into another session': ['challenge_mismatch'],
    'into a session of another tenant': ['challenge_mismatch'],
    'over many connections at once': ['capture_already_received'],
    'after a restart': ['capture_already_received'],
    'as the end of another capture': ['challenge_mismatch'],
    'by another device': ['session_token_invalid'],
  })
  assert.deepEqual(Object.keys(heard), Object.keys(WAYS))
  t.diagnostic(`${CAPTURES} captures, sent again ${sentAgain} times`)
})

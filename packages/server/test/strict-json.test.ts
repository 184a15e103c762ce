/** JSON in which a member comes twice is read by nobody: bodies, tokens, messages of a capture. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@ipse/protocol'
import { decode } from 'cborg/json'
import { parseHello, parseOpen } from '../src/capture/messages.ts'
import { parseStrictJson } from '../src/strict-json.ts'
import { startFixture } from './fixture.ts'
import { createDice, type Dice } from './fuzz/random.ts'

const TWINS = [
  '{"a":1,"a":1}',
  '{"a":1,"\\u0061":2}',
  '{"\\u0041":{},"A":[]}',
  '[{"a":{"b":1,"b":2}}]',
  '{"":1,"":2}',
  '{"__proto__":1,"__proto__":2}',
  '{"1":0,"\\u0031":0}',
  '{"a\\"b":1,"a\\u0022b":2}',
  '{"a\\\\":":","a\\\\":1}',
  '{"x":[{"y":":"},{"y":1,"z":2,"y":3}]}',
  `{${'"k":0,'.repeat(2000)}"l":1}`,
]
const SOUND = [
  'null',
  '":"',
  '"\\":\\":"',
  '{"a:b":"c:d","c":{"a":1},"a":{"a":2}}',
  '[{"a":1},{"a":1}]',
  '{"a\\\\":1,"a":"\\\\","b\\"":":\\\\\\""}',
  '{"A":1,"a":2}',
  ' { "a" : [ ] , "b" : { } } ',
  '{"constructor":{"prototype":1},"__proto__":{"a":1}}',
  `{"image":"${'A'.repeat(1_000_000)}"}`,
]

test('a member that comes twice is found however it is written, and nothing else is', () => {
  for (const text of TWINS) assert.throws(() => parseStrictJson(text), /comes twice/, text.slice(0, 60))
  for (const text of SOUND) assert.deepEqual(parseStrictJson(text), JSON.parse(text), text.slice(0, 60))
  // Too deep for a comparison; what it must not do is to end in a stack overflow.
  assert.ok(Array.isArray(parseStrictJson(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)))
  for (const text of ['', '{', '{"a":1,}', '"', '"\\', '{"a"}', 'a:b'])
    assert.throws(() => parseStrictJson(text), SyntaxError)
})

/** None ends in a backslash: see strict-json.ts. */
const NAMES = ['a', 'b', ':', '"', 'a":', '\\u0061', 'ä', '', '0']

/** JSON text of few names, so that they meet, some in other spellings; no space before a colon, which cborg refuses. */
function drawJson(dice: Dice, depth: number): string {
  const kind = dice.below(depth === 0 ? 2 : 4)
  if (kind === 0) return String(dice.below(10))
  if (kind === 1) return drawString(dice)
  const parts = Array.from({ length: dice.below(4) }, () => drawJson(dice, depth - 1))
  if (kind === 2) return `[${parts.join(',')}]`
  return `{${parts.map((part) => `${drawString(dice)}:${dice.one(['', ' ', '\n'])}${part}`).join(', ')}}`
}

function drawString(dice: Dice): string {
  const name = dice.one(NAMES)
  if (!dice.chance(30)) return JSON.stringify(name)
  return `"${[...name].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
}

test('another parser that refuses them (cborg) says the same of 20 000 documents', () => {
  const dice = createDice(8)
  const reads = (read: () => unknown) => {
    try {
      read()
      return true
    } catch {
      return false
    }
  }
  let refused = 0
  for (let i = 0; i < 20_000; i++) {
    const text = drawJson(dice, 4)
    const read = reads(() => parseStrictJson(text))
    assert.equal(
      read,
      reads(() => decode(utf8(text), { rejectDuplicateMapKeys: true })),
      text,
    )
    if (!read) refused++
  }
  assert.ok(refused > 200 && refused < 19_000, `${refused} refused`)
})

test('no body with a member twice gets to a route, whichever of the two would have been taken', async () => {
  await using fixture = await startFixture()
  for (const body of [
    '{"purpose":"liveness","purpose":"liveness"}',
    '{"purpose":"liveness","\\u0070urpose":"enrolment"}',
    '{"purpose":"verification","subject":"a","subject":"b"}',
    '{"purpose":"enrolment","subject":"a","consent":{"version":"1","version":"2"}}',
  ]) {
    const { status, body: problem } = await fixture.call('POST', '/v1/sessions', body)
    assert.deepEqual(
      [status, problem.code, problem.detail],
      [400, 'invalid_request', 'a member of an object comes twice'],
    )
  }
  assert.deepEqual((await fixture.call('GET', '/v1/sessions')).body.items, [])
  assert.equal((await fixture.call('POST', '/v1/sessions', '{"purpose":"liveness"}')).status, 201)
  const deep = await fixture.call('POST', '/v1/sessions', `${'['.repeat(30_000)}${']'.repeat(30_000)}`)
  assert.deepEqual([deep.status, deep.body.code], [400, 'invalid_request'])
})

test('no message of a capture either', () => {
  const hello = { type: 'hello', protocol: 'x', token: 't', proof: 'p', sdk: 's' }
  const text = JSON.stringify(hello)
  assert.throws(() => parseHello(`${text.slice(0, -1)},"token":"t"}`), { code: 'session_token_invalid' })
  assert.throws(() => parseOpen('{"type":"open","enc":"A","enc":"A"}'), {
    code: 'challenge_mismatch',
    message: /twice/,
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatTraceparent, nextTrace, parseTraceparent } from '../src/trace-context.ts'

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const nonZero = (length: number) => hex(length).filter((text) => !/^0+$/.test(text))
const trace = fc.record(
  { traceId: nonZero(32), parentId: nonZero(16), sampled: fc.boolean() },
  { noNullPrototype: true },
)

test('a trace survives being written and read', () => {
  fc.assert(
    fc.property(trace, (given) => assert.deepEqual(parseTraceparent(formatTraceparent(given)), given)),
  )
})

test('whatever is read is sound, and is written back as the same trace', () => {
  const almost = fc.tuple(trace, fc.nat(54), fc.string({ maxLength: 3 })).map(([given, at, patch]) => {
    const text = formatTraceparent(given)
    return text.slice(0, at) + patch + text.slice(at + patch.length)
  })
  fc.assert(
    fc.property(fc.oneof(almost, fc.string({ maxLength: 80 }), fc.anything()), (given) => {
      const read = parseTraceparent(given)
      if (read === undefined) return
      assert.match(read.traceId, /^(?!0+$)[0-9a-f]{32}$/)
      assert.match(read.parentId, /^(?!0+$)[0-9a-f]{16}$/)
      assert.deepEqual(parseTraceparent(formatTraceparent(read)), read)
      assert.ok(String(given).includes(`-${read.traceId}-${read.parentId}-`))
    }),
    { numRuns: 2_000 },
  )
})

const ID = '0af7651916cd43dd8448eb211c80319c'
const CALL = 'b7ad6b7169203331'

for (const [text, sampled] of [
  [`00-${ID}-${CALL}-00`, false],
  [`00-${ID}-${CALL}-01`, true],
  [`00-${ID}-${CALL}-ff`, true],
  [`cc-${ID}-${CALL}-01`, true],
  [`cc-${ID}-${CALL}-01-what-will-be`, true],
] as const)
  test(`${text} is a trace`, () => {
    assert.deepEqual(parseTraceparent(text), { traceId: ID, parentId: CALL, sampled })
  })

for (const text of [
  '',
  `ff-${ID}-${CALL}-01`,
  `00-${ID}-${CALL}-01-more`,
  `00-${ID}-${CALL}-01.`,
  `cc-${ID}-${CALL}-01.`,
  `00-${'0'.repeat(32)}-${CALL}-01`,
  `00-${ID}-${'0'.repeat(16)}-01`,
  `00-${ID.toUpperCase()}-${CALL}-01`,
  `00-${ID}-${CALL}`,
  `00-${ID}-${CALL}-1`,
  ` 00-${ID}-${CALL}-01`,
  `00-${ID}-${CALL}-01\n`,
  `00-${ID}-${CALL}-01, 00-${ID}-${CALL}-01`,
  `cc-${ID}-${CALL}-01-${'x'.repeat(512)}`,
])
  test(`${JSON.stringify(text.slice(0, 70))} begins no trace`, () => {
    assert.equal(parseTraceparent(text), undefined)
  })

test('a trace goes on under its own id with a new call, and a new one is never all zero', () => {
  const drawn = [0, 0, 7]
  const bytes = (length: number) => new Uint8Array(length).fill(drawn.shift() ?? 9)
  assert.deepEqual(nextTrace(undefined, bytes), {
    parentId: '07'.repeat(8),
    traceId: '09'.repeat(16),
    sampled: false,
  })
  const before = { traceId: ID, parentId: CALL, sampled: true }
  assert.deepEqual(nextTrace(before, bytes), { ...before, parentId: '09'.repeat(8) })
})

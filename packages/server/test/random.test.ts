/** Random bytes from a stock: none comes twice, and none stays behind. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSystemRandom } from '../src/random.ts'

test('what is drawn has the length that was asked for, and nothing is drawn twice', () => {
  const { bytes } = createSystemRandom()
  const seen = new Set<string>()
  for (let round = 0; round < 5000; round++) {
    const length = 16 + (round % 60)
    const drawn = bytes(length)
    assert.equal(drawn.length, length)
    seen.add(Buffer.from(drawn).toString('hex'))
    // Its own copy: what the caller does with it is nobody's concern.
    drawn.fill(0)
  }
  assert.equal(seen.size, 5000)
  assert.equal(bytes(0).length, 0)
  assert.equal(bytes(100_000).length, 100_000)
})

test('every value of a byte is as likely as every other', () => {
  const { bytes } = createSystemRandom()
  const counts = new Array<number>(256).fill(0)
  for (let round = 0; round < 64_000; round++) for (const byte of bytes(16)) counts[byte]! += 1
  const expected = (64_000 * 16) / 256
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  // χ² of 255 degrees of freedom: above 420 once in 10⁹ runs.
  assert.ok(chi < 420, `${chi}`)
})

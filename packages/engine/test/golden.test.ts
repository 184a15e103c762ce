/** Golden numbers on the photographs of the packages: a change of preprocessing or models shows here. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createEngine } from '../src/index.ts'
import {
  GOLDEN_FRAMES,
  GOLDEN_PAIRS,
  measureFrames,
  measurePairs,
  PAIR_TOLERANCE,
  type Row,
  readGolden,
  TOLERANCE,
} from './golden.ts'
import { PHOTOGRAPHS } from './photographs.ts'

const engine = await createEngine()
after(() => engine.close())

test('faces, pose, openness, quality and texture of the photographs are as they were', async () => {
  const golden = readGolden(GOLDEN_FRAMES)
  const measured = await measureFrames(engine)
  assert.deepEqual([...golden.keys()], [...measured.keys()])
  for (const [name, row] of measured) {
    ;(Object.keys(TOLERANCE) as (keyof Row)[]).forEach((column, i) => {
      const expected = golden.get(name)![i]!
      const off = Math.abs(row[column] - expected)
      assert.ok(off <= TOLERANCE[column], `${name} ${column}: ${row[column]}, expected ${expected}`)
    })
  }
})

test('comparison scores of the photographs are as they were', async () => {
  const golden = readGolden(GOLDEN_PAIRS)
  const measured = await measurePairs(engine)
  assert.deepEqual([...golden.keys()], [...measured.keys()])
  for (const [pair, score] of measured) {
    const expected = golden.get(pair)![0]!
    assert.ok(Math.abs(score - expected) <= PAIR_TOLERANCE, `${pair}: ${score}, expected ${expected}`)
  }
})

test('a poorer copy of a photograph matches, at the default operating point', async () => {
  const { threshold } = engine.defaultOperatingPoint
  const golden = readGolden(GOLDEN_PAIRS)
  for (const name of PHOTOGRAPHS) {
    const score = golden.get(`${name},${name}-poorer`)![0]!
    assert.ok(score > threshold + 0.2, `${name}: ${score}`)
  }
})

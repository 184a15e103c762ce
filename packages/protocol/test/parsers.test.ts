/** The short form of `node tools/fuzz.ts --only parsers`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzParser } from './fuzz.ts'
import { PARSERS } from './parsers.ts'

const INPUTS = 3000
const SEED = 20261121

for (const parser of PARSERS)
  test(`spoiled: ${parser.name} is read or refused`, async () => {
    assert.deepEqual((await fuzzParser(parser, INPUTS, SEED)).findings, [])
  })

test('a parser that trips over a spoiled sample is found', async () => {
  const careless = {
    name: 'careless',
    samples: [new TextEncoder().encode('{"a":{"b":1}}')],
    parse: (bytes: Uint8Array) => (JSON.parse(Buffer.from(bytes).toString()) as { a: { b: number } }).a.b,
    refuses: (error: unknown) => error instanceof SyntaxError,
  }
  assert.equal((await fuzzParser(careless, INPUTS, SEED)).findings.length, 1)
})

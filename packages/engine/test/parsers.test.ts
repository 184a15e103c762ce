/** The short form of `node tools/fuzz.ts --only parsers`, for what the engine reads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzParser } from '../../protocol/test/fuzz.ts'
import { engineParsers } from './parsers.ts'

const INPUTS = 3000
const SEED = 20261121

for (const parser of await engineParsers())
  test(`spoiled: ${parser.name} is read or refused`, async () => {
    assert.deepEqual((await fuzzParser(parser, INPUTS, SEED)).findings, [])
  })

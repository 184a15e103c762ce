/** The short form of `node tools/fuzz.ts --only parsers`, for what the server reads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzParser } from '../../../protocol/test/fuzz.ts'
import { serverParsers } from './parsers.ts'

const INPUTS = 1500
const SEED = 20261121

for (const parser of await serverParsers())
  test(`spoiled: ${parser.name} is read or refused`, async () => {
    assert.deepEqual((await fuzzParser(parser, INPUTS, SEED)).findings, [])
  })

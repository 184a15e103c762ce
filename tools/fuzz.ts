/**
 * Fuzzing at length; the tests run the same in short. Numbers are for each part.
 *   node tools/fuzz.ts [--requests 200000] [--captures 2000] [--inputs 200000] [--seed 1] [--only api|captures|parsers]
 * Prints one JSON document; ends with 1 when anything was found.
 */
import { parseArgs } from 'node:util'
import { fuzzApi } from '../packages/server/test/fuzz/api-fuzz.ts'
import { fuzzCaptures } from '../packages/server/test/fuzz/capture-fuzz.ts'
import { fuzzParsers } from './fuzz-parsers.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '200000' },
    captures: { type: 'string', default: '2000' },
    inputs: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})
const seed = Number(values.seed)
const PARTS = {
  api: () => fuzzApi(Number(values.requests), seed),
  captures: () => fuzzCaptures(Number(values.captures), seed),
  parsers: () => fuzzParsers(Number(values.inputs), seed),
}

const report: Record<string, Awaited<ReturnType<(typeof PARTS)[keyof typeof PARTS]>>> = {}
for (const [name, run] of Object.entries(PARTS))
  if (values.only === undefined || values.only === name) report[name] = await run()
console.log(JSON.stringify(report, null, 2))
process.exitCode = Object.values(report).every(({ found }) => found === 0) ? 0 : 1

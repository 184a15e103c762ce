/** Every parser of every package, one after the other. */
import { PARSERS as cliParsers } from '../packages/cli/test/parsers.ts'
import { engineParsers } from '../packages/engine/test/parsers.ts'
import { fuzzParser, type ParserReport } from '../packages/protocol/test/fuzz.ts'
import { PARSERS as protocolParsers } from '../packages/protocol/test/parsers.ts'
import { serverParsers } from '../packages/server/test/fuzz/parsers.ts'

export interface ParsersReport {
  readonly inputs: number
  readonly seed: number
  readonly parsers: readonly ParserReport[]
  readonly found: number
  readonly seconds: number
}

/** @param inputs in all, shared out evenly */
export async function fuzzParsers(inputs: number, seed: number): Promise<ParsersReport> {
  const started = performance.now()
  const all = [...protocolParsers, ...(await serverParsers()), ...(await engineParsers()), ...cliParsers]
  const shares = all.reduce((sum, { share = 1 }) => sum + share, 0)
  const parsers: ParserReport[] = []
  for (const parser of all) parsers.push(await fuzzParser(parser, inputs / shares, seed))
  return {
    inputs: parsers.reduce((sum, report) => sum + report.inputs, 0),
    seed,
    parsers,
    found: parsers.reduce((sum, { findings }) => sum + findings.length, 0),
    seconds: (performance.now() - started) / 1000,
  }
}

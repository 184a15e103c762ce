/**
 * Parsers before inputs that nobody meant for them: sound samples with bytes flipped, cut, repeated and inserted, and
 * noise. A parser reads or refuses; anything else it throws, and a hang, is a finding.
 */
import fc from 'fast-check'

export interface Parser {
  readonly name: string
  /** Sound inputs, to be spoiled. */
  readonly samples: readonly Uint8Array[]
  /** Reads, or throws what `refuses` knows. What it returns is looked at by `holds`. */
  parse(input: Uint8Array): unknown
  refuses(error: unknown): boolean
  /** What must be true of an input that was read. */
  holds?(input: Uint8Array, read: unknown): boolean
  /** Share of the inputs that it gets, where one costs much more than elsewhere. */
  readonly share?: number
}

export interface ParserReport {
  readonly name: string
  readonly inputs: number
  readonly read: number
  /** Most that one input took of the CPU, milliseconds. */
  readonly slowestMs: number
  readonly findings: readonly string[]
}

/** A hang, milliseconds of CPU. */
const HANG_MS = 5_000

interface Edit {
  readonly at: number
  readonly way: 'flip' | 'cut' | 'remove' | 'repeat' | 'insert'
  readonly some: number
  readonly bytes: Uint8Array
}

/** Pieces that parsers have stumbled over. */
const PIECES = [
  '\0',
  '"',
  '\\',
  '{',
  '[[[[[[[[[[',
  '"__proto__":1,',
  '\ud83d\ude00',
  '\ufeff',
  '\r\n',
  ',',
  '.',
  '=',
  '-0',
  '1e999',
  'null',
].map((text) => new TextEncoder().encode(text))
const EXTREMES = [
  [0xff, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0, 0, 0, 0],
  [0x80],
  [0xc0, 0xaf],
  [0xff, 0xd8],
].map((bytes) => new Uint8Array(bytes))

function edited(sample: Uint8Array, edits: readonly Edit[]): Uint8Array {
  return edits.reduce((input, { at, way, some, bytes }) => {
    const place = input.length === 0 ? 0 : at % input.length
    const behind = Math.min(input.length, place + some)
    const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
    switch (way) {
      case 'flip': {
        const out = new Uint8Array(input)
        if (out.length > 0) out[place] = (out[place] ?? 0) ^ (1 << (some % 8))
        return out
      }
      case 'cut':
        return input.slice(0, place)
      case 'remove':
        return joined(input.subarray(0, place), input.subarray(behind))
      case 'repeat':
        return joined(input.subarray(0, behind), input.subarray(place))
      default:
        return joined(input.subarray(0, place), bytes, input.subarray(place))
    }
  }, sample)
}

function inputsOf(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edit = fc.record<Edit>({
    at: fc.nat(),
    way: fc.constantFrom('flip', 'cut', 'remove', 'repeat', 'insert'),
    some: fc.integer({ min: 1, max: 40 }),
    bytes: fc.oneof(fc.constantFrom(...PIECES, ...EXTREMES), fc.uint8Array({ maxLength: 12 })),
  })
  const spoiled = fc
    .tuple(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 5 }))
    .map(([sample, edits]) => edited(sample, edits))
  return fc.oneof(
    { weight: 9, arbitrary: spoiled },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  )
}

/** Every sound sample is read, and no spoiled one does harm. */
export async function fuzzParser(parser: Parser, inputs: number, seed: number): Promise<ParserReport> {
  const { name, samples, share = 1 } = parser
  const numRuns = Math.ceil(inputs * share)
  const findings: string[] = []
  let read = 0
  let slowestMs = 0
  const one = async (input: Uint8Array) => {
    const started = process.cpuUsage()
    try {
      const value = await parser.parse(input)
      read++
      if (parser.holds?.(input, value) === false) throw new Error('read, and not what it says')
    } catch (error) {
      if (!parser.refuses(error)) throw error
    } finally {
      const { user, system } = process.cpuUsage(started)
      slowestMs = Math.max(slowestMs, (user + system) / 1000)
    }
  }
  for (const sample of samples) await one(sample)
  if (read !== samples.length) findings.push(`${name}: ${samples.length - read} sound samples are refused`)
  const result = await fc.check(fc.asyncProperty(inputsOf(samples), one), { numRuns, seed })
  if (result.failed)
    findings.push(
      `${name}: ${result.errorInstance ?? 'failed'} on ${Buffer.from(result.counterexample?.[0] ?? []).toString('base64')}`,
    )
  if (slowestMs > HANG_MS) findings.push(`${name}: one input took ${slowestMs} ms`)
  return { name, inputs: numRuns + samples.length, read, slowestMs, findings }
}

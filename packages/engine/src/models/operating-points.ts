/**
 * Operating points of a manifest. A rate that so few trials cannot carry is refused (rule of three: none of n seen says
 * "below 3 / n" at 95 %).
 */
import type { OperatingPoint, PadOperatingPoint } from '../types.ts'
import { type Reader, readFields } from './fields.ts'

type Fields = ReturnType<typeof readFields>

function parseDate(fields: Fields): string {
  const date = fields.text('date')
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) fields.fail('date', 'must be YYYY-MM-DD')
  return date
}

const count = (fields: Fields, name: string): number => fields.integer(name, 1, Number.MAX_SAFE_INTEGER)

function parsePoint(reader: Reader): OperatingPoint {
  const fields = readFields(reader, {
    required: ['fmr', 'threshold', 'fnmr', 'dataset', 'mated', 'nonMated', 'date'],
    optional: [],
  })
  const fmr = fields.number('fmr', 1e-9, 1)
  const nonMated = count(fields, 'nonMated')
  if (fmr < 3 / nonMated) fields.fail('fmr', `cannot be shown by ${nonMated} non-mated pairs`)
  return {
    fmr,
    threshold: fields.number('threshold', -1e6, 1e6),
    fnmr: fields.number('fnmr', 0, 1),
    dataset: fields.text('dataset'),
    mated: count(fields, 'mated'),
    nonMated,
    date: parseDate(fields),
  }
}

function parsePadPoint(reader: Reader): PadOperatingPoint {
  const fields = readFields(reader, {
    required: ['apcer', 'threshold', 'bpcer', 'dataset', 'attacks', 'bonaFide', 'date'],
    optional: [],
  })
  const apcer = fields.number('apcer', 1e-9, 1)
  const attacks = count(fields, 'attacks')
  if (apcer < 3 / attacks) fields.fail('apcer', `cannot be shown by ${attacks} attacks`)
  return {
    apcer,
    // Above 0: a score of [0, 1] reaches 0 always, and a demand that everything meets is none.
    threshold: fields.number('threshold', 1e-6, 1),
    bpcer: fields.number('bpcer', 0, 1),
    dataset: fields.text('dataset'),
    attacks,
    bonaFide: count(fields, 'bonaFide'),
    date: parseDate(fields),
  }
}

/** Points in the order of falling rate; a lower rate must not have a lower threshold. */
function inOrder<P extends { readonly threshold: number }>(
  readers: readonly Reader[],
  parse: (reader: Reader) => P,
  rateOf: (point: P) => number,
  rate: string,
): P[] {
  const points = readers.map(parse).sort((a, b) => rateOf(b) - rateOf(a))
  points.forEach((point, index) => {
    const before = points[index - 1]
    if (before && (point.threshold < before.threshold || rateOf(point) === rateOf(before)))
      readers[0]!.fail(`thresholds must rise as the ${rate} falls`)
  })
  return points
}

/** Of a comparison network. @throws IpseError `model_invalid` naming the field */
export function parsePoints(readers: readonly Reader[]): OperatingPoint[] {
  return inOrder(readers, parsePoint, ({ fmr }) => fmr, 'FMR')
}

/** Of a PAD network. @throws IpseError `model_invalid` naming the field */
export function parsePadPoints(readers: readonly Reader[]): PadOperatingPoint[] {
  return inOrder(readers, parsePadPoint, ({ apcer }) => apcer, 'APCER')
}

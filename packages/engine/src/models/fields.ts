/** Strict reading of an untrusted JSON value: every field is asked for by name and type, the rest is an error. */
import { IpseError } from '@ipse/protocol'

export interface Reader {
  /** Where we are, for the error message. */
  readonly path: string
  readonly value: unknown
  readonly fail: (message: string) => never
}

export interface Fields {
  has(name: string): boolean
  text(name: string): string
  number(name: string, min: number, max: number): number
  integer(name: string, min: number, max: number): number
  choice<const T extends string>(name: string, choices: readonly T[]): T
  /** Three numbers, or one that stands for three. */
  triple(name: string): [number, number, number]
  object(name: string): Reader
  list(name: string): readonly Reader[]
  fail(name: string, message: string): never
}

export function failAt(path: string): (message: string) => never {
  return (message) => {
    throw new IpseError('model_invalid', `${path} ${message}`)
  }
}

const MAX_TEXT = 512
const MAX_LIST = 64

/** @throws IpseError `model_invalid` when the value is no object, lacks a field or has one that is not known */
export function readFields(
  reader: Reader,
  names: { readonly required: readonly string[]; readonly optional: readonly string[] },
): Fields {
  const { value, path } = reader
  if (typeof value !== 'object' || value === null || Array.isArray(value)) reader.fail('must be an object')
  const record = value as Readonly<Record<string, unknown>>
  for (const name of Object.keys(record))
    if (!names.required.includes(name) && !names.optional.includes(name))
      failAt(`${path}.${name}`)('is not known')
  for (const name of names.required) if (!Object.hasOwn(record, name)) failAt(`${path}.${name}`)('is missing')
  const fail = (name: string, message: string): never => failAt(`${path}.${name}`)(message)
  const fields: Fields = {
    fail,
    has: (name) => Object.hasOwn(record, name),
    text(name) {
      const text = record[name]
      if (typeof text !== 'string' || text.length === 0 || text.length > MAX_TEXT)
        return fail(name, `must be a text of 1–${MAX_TEXT} characters`)
      return text
    },
    number(name, min, max) {
      const number = record[name]
      if (typeof number !== 'number' || !(number >= min && number <= max))
        return fail(name, `must be a number from ${min} to ${max}`)
      return number
    },
    integer(name, min, max) {
      const number = fields.number(name, min, max)
      return Number.isInteger(number) ? number : fail(name, 'must be a whole number')
    },
    choice(name, choices) {
      const found = choices.find((choice) => choice === record[name])
      return found ?? fail(name, `must be one of ${choices.join(', ')}`)
    },
    triple(name) {
      const given = record[name]
      const list: readonly unknown[] = Array.isArray(given) ? given : [given, given, given]
      const numbers = list.filter((item) => typeof item === 'number' && Number.isFinite(item)) as number[]
      if (list.length !== 3 || numbers.length !== 3) return fail(name, 'must be one number or three')
      return [numbers[0]!, numbers[1]!, numbers[2]!]
    },
    object: (name) => ({ path: `${path}.${name}`, value: record[name], fail: failAt(`${path}.${name}`) }),
    list(name) {
      const list = record[name]
      if (!Array.isArray(list) || list.length > MAX_LIST)
        return fail(name, `must be a list of at most ${MAX_LIST}`)
      return list.map((item: unknown, index) => {
        const at = `${path}.${name}[${index}]`
        return { path: at, value: item, fail: failAt(at) }
      })
    },
  }
  return fields
}

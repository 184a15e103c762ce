/** Values from a JSON Schema: such as it admits, and what a stranger would send instead. */
import fc from 'fast-check'
import type { Dice } from './random.ts'

/** The part of JSON Schema that `/openapi.json` uses. */
export interface JsonSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly format?: string
  readonly description?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
  readonly items?: JsonSchema | readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
}

/** What members of a name are filled with where the schema alone would find nothing that exists. */
export type Vocabulary = Readonly<Record<string, readonly unknown[]>>

/** Texts of a pattern are drawn once: so many of each. */
const POOL = 60
const pools = new Map<string, readonly string[]>()

function textsOf(pattern: string): readonly string[] {
  const pool =
    pools.get(pattern) ??
    fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: POOL, seed: pattern.length })
  pools.set(pattern, pool)
  return pool
}

/** A value that the schema admits. */
export function admitted(schema: JsonSchema, dice: Dice, words: Vocabulary = {}, name = ''): unknown {
  if (schema.anyOf) return admitted(dice.one(schema.anyOf), dice, words, name)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return dice.one(schema.enum)
  const known = words[name]
  // Those of a list fill its places.
  if (known !== undefined && known.length > 0 && schema.type !== 'array' && dice.chance(80))
    return dice.one(known)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([key]) => schema.required?.includes(key) || dice.chance(40))
          .map(([key, inner]) => [key, admitted(inner, dice, words, key)]),
      )
    case 'array': {
      const { items = {}, minItems = 0, maxItems = 3 } = schema
      const length = minItems + dice.below(Math.min(maxItems, minItems + 3) - minItems + 1)
      return Array.from({ length }, () => admitted(items as JsonSchema, dice, words, name))
    }
    case 'integer':
    case 'number': {
      const { minimum = -1000, maximum = 1000 } = schema
      const value = dice.one([minimum, maximum, minimum + (maximum - minimum) * (dice.below(1000) / 1000)])
      return schema.type === 'integer' ? Math.round(value) : value
    }
    case 'boolean':
      return dice.chance(50)
    case 'string': {
      if (schema.pattern !== undefined) return dice.one(textsOf(schema.pattern))
      const { minLength = 0, maxLength = 40 } = schema
      return 'x'.repeat(minLength + dice.below(Math.min(maxLength, minLength + 40) - minLength + 1))
    }
    default:
      return null
  }
}

const LONG = 70_000

/** What breaks parsers, comparisons, stores and logs; each is text of JSON. */
const STRANGE: readonly string[] = [
  'null',
  'true',
  '0',
  '-0',
  '-1',
  '1e308',
  '1e999',
  '-1e-320',
  '9007199254740993',
  '0.1',
  '""',
  '" "',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\ufeff"',
  '"\\u202e"',
  '"\u{1f9d1}\u200d\u{1f9b0}"',
  '"İıſK"',
  '"..\\/..\\/etc\\/passwd"',
  '"file:///etc/passwd"',
  '"http://127.0.0.1:1/"',
  '"data:image/png;base64,AAAA"',
  '"\' OR 1=1 --"',
  '"%00%0d%0aSet-Cookie:x"',
  '"\\r\\n\\r\\nHTTP/1.1 200 OK"',
  '"__proto__"',
  '"constructor"',
  '"toString"',
  '"{{7*7}}"',
  '"2026-99-99T99:99:99Z"',
  '"9999-12-31T23:59:60+99:99"',
  '[]',
  '[[]]',
  '{}',
  '{"length":1}',
  '{"then":1}',
  '{"toString":1,"valueOf":1}',
  '{"toJSON":1}',
  `"${'a'.repeat(LONG)}"`,
  `[${'0,'.repeat(20_000)}0]`,
  '['.repeat(5_000) + ']'.repeat(5_000),
  `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`,
]

/** Members that change prototypes where somebody assigns them. */
const POLLUTION: readonly string[] = [
  '"__proto__":{"policy":"demo"}',
  '"__proto__":null',
  '"constructor":{"prototype":{"scopes":["session:read"]}}',
  '"prototype":{"tenant":"vault"}',
  '"\\u005f_proto__":{"tenant":"vault"}',
  '"tenant":"vault"',
  '"scopes":["face:verify"]',
  '"isAdmin":true',
  '"url":"http://127.0.0.1:1/"',
  '"path":"/etc/passwd"',
]

/** JSON text of the value with one or more things wrong in it. */
export function spoiled(value: unknown, dice: Dice): string {
  let text = JSON.stringify(value) ?? 'null'
  for (let times = 1 + dice.below(3); times > 0; times--) text = spoilOnce(text, dice)
  return text
}

function spoilOnce(text: string, dice: Dice): string {
  const kind = dice.weighted({ replace: 5, pollute: 3, repeat: 2, drop: 2, cut: 1, insert: 1, strange: 1 })
  const places = [...text.matchAll(/(?<=[:[,])(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/g)]
  const at = dice.below(text.length + 1)
  switch (kind) {
    case 'replace': {
      if (places.length === 0) return dice.one(STRANGE)
      const { index, 0: old } = dice.one(places)
      return text.slice(0, index) + dice.one(STRANGE) + text.slice(index + old.length)
    }
    case 'pollute':
      return text.startsWith('{')
        ? `{${dice.one(POLLUTION)}${text === '{}' ? '' : ','}${text.slice(1)}`
        : `{${dice.one(POLLUTION)}}`
    case 'repeat': {
      const members = [...text.matchAll(/"[A-Za-z]+":(?:"[^"\\]*"|\d+|true|false)/g)].map(
        ([member]) => member,
      )
      return members.length === 0 ? text : `{${dice.one(members)},${text.slice(1)}`
    }
    case 'drop':
      return text.replace(/"[A-Za-z]+":(?:"[^"\\]*"|[\d.]+|true|false),?/, '')
    case 'cut':
      return text.slice(0, at)
    case 'insert':
      return (
        text.slice(0, at) + dice.one(['\u0000', '"', '}', ',', '\\', '\ufeff', '//', '1e']) + text.slice(at)
      )
    default:
      return dice.one(STRANGE)
  }
}

/** What strangers and relying parties may send to the API, valid, spoiled and forged: the short form of `node tools/fuzz.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFixture } from '../fixture.ts'
import { fuzzApi } from './api-fuzz.ts'
import { KINDS } from './requests.ts'
import type { JsonSchema } from './schema-values.ts'
import { documentedOperations, type Operation } from './world.ts'

/** Each run of the tests asks the same; the long form takes any seed. */
const REQUESTS = 12_000
const SEED = 20261121

test('no request makes a server error, breaks the document, or opens what is not the caller’s', async (t) => {
  const { findings, found, kinds, served, statuses, codes } = await fuzzApi(REQUESTS, SEED)
  assert.deepEqual([found, findings], [0, []])
  // A generator that never gets past the door would find nothing either.
  assert.deepEqual(Object.keys(kinds).sort(), Object.keys(KINDS).sort())
  const operations = await operationsOf()
  const never = operations.map(({ method, path }) => `${method} ${path}`).filter((name) => !served[name])
  // One review can be decided once, and only while its device is not unlocked; a key renews itself alone; a policy
  // is taken back when one is active. No picture is kept here, and a tile is named by more than its schema says.
  assert.deepEqual(
    never.filter((name) => !/decision|rotate|rollback|media\/\{n\}|tile/.test(name)),
    [],
  )
  assert.ok((served.administration ?? 0) > 5)
  assert.ok(Object.keys(codes).length >= 10, JSON.stringify(codes))
  t.diagnostic(`${REQUESTS} requests: ${JSON.stringify(statuses)}`)
})

async function operationsOf(): Promise<Operation[]> {
  await using fixture = await startFixture()
  return documentedOperations(fixture)
}

/** Every schema within one, with its place. */
function* inside(schema: JsonSchema, at: string): Generator<readonly [string, JsonSchema]> {
  yield [at, schema]
  for (const [name, inner] of Object.entries(schema.properties ?? {})) yield* inside(inner, `${at}/${name}`)
  for (const inner of schema.anyOf ?? []) yield* inside(inner, at)
  for (const inner of [schema.items ?? []].flat()) yield* inside(inner as JsonSchema, `${at}[]`)
}

const requestSchemas = (operations: readonly Operation[]) =>
  operations.flatMap(({ method, path, body, parameters }) => [
    ...inside(body ?? {}, `${method} ${path} body`),
    ...parameters.flatMap(({ name, schema }) => [...inside(schema, `${method} ${path} ${name}`)]),
  ])

test('every request schema is closed, and every text and list in it has an end', async () => {
  const loose = requestSchemas(await operationsOf()).filter(
    ([, { type, properties, additionalProperties, enum: list, maxLength, pattern, maxItems }]) =>
      (properties !== undefined && additionalProperties !== false) ||
      (type === 'string' &&
        !list &&
        maxLength === undefined &&
        !/\{\d+(,\d+)?\}|^\^\(/.test(pattern ?? '')) ||
      (type === 'array' && maxItems === undefined),
  )
  assert.deepEqual(
    loose.map(([at]) => at),
    [],
  )
})

test('nothing in a request is an address or a path that the service would follow', async () => {
  const named = requestSchemas(await operationsOf())
    .filter(
      ([at, { format, description = '' }]) =>
        /ur[il]|path|file|href|src|origin|network|host|callback|webhook/i.test(at.split('/').at(-1) ?? '') ||
        format !== undefined ||
        /\bUR[IL]\b/i.test(description),
    )
    .map(([at]) => at)
  // Compared with the Origin header and the address of a capture, never opened.
  assert.deepEqual(named, [
    'POST /v1/sessions body/allowedOrigins',
    'POST /v1/sessions body/allowedOrigins[]',
    'POST /v1/sessions body/allowedNetworks',
    'POST /v1/sessions body/allowedNetworks[]',
  ])
})

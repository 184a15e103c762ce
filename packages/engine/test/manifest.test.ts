/** The operator's manifest: strict reading, and networks of the operator in the place of the shipped ones. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import { GraphBuilder } from '../src/convert/builder.ts'
import { encodeModel } from '../src/convert/onnx.ts'
import { createEngine, parseManifest } from '../src/index.ts'
import { HUMAN_MODELS } from './original.ts'
import { photograph } from './photographs.ts'

const folder = mkdtempSync(join(tmpdir(), 'ipse-models-'))
after(() => rmSync(folder, { recursive: true }))

/** A network whose embedding is the face's mean colour. */
function meanColour(): Uint8Array {
  const builder = new GraphBuilder('mean-colour')
  const input = builder.input('image', [1, 3, 112, 112])
  const pooled = builder.add('GlobalAveragePool', [input], 'pooled')
  builder.output(builder.add('Flatten', [pooled], 'embedding', { axis: 1 }))
  return encodeModel(builder.build())
}

/** A PAD network, channels last, with two logits: redness, and its opposite. */
function redness(): Uint8Array {
  const builder = new GraphBuilder('redness')
  const input = builder.input('image', [1, 80, 80, 3])
  const first = builder.add('Transpose', [input], 'planar', { perm: [0, 3, 1, 2] })
  const pooled = builder.add('GlobalAveragePool', [first], 'pooled')
  const flat = builder.add('Flatten', [pooled], 'flat', { axis: 1 })
  builder.floats('weights', [3, 2], Float32Array.of(1, -1, -1, 1, 0, 0))
  builder.output(builder.add('MatMul', [flat, 'weights'], 'logits'))
  return encodeModel(builder.build())
}

function store(file: string, data: Uint8Array): { file: string; sha256: string } {
  writeFileSync(join(folder, file), data)
  return { file, sha256: createHash('sha256').update(data).digest('hex') }
}

const point = (fmr: number, threshold: number): Record<string, unknown> => ({
  fmr,
  threshold,
  fnmr: 0.02,
  dataset: 'own panel',
  mated: 500,
  nonMated: 50_000,
  date: '2026-11-01',
})

const embedding = (): Record<string, unknown> => ({
  id: 'mean-colour',
  role: 'embedding',
  ...store('mean-colour.onnx', meanColour()),
  licence: 'CC0-1.0',
  input: {
    width: 112,
    height: 112,
    layout: 'NCHW',
    channels: 'BGR',
    mean: 127.5,
    std: 127.5,
    align: 'arcface112',
  },
  output: { kind: 'vector', name: 'embedding' },
  operatingPoints: [point(1e-3, 0.999), point(1e-2, 0.99)],
})

const pad = (): Record<string, unknown> => ({
  id: 'redness',
  role: 'pad',
  version: '7',
  ...store('redness.onnx', redness()),
  licence: 'CC0-1.0',
  input: {
    name: 'image',
    width: 80,
    height: 80,
    layout: 'NHWC',
    channels: 'RGB',
    mean: [0, 0, 0],
    std: [255, 255, 255],
    align: 'crop',
    cropScale: 2.7,
  },
  output: { kind: 'softmax', bonaFideIndex: 0 },
})

const invalid = (words: RegExp) => (error: unknown) =>
  error instanceof IpseError && error.code === 'model_invalid' && words.test(error.message)

test("an operator's networks take the place of comparison and join texture PAD", async () => {
  const manifest = parseManifest({ models: [embedding(), pad()] })
  const engine = await createEngine({ threads: 1, modelsDir: folder, manifest })
  try {
    const ids = engine.models.map((model) => `${model.role}:${model.id}`)
    assert.ok(ids.includes('embedding:mean-colour') && ids.includes('pad:redness'))
    assert.ok(!ids.includes('embedding:dlib128') && !ids.includes('embedding:faceres'))
    assert.match(engine.templateModelId, /^mean-colour\/[0-9a-f]{12}$/)
    assert.deepEqual(
      engine.operatingPoints.map((p) => p.fmr),
      [1e-2, 1e-3],
    )
    assert.equal(engine.defaultOperatingPoint.fmr, 1e-3)
    const options = { template: true, texture: true }
    const frame = await engine.measure(photograph('sample6'), options)
    assert.equal(frame.template!.vector.length, 3)
    /** BGR, normalised: skin is redder than it is blue, so the third channel is the largest. */
    const [blue, green, red] = frame.template!.vector
    assert.ok(red! > green! && green! > blue!)
    const same = engine.compare(frame.template!, frame.template!)
    assert.ok(Math.abs(same.score - 1) < 1e-6 && same.similarity > 0.5)
    assert.deepEqual(Object.keys(frame.texture!).sort(), ['antispoof', 'liveness', 'redness'])
    const measured = frame.texture!.redness!
    assert.equal(measured.status, 'assessed')
    assert.ok(measured.status === 'assessed' && measured.native > 0)
    const expected = measured.status === 'assessed' ? 1 / (1 + Math.exp(-2 * measured.native)) : 0
    assert.ok(measured.status === 'assessed' && Math.abs(measured.score - expected) < 1e-5)
  } finally {
    await engine.close()
  }
})

const WRONG: readonly (readonly [string, (model: Record<string, never>) => unknown, RegExp])[] = [
  ['an unknown field', (m) => ({ ...m, treshold: 1 }), /models\[0\]\.treshold is not known/],
  ['an unknown role', (m) => ({ ...m, role: 'detector' }), /role must be one of/],
  ['a short hash', (m) => ({ ...m, sha256: 'abc' }), /sha256/],
  ['a path that climbs', (m) => ({ ...m, file: '../secret.onnx' }), /inside the models folder/],
  ['an absolute path', (m) => ({ ...m, file: '/etc/passwd' }), /inside the models folder/],
  ['no licence', ({ licence: _, ...m }) => m, /licence is missing/],
  ['a text for a size', (m) => ({ ...m, input: { ...(m.input as object), width: '112' } }), /input\.width/],
  [
    'a size that is not square',
    (m) => ({ ...m, input: { ...(m.input as object), height: 96 } }),
    /equal width/,
  ],
  ['a deviation of zero', (m) => ({ ...m, input: { ...(m.input as object), std: 0 } }), /input\.std/],
  ['two means', (m) => ({ ...m, input: { ...(m.input as object), mean: [1, 2] } }), /input\.mean/],
  [
    'a crop without a scale',
    (m) => ({ ...m, input: { ...(m.input as object), align: 'crop' } }),
    /cropScale/,
  ],
  ['no operating point', (m) => ({ ...m, operatingPoints: [] }), /at least one/],
  [
    'an FMR that the pairs cannot carry',
    (m) => ({ ...m, operatingPoints: [point(1e-5, 1)] }),
    /50000 non-mated/,
  ],
  [
    'thresholds that fall with the FMR',
    (m) => ({ ...m, operatingPoints: [point(1e-2, 0.9), point(1e-3, 0.8)] }),
    /must rise/,
  ],
  [
    'a PAD output for an embedding',
    (m) => ({ ...m, output: { kind: 'softmax', bonaFideIndex: 0 } }),
    /not known/,
  ],
]

const padPoint = (apcer: number, threshold: number): Record<string, unknown> => ({
  apcer,
  threshold,
  bpcer: 0.03,
  dataset: 'own panel',
  attacks: 120,
  bonaFide: 300,
  date: '2026-11-01',
})

test('a PAD network states operating points of its own kind, each carried by enough attacks of the rarest species', () => {
  const parse = (points: readonly unknown[]) =>
    parseManifest({ models: [{ ...pad(), operatingPoints: points }] }).models[0]!
  const { padPoints, operatingPoints } = parse([padPoint(0.05, 0.6), padPoint(0.1, 0.4)])
  assert.deepEqual([padPoints.map(({ apcer }) => apcer), operatingPoints], [[0.1, 0.05], []])
  assert.deepEqual(parse([]).padPoints, [])
  assert.throws(() => parse([padPoint(0.01, 0.6)]), invalid(/apcer cannot be shown by 120 attacks/))
  assert.throws(() => parse([padPoint(0.05, 0)]), invalid(/threshold/))
  assert.throws(
    () => parse([padPoint(0.05, 0.4), padPoint(0.1, 0.6)]),
    invalid(/must rise as the APCER falls/),
  )
  assert.throws(() => parse([point(1e-3, 0.5)]), invalid(/fmr is not known/))
})

for (const [name, change, words] of WRONG) {
  test(`a manifest with ${name} is refused`, () => {
    const model = embedding() as Record<string, never>
    assert.throws(() => parseManifest({ models: [change(model)] }), invalid(words))
  })
}

test('a manifest that is no manifest is refused', () => {
  for (const value of [null, [], 'x', 3, {}, { models: {} }, { models: [null] }, { models: [], more: 1 }])
    assert.throws(() => parseManifest(value), invalid(/manifest/))
  assert.throws(() => parseManifest({ models: [embedding(), embedding()] }), invalid(/two models of one id/))
})

test("an operator's model that is missing, altered or of another shape is an error at the start", async () => {
  const start = (model: Record<string, unknown>, modelsDir: string | undefined = folder) =>
    createEngine({
      threads: 1,
      manifest: parseManifest({ models: [model] }),
      ...(modelsDir === undefined ? {} : { modelsDir }),
    })
  await assert.rejects(start({ ...embedding(), file: 'absent.onnx' }), invalid(/absent\.onnx is missing/))
  await assert.rejects(
    start({ ...embedding(), sha256: '0'.repeat(64) }),
    invalid(/mean-colour\.onnx is altered/),
  )
  const wide = { ...embedding(), input: { ...(embedding().input as object), width: 96, height: 96 } }
  await assert.rejects(start(wide), invalid(/mean-colour: the model takes \[1,3,112,112\]/))
  await assert.rejects(
    start({ ...embedding(), output: { kind: 'vector', name: 'nowhere' } }),
    invalid(/there is no output nowhere/),
  )
  await assert.rejects(
    start({ ...pad(), output: { kind: 'softmax', bonaFideIndex: 2 } }),
    invalid(/no output element 2/),
  )
  const noise = {
    ...embedding(),
    ...store(
      'noise.onnx',
      Uint8Array.from({ length: 999 }, (_, i) => i % 251),
    ),
  }
  await assert.rejects(start(noise), invalid(/mean-colour/))
})

test('a shipped model that is altered in the models folder is an error that names the file', async () => {
  const copy = join(folder, '@vladmandic', 'human', 'models', 'faceres.bin')
  mkdirSync(dirname(copy), { recursive: true })
  cpSync(join(HUMAN_MODELS, 'faceres.bin'), copy)
  const data = readFileSync(copy)
  data[1234]! ^= 1
  writeFileSync(copy, data)
  await assert.rejects(
    createEngine({ threads: 1, modelsDir: folder }),
    invalid(/@vladmandic\/human\/models\/faceres\.bin is altered/),
  )
  rmSync(join(folder, '@vladmandic'), { recursive: true })
})

test('a shipped model that is missing is an error that names the file', async () => {
  const { readShipped } = await import('../src/models/source.ts')
  const file = { path: '@vladmandic/human/models/no-such-model.bin', sha256: '0'.repeat(64) }
  await assert.rejects(readShipped(file, undefined), invalid(/no-such-model\.bin is missing/))
})

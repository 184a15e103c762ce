/**
 * The operator's model manifest: which ONNX networks to use beside or instead of the shipped ones, what they expect
 * and what was measured with them. Everything in it is checked before a model is touched; unknown fields are errors.
 */
import { failAt, type Reader, readFields } from './models/fields.ts'
import { parsePadPoints, parsePoints } from './models/operating-points.ts'
import type { OperatingPoint, PadOperatingPoint } from './types.ts'

export interface Manifest {
  readonly models: readonly ManifestModel[]
}

export interface ModelInput {
  /** Name of the input, checked against the model when given. */
  readonly name?: string
  readonly width: number
  readonly height: number
  readonly layout: 'NCHW' | 'NHWC'
  readonly channels: 'RGB' | 'BGR'
  /** Tensor value = (byte − mean) / std, bytes 0–255; per channel in the order of `channels`, or one for all. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
  /** `arcface112`: five-point similarity to the ArcFace template; `crop`: upright square around the box. */
  readonly align: 'arcface112' | 'crop'
  /** Side of the crop as a multiple of the box's longer side; for `crop`. */
  readonly cropScale: number
}

/**
 * `vector`: an embedding. PAD: `softmax` of logits, `probabilities` as they are, or the `sigmoid` of one logit; the
 * score is the element `bonaFideIndex`.
 */
export type ModelOutput =
  | { readonly kind: 'vector'; readonly name?: string }
  | {
      readonly kind: 'softmax' | 'probabilities' | 'sigmoid'
      readonly name?: string
      readonly bonaFideIndex: number
    }

export interface ManifestModel {
  readonly id: string
  readonly role: 'embedding' | 'pad'
  readonly version: string
  /** Path of the ONNX file inside the models folder. */
  readonly file: string
  readonly sha256: string
  readonly licence: string
  readonly input: ModelInput
  readonly output: ModelOutput
  /** For `embedding`: at least one; the one with the lowest FMR is the default. */
  readonly operatingPoints: readonly OperatingPoint[]
  /** For `pad`, from the same member of the document; without any the network is reported and judges nothing. */
  readonly padPoints: readonly PadOperatingPoint[]
}

function parseInput(reader: Reader): ModelInput {
  const fields = readFields(reader, {
    required: ['width', 'height', 'layout', 'channels', 'mean', 'std', 'align'],
    optional: ['name', 'cropScale'],
  })
  const align = fields.choice('align', ['arcface112', 'crop'])
  const width = fields.integer('width', 8, 1024)
  const height = fields.integer('height', 8, 1024)
  if (width !== height) fields.fail('height', 'must equal width')
  const std = fields.triple('std')
  if (std.some((value) => value <= 0)) fields.fail('std', 'must be greater than 0')
  if (align === 'crop' && !fields.has('cropScale')) fields.fail('cropScale', 'is required for "crop"')
  return {
    ...(fields.has('name') ? { name: fields.text('name') } : {}),
    width,
    height,
    layout: fields.choice('layout', ['NCHW', 'NHWC']),
    channels: fields.choice('channels', ['RGB', 'BGR']),
    mean: fields.triple('mean'),
    std,
    align,
    cropScale: fields.has('cropScale') ? fields.number('cropScale', 0.5, 8) : 1,
  }
}

function parseOutput(reader: Reader, role: 'embedding' | 'pad'): ModelOutput {
  const required = role === 'pad' ? ['kind', 'bonaFideIndex'] : ['kind']
  const fields = readFields(reader, { required, optional: ['name'] })
  const name = fields.has('name') ? { name: fields.text('name') } : {}
  if (role === 'embedding') return { kind: fields.choice('kind', ['vector']), ...name }
  return {
    kind: fields.choice('kind', ['softmax', 'probabilities', 'sigmoid']),
    ...name,
    bonaFideIndex: fields.integer('bonaFideIndex', 0, 1023),
  }
}

function parseModel(reader: Reader): ManifestModel {
  const fields = readFields(reader, {
    required: ['id', 'role', 'file', 'sha256', 'licence', 'input', 'output'],
    optional: ['version', 'operatingPoints'],
  })
  const role = fields.choice('role', ['embedding', 'pad'])
  const id = fields.text('id')
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(id)) fields.fail('id', 'must be 1–64 of a–z 0–9 . _ -')
  const sha256 = fields.text('sha256')
  if (!/^[0-9a-f]{64}$/.test(sha256)) fields.fail('sha256', 'must be 64 hex digits')
  const file = fields.text('file')
  if (file.split(/[\\/]/).includes('..') || /^([\\/]|[A-Za-z]:)/.test(file))
    fields.fail('file', 'must be a path inside the models folder')
  const points = fields.has('operatingPoints') ? fields.list('operatingPoints') : []
  if (role === 'embedding' && points.length === 0)
    fields.fail('operatingPoints', 'must have at least one point')
  return {
    id,
    role,
    version: fields.has('version') ? fields.text('version') : sha256.slice(0, 12),
    file,
    sha256,
    licence: fields.text('licence'),
    input: parseInput(fields.object('input')),
    output: parseOutput(fields.object('output'), role),
    operatingPoints: role === 'embedding' ? parsePoints(points) : [],
    padPoints: role === 'pad' ? parsePadPoints(points) : [],
  }
}

/**
 * Parses a manifest.
 * @param value the parsed JSON document, of unknown origin
 * @throws IpseError `model_invalid` naming the field
 */
export function parseManifest(value: unknown): Manifest {
  const reader: Reader = readerOf(value)
  const fields = readFields(reader, { required: ['models'], optional: [] })
  const models = fields.list('models').map(parseModel)
  const ids = new Set(models.map((model) => model.id))
  if (ids.size !== models.length) fields.fail('models', 'has two models of one id')
  if (models.filter((model) => model.role === 'embedding').length > 1)
    fields.fail('models', 'has more than one embedding network')
  return { models }
}

function readerOf(value: unknown): Reader {
  return { path: 'manifest', value, fail: failAt('manifest') }
}

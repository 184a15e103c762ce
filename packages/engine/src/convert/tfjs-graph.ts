/**
 * TensorFlow.js graph model (topology + weights) → ONNX graph.
 * Inside, images travel channels first: the input is [1, 3, height, width], rank-4 outputs are turned back to
 * channels last, so that outputs agree element by element with the original.
 */
import { GraphBuilder } from './builder.ts'
import type { Graph } from './onnx.ts'
import { OPERATIONS } from './tfjs-operations.ts'
import { readWeights, type Weight, type WeightGroup } from './weights.ts'

export interface TfNode {
  readonly name: string
  readonly op: string
  readonly input?: readonly string[]
  readonly attr?: Readonly<Record<string, TfAttribute>>
}

interface TfAttribute {
  readonly s?: string
  readonly b?: boolean
  readonly list?: { readonly i?: readonly string[]; readonly s?: readonly string[] }
  readonly shape?: { readonly dim: readonly { readonly size: string }[] }
}

export interface GraphModel {
  readonly modelTopology: { readonly node: readonly TfNode[] }
  readonly weightsManifest: readonly WeightGroup[]
  readonly signature?: { readonly outputs?: Readonly<Record<string, { readonly name: string }>> }
}

/** A computed value: its ONNX name, and height and width when it is an image batch (channels first). */
export interface Value {
  readonly name: string
  readonly size?: Size
}

export interface Size {
  readonly height: number
  readonly width: number
}

/** What an operation sees: its node, the graph under construction, constants and the values computed before. */
export interface Scope {
  readonly node: TfNode
  readonly builder: GraphBuilder
  /** The constant at input `index`, if it is one. */
  constant(index: number): Weight | undefined
  /** The floats of the constant at input `index`. @throws Error when it is none */
  floats(index: number): { readonly dims: readonly number[]; readonly data: Float32Array }
  /** The whole numbers of the constant at input `index`. @throws Error when it is none */
  integers(index: number): readonly number[]
  value(index: number): Value
  text(attribute: string): string
  list(attribute: string): readonly number[]
  flag(attribute: string): boolean
}

const plain = (input: string): string => input.replace(/^\^/, '').replace(/:0$/, '')

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1')

/** The activations that were fused into a convolution or a product, without the bias: `Relu` or `Prelu`. */
export function fusedActivations(node: TfNode): readonly string[] {
  return (node.attr?.fused_ops?.list?.s ?? []).map(decode).filter((op) => op !== 'BiasAdd')
}

function scopeOf(
  node: TfNode,
  builder: GraphBuilder,
  weights: ReadonlyMap<string, Weight>,
  values: ReadonlyMap<string, Value>,
): Scope {
  const name = (index: number): string => plain(node.input?.[index] ?? '')
  const scope: Scope = {
    node,
    builder,
    constant: (index) => weights.get(name(index)),
    floats(index) {
      const weight = scope.constant(index)
      if (!weight?.floats) throw new Error(`${node.op} ${node.name}: input ${index} is not a float constant`)
      return { dims: weight.dims, data: weight.floats }
    },
    integers(index) {
      const integers = scope.constant(index)?.integers
      if (!integers) throw new Error(`${node.op} ${node.name}: input ${index} is not an integer constant`)
      return integers
    },
    value(index) {
      const value = values.get(name(index))
      if (!value) throw new Error(`${node.op} ${node.name}: input ${index} was not computed`)
      return value
    },
    text: (attribute) => decode(node.attr?.[attribute]?.s ?? ''),
    list: (attribute) => (node.attr?.[attribute]?.list?.i ?? []).map(Number),
    flag: (attribute) => node.attr?.[attribute]?.b === true,
  }
  return scope
}

/** Nodes so ordered that every input comes before its reader; the files do not promise it. */
function ordered(nodes: readonly TfNode[]): readonly TfNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const done = new Set<string>()
  const out: TfNode[] = []
  const visit = (node: TfNode): void => {
    if (done.has(node.name)) return
    done.add(node.name)
    for (const input of node.input ?? []) {
      const source = byName.get(plain(input))
      if (source) visit(source)
    }
    out.push(node)
  }
  for (const node of nodes) visit(node)
  return out
}

/** The names that the model gives out: those of its signature, or every value that no one reads. */
export function outputNames(model: GraphModel): readonly string[] {
  const signed = Object.values(model.signature?.outputs ?? {}).map((output) => plain(output.name))
  if (signed.length > 0) return signed
  const nodes = model.modelTopology.node
  const read = new Set(nodes.flatMap((node) => (node.input ?? []).map(plain)))
  return nodes.filter((node) => node.op !== 'Const' && !read.has(node.name)).map((node) => node.name)
}

/**
 * Converts a graph model.
 * @param outputs names of the values to give out; nodes that they do not need are left out. Default: all of them.
 * @throws Error naming the node when an operation, attribute or shape is not one of those that we know
 */
export function convertGraphModel(
  name: string,
  model: GraphModel,
  binary: Uint8Array,
  outputs: readonly string[] = outputNames(model),
): Graph {
  const weights = readWeights(model.weightsManifest, binary)
  const builder = new GraphBuilder(name)
  const values = new Map<string, Value>()
  for (const node of ordered(model.modelTopology.node)) {
    if (node.op === 'Const') continue
    const operation = OPERATIONS[node.op]
    if (!operation) throw new Error(`${name}: operation ${node.op} is not known`)
    values.set(node.name, operation(scopeOf(node, builder, weights, values)))
  }
  for (const output of outputs) {
    const value = values.get(output)
    if (!value) throw new Error(`${name}: there is no output ${output}`)
    const final = `output:${output}`
    if (value.size) builder.add('Transpose', [value.name], final, { perm: [0, 2, 3, 1] })
    else builder.add('Identity', [value.name], final)
    builder.output(final)
  }
  return builder.build()
}

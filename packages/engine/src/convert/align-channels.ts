/**
 * Widens inner channel counts to whole vector blocks. ONNX Runtime computes convolutions in blocks of 16 channels but
 * leaves that layout for every other operation on, say, 24: two copies per layer, a quarter of BlazeFace's time.
 * The added channels are zero from first to last, so that no number changes. For the same reason a padding of
 * channels becomes a 1 × 1 convolution with ones on its diagonal.
 */
import type { Graph, Node, Tensor } from './onnx.ts'

/** Floats in the widest vector register that ONNX Runtime uses on a CPU (AVX-512). */
const BLOCK = 16

/** Operations that keep a zero channel zero and can be widened. */
const WIDE = new Set(['Conv', 'Add', 'Relu', 'MaxPool', 'Pad'])

const blocks = (channels: number): number => BLOCK * Math.ceil(channels / BLOCK)

/** A filter or bias with more outputs, and for a filter more inputs, all of them zero. */
function widen({ dims, data }: Tensor, outputs: number, inputs?: number): Tensor {
  const [oldOutputs, oldInputs = 1, ...kernel] = dims as [number, ...number[]]
  const newInputs = inputs ?? oldInputs
  const area = kernel.reduce((product, size) => product * size, 1)
  const out = new Float32Array(outputs * newInputs * area)
  for (let output = 0; output < oldOutputs; output++) {
    const from = output * oldInputs * area
    const row = (data as Float32Array).subarray(from, from + oldInputs * area)
    out.set(row, output * newInputs * area)
  }
  return { dims: dims.length === 1 ? [outputs] : [outputs, newInputs, ...kernel], data: out }
}

/** A filter that passes every input channel on and gives zero for the rest. */
function identity(outputs: number, inputs: number): Tensor {
  const data = new Float32Array(outputs * inputs)
  for (let channel = 0; channel < inputs; channel++) data[channel * (inputs + 1)] = 1
  return { dims: [outputs, inputs, 1, 1], data }
}

/** Names that some reader wants at their exact width. */
function exactNames(graph: Graph): Set<string> {
  const exact = new Set([...graph.inputs, ...graph.outputs].map((port) => port.name))
  for (const node of graph.nodes) {
    const constant = node.op === 'Add' && node.inputs.some((name) => graph.initializers.has(name))
    if (!WIDE.has(node.op) || constant) for (const name of node.inputs) exact.add(name)
  }
  /** What is only passed on cannot be wider than what it is passed on to, and both sides of a sum are alike. */
  for (const node of graph.nodes.toReversed())
    if (node.op !== 'Conv' && exact.has(node.outputs[0]!)) for (const name of node.inputs) exact.add(name)
  for (const node of graph.nodes)
    if (node.op !== 'Conv' && node.inputs.some((name) => exact.has(name))) exact.add(node.outputs[0]!)
  return exact
}

/** The same graph, its inner channels widened to whole blocks. */
export function alignChannels(graph: Graph): Graph {
  const exact = exactNames(graph)
  const initializers = new Map(graph.initializers)
  /** Channels of each value, before and after. */
  const widths = new Map<string, { readonly old: number; readonly now: number }>()
  for (const { name, dims } of graph.inputs) widths.set(name, { old: dims![1]!, now: dims![1]! })
  const width = (name: string, old: number): { old: number; now: number } => ({
    old,
    now: exact.has(name) ? old : blocks(old),
  })
  const nodes = graph.nodes.map((node): Node => {
    const output = node.outputs[0]!
    const from = widths.get(node.inputs[0]!)
    if (!from) return node
    if (node.op === 'Pad') {
      const pads = graph.initializers.get(node.inputs[1]!)!.data
      const to = width(output, from.old + Number(pads[5]))
      widths.set(output, to)
      if (pads.some((pad, axis) => axis !== 5 && pad !== 0n))
        throw new Error(`${output}: pads more than channels`)
      const filter = `${output}/identity`
      initializers.set(filter, identity(to.now, from.now))
      initializers.delete(node.inputs[1]!)
      return { op: 'Conv', inputs: [node.inputs[0]!, filter], outputs: node.outputs }
    }
    if (node.op !== 'Conv') {
      if (WIDE.has(node.op)) widths.set(output, from)
      return node
    }
    const filter = graph.initializers.get(node.inputs[1]!)!
    const depthwise = node.attributes?.group !== undefined
    const to = depthwise ? from : width(output, filter.dims[0]!)
    widths.set(output, to)
    initializers.set(node.inputs[1]!, widen(filter, to.now, depthwise ? undefined : from.now))
    const bias = node.inputs[2]
    if (bias !== undefined) initializers.set(bias, widen(graph.initializers.get(bias)!, to.now))
    return depthwise ? { ...node, attributes: { ...node.attributes, group: to.now } } : node
  })
  return { ...graph, nodes, initializers }
}

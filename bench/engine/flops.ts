/** Multiply–accumulate operations of a graph, from the shapes that its nodes give. */
import type { Graph, Node } from '../../packages/engine/src/convert/onnx.ts'

type Dims = readonly number[]

function slide(from: Dims, node: Node, channels: number): Dims {
  const kernel = node.attributes!.kernel_shape as Dims
  const strides = (node.attributes!.strides as Dims | undefined) ?? [1, 1]
  const pads = (node.attributes!.pads as Dims | undefined) ?? [0, 0, 0, 0]
  const size = (axis: number): number =>
    Math.floor((from[2 + axis]! + pads[axis]! + pads[2 + axis]! - kernel[axis]!) / strides[axis]!) + 1
  return [1, channels, size(0), size(1)]
}

const product = (dims: Dims): number => dims.reduce((total, size) => total * size, 1)

/** Convolutions and matrix products only: everything else is less than a hundredth of the work. */
export function multiplyAccumulates(graph: Graph): number {
  const shapes = new Map<string, Dims>(graph.inputs.map((port) => [port.name, port.dims!]))
  for (const [name, tensor] of graph.initializers) shapes.set(name, tensor.dims)
  let total = 0
  for (const node of graph.nodes) {
    const from = shapes.get(node.inputs[0]!)!
    const output = node.outputs[0]!
    if (node.op === 'Conv') {
      const weights = shapes.get(node.inputs[1]!)!
      const shape = slide(from, node, weights[0]!)
      shapes.set(output, shape)
      total += product(shape) * weights[1]! * weights[2]! * weights[3]!
    } else if (node.op === 'MaxPool' || node.op === 'AveragePool') {
      shapes.set(output, slide(from, node, from[1]!))
    } else if (node.op === 'Gemm' || node.op === 'MatMul') {
      const weights = shapes.get(node.inputs[1]!)!
      total += product(weights)
      shapes.set(output, [1, weights[1]!])
    } else if (node.op === 'GlobalAveragePool') {
      shapes.set(output, [1, from[1]!, 1, 1])
    } else if (node.op === 'Pad') {
      const pads = graph.initializers.get(node.inputs[1]!)!.data
      const rank = from.length
      shapes.set(
        output,
        from.map((size, axis) => size + Number(pads[axis]) + Number(pads[rank + axis])),
      )
    } else if (node.op === 'Concat') {
      const channels = node.inputs.reduce((sum, name) => sum + shapes.get(name)![1]!, 0)
      shapes.set(output, [1, channels, ...from.slice(2)])
    } else {
      shapes.set(output, from)
    }
  }
  return total
}

/**
 * Leaves height and width of a network's input open: it then reads other sizes whose sides are divisible by all its strides
 * together, with the same padding and the same filters. For networks without a layer that wants one size.
 */
import type { Graph, Tensor } from './onnx.ts'

/** Written for a side that is not fixed, and for the one dimension of a `Reshape` that follows from the others. */
export const OPEN = -1

/** The elements of a batch of one are many, the last dimension belongs to the network: [1, n, c] becomes [1, open, c]. */
function withOpenCount({ dims, data }: Tensor): Tensor {
  if (data.length !== 3 || data[0] !== 1n) throw new Error('a shape is not [1, count, values]')
  return { dims, data: BigInt64Array.of(1n, BigInt(OPEN), BigInt(data[2]!)) }
}

/** @throws Error when a shape inside the network is not [1, count, values] */
export function openSize(graph: Graph): Graph {
  const initializers = new Map(graph.initializers)
  for (const { op, inputs } of graph.nodes) {
    const shape = op === 'Reshape' && initializers.get(inputs[1]!)
    if (shape) initializers.set(inputs[1]!, withOpenCount(shape))
  }
  const inputs = graph.inputs.map(({ name, dims }) => ({ name, dims: [...dims!.slice(0, 2), OPEN, OPEN] }))
  return { ...graph, inputs, initializers }
}

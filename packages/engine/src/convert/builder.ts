/** Collects nodes and weights while a network is rebuilt as an ONNX graph. */
import type { AttributeValue, Graph, Node, Port, Tensor } from './onnx.ts'

export class GraphBuilder {
  readonly nodes: Node[] = []
  readonly initializers = new Map<string, Tensor>()
  private readonly inputs: Port[] = []
  private readonly outputs: Port[] = []
  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  input(name: string, dims: readonly number[]): string {
    this.inputs.push({ name, dims })
    return name
  }

  output(name: string): void {
    this.outputs.push({ name })
  }

  /** Adds a node with one output of the given name and returns that name. */
  add(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes?: Readonly<Record<string, AttributeValue>>,
  ): string {
    this.nodes.push({ op, inputs, outputs: [output], ...(attributes ? { attributes } : {}) })
    return output
  }

  /** The node that computes `name`, if one does. */
  producer(name: string): Node | undefined {
    return this.nodes.findLast((node) => node.outputs.includes(name))
  }

  floats(name: string, dims: readonly number[], data: Float32Array): string {
    this.initializers.set(name, { dims, data })
    return name
  }

  integers(name: string, values: readonly number[]): string {
    this.initializers.set(name, { dims: [values.length], data: BigInt64Array.from(values, BigInt) })
    return name
  }

  scalar(value: number): string {
    const name = `scalar:${value}`
    this.initializers.set(name, { dims: [], data: Float32Array.of(value) })
    return name
  }

  /** The finished graph; weights and nodes that no output needs are left out. */
  build(): Graph {
    const needed = new Set(this.outputs.map((port) => port.name))
    const nodes: Node[] = []
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some((name) => needed.has(name))) continue
      for (const name of node.inputs) needed.add(name)
      nodes.unshift(node)
    }
    const initializers = new Map([...this.initializers].filter(([name]) => needed.has(name)))
    return { name: this.name, inputs: this.inputs, outputs: this.outputs, nodes, initializers }
  }
}

/**
 * An ONNX graph as plain data, and its encoding as a ModelProto.
 * Field numbers: github.com/onnx/onnx/blob/v1.18.0/onnx/onnx.proto
 */
import { bytes, finish, float, int, type Message, message, nested, string } from './protobuf.ts'

export type AttributeValue = number | string | readonly number[] | { readonly float: number }

/** One operation. A whole number is an INT attribute; write `{ float: 2 }` for FLOAT. */
export interface Node {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, AttributeValue>>
}

export interface Tensor {
  readonly dims: readonly number[]
  readonly data: Float32Array | BigInt64Array
}

export interface Port {
  readonly name: string
  readonly dims?: readonly number[]
}

/** All ports are FLOAT tensors. */
export interface Graph {
  readonly name: string
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  readonly nodes: readonly Node[]
  readonly initializers: ReadonlyMap<string, Tensor>
}

/** IR 8 and operator set 17 (ONNX 1.12, 2022): every runtime of the last years reads them. */
const IR_VERSION = 8
const OPSET = 17
const ELEMENT_FLOAT = 1
const ELEMENT_INT64 = 7
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 } as const

function encodeAttribute(name: string, value: AttributeValue): Message {
  const out = message()
  string(out, 1, name)
  if (typeof value === 'string') {
    string(out, 4, value)
    int(out, 20, ATTRIBUTE.string)
  } else if (typeof value === 'number') {
    int(out, 3, value)
    int(out, 20, ATTRIBUTE.int)
  } else if ('float' in value) {
    float(out, 2, value.float)
    int(out, 20, ATTRIBUTE.float)
  } else {
    for (const element of value) int(out, 8, element)
    int(out, 20, ATTRIBUTE.ints)
  }
  return out
}

function encodeNode(node: Node): Message {
  const out = message()
  for (const input of node.inputs) string(out, 1, input)
  for (const output of node.outputs) string(out, 2, output)
  string(out, 3, node.outputs[0]!)
  string(out, 4, node.op)
  for (const [name, value] of Object.entries(node.attributes ?? {}))
    nested(out, 5, encodeAttribute(name, value))
  return out
}

function encodeTensor(name: string, tensor: Tensor): Message {
  const out = message()
  for (const dim of tensor.dims) int(out, 1, dim)
  int(out, 2, tensor.data instanceof Float32Array ? ELEMENT_FLOAT : ELEMENT_INT64)
  string(out, 8, name)
  bytes(out, 9, new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength))
  return out
}

function encodePort(port: Port): Message {
  const shape = message()
  for (const size of port.dims ?? []) {
    const dim = message()
    int(dim, 1, size)
    nested(shape, 1, dim)
  }
  const tensorType = message()
  int(tensorType, 1, ELEMENT_FLOAT)
  if (port.dims) nested(tensorType, 2, shape)
  const type = message()
  nested(type, 1, tensorType)
  const out = message()
  string(out, 1, port.name)
  nested(out, 2, type)
  return out
}

/** The graph as the bytes of a ModelProto. Weights are little-endian, as the format demands. */
export function encodeModel(graph: Graph, shared = false): Uint8Array {
  const body = message()
  for (const node of graph.nodes) nested(body, 1, encodeNode(node))
  string(body, 2, graph.name)
  for (const [name, tensor] of graph.initializers) nested(body, 5, encodeTensor(name, tensor))
  for (const port of graph.inputs) nested(body, 11, encodePort(port))
  for (const port of graph.outputs) nested(body, 12, encodePort(port))
  const opset = message()
  string(opset, 1, '')
  int(opset, 2, OPSET)
  const model = message()
  int(model, 1, IR_VERSION)
  string(model, 2, 'ipse')
  nested(model, 7, body)
  nested(model, 8, opset)
  return finish(model, shared)
}

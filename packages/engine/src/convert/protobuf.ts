/**
 * A protobuf writer: just what an ONNX model needs (varint, fixed32, length-delimited fields).
 * Messages are kept as chunk lists, so that weights are copied once, at the end.
 * Source: protobuf.dev/programming-guides/encoding
 */

/** An encoded message: chunks in order and their total length in bytes. */
export interface Message {
  readonly chunks: Uint8Array[]
  length: number
}

const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED32 = 5
const text = new TextEncoder()

export function message(): Message {
  return { chunks: [], length: 0 }
}

function push(to: Message, chunk: Uint8Array): void {
  to.chunks.push(chunk)
  to.length += chunk.length
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

function tag(to: Message, field: number, wireType: number): void {
  push(to, varint(BigInt((field << 3) | wireType)))
}

/** An int32, int64 or enum field; negative numbers take ten bytes, as the format says. */
export function int(to: Message, field: number, value: number | bigint): void {
  tag(to, field, VARINT)
  push(to, varint(BigInt(value)))
}

export function float(to: Message, field: number, value: number): void {
  tag(to, field, FIXED32)
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  push(to, bytes)
}

/** A bytes field; the array is not copied until `finish`. */
export function bytes(to: Message, field: number, value: Uint8Array): void {
  tag(to, field, LENGTH_DELIMITED)
  push(to, varint(BigInt(value.length)))
  push(to, value)
}

export function string(to: Message, field: number, value: string): void {
  bytes(to, field, text.encode(value))
}

export function nested(to: Message, field: number, value: Message): void {
  tag(to, field, LENGTH_DELIMITED)
  push(to, varint(BigInt(value.length)))
  for (const chunk of value.chunks) to.chunks.push(chunk)
  to.length += value.length
}

/** The message as one array, in shared memory when several threads are to read it. */
export function finish(from: Message, shared = false): Uint8Array {
  const out = new Uint8Array(shared ? new SharedArrayBuffer(from.length) : new ArrayBuffer(from.length))
  let offset = 0
  for (const chunk of from.chunks) {
    out.set(chunk, offset)
    offset += chunk.length
  }
  return out
}

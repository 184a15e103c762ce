/**
 * Weight manifests of TensorFlow.js (graph models) and of face-api: float32, float16 and affine uint8 tensors in one
 * binary, in the order of the manifest. Source: github.com/tensorflow/tfjs, tfjs-core/src/io/io_utils.ts
 */

/** A weight as floats, or as whole numbers for shapes, paddings and axes. */
export interface Weight {
  readonly dims: readonly number[]
  readonly floats?: Float32Array
  readonly integers?: readonly number[]
}

interface Quantization {
  readonly dtype: 'uint8' | 'float16'
  readonly scale?: number
  readonly min?: number
}

interface Entry {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
  readonly quantization?: Quantization
}

export interface WeightGroup {
  readonly weights: readonly Entry[]
}

/** Every half-precision number as a single-precision one: bit patterns by IEEE 754-2019 §3.4. */
function halfTable(): Float32Array {
  const bits = new Uint32Array(65536)
  for (let half = 0; half < 65536; half++) {
    const sign = (half & 0x8000) << 16
    let exponent = (half >> 10) & 0x1f
    let fraction = half & 0x3ff
    if (exponent === 0x1f) {
      bits[half] = sign | 0x7f800000 | (fraction << 13)
    } else if (exponent === 0 && fraction === 0) {
      bits[half] = sign
    } else {
      if (exponent === 0) {
        exponent = 1
        while ((fraction & 0x400) === 0) {
          fraction <<= 1
          exponent--
        }
        fraction &= 0x3ff
      }
      bits[half] = sign | ((exponent + 112) << 23) | (fraction << 13)
    }
  }
  return new Float32Array(bits.buffer)
}

let halves: Float32Array | undefined

/** The binary with a start that suits typed arrays of two and four bytes. */
function aligned(data: Uint8Array, offset: number, length: number): ArrayBuffer {
  const copy = new ArrayBuffer(length)
  new Uint8Array(copy).set(data.subarray(offset, offset + length))
  return copy
}

function readFloats(entry: Entry, data: Uint8Array, offset: number, count: number): [Float32Array, number] {
  const quantization = entry.quantization
  if (!quantization) return [new Float32Array(aligned(data, offset, 4 * count)), 4 * count]
  const out = new Float32Array(count)
  if (quantization.dtype === 'float16') {
    halves ??= halfTable()
    const table = halves
    const source = new Uint16Array(aligned(data, offset, 2 * count))
    for (let i = 0; i < count; i++) out[i] = table[source[i]]
    return [out, 2 * count]
  }
  const { scale = 1, min = 0 } = quantization
  for (let i = 0; i < count; i++) out[i] = data[offset + i] * scale + min
  return [out, count]
}

/**
 * Reads all weights of a manifest from its binary.
 * @throws Error when the binary is shorter or longer than the manifest says
 */
export function readWeights(groups: readonly WeightGroup[], data: Uint8Array): Map<string, Weight> {
  const out = new Map<string, Weight>()
  let offset = 0
  for (const entry of groups.flatMap((group) => group.weights)) {
    const count = entry.shape.reduce((product, size) => product * size, 1)
    if (entry.dtype === 'int32') {
      const integers = Array.from(new Int32Array(aligned(data, offset, 4 * count)))
      out.set(entry.name, { dims: entry.shape, integers })
      offset += 4 * count
    } else {
      const [floats, size] = readFloats(entry, data, offset, count)
      out.set(entry.name, { dims: entry.shape, floats })
      offset += size
    }
  }
  if (offset !== data.length) throw new Error(`weights: ${data.length} bytes, the manifest says ${offset}`)
  return out
}

/**
 * The 128-d face recognition network of dlib (a 29-layer ResNet by Davis King, CC0), rebuilt from face-api's weights.
 * Input [1, 3, 150, 150], RGB, (x − mean) / 255 with mean (122.782, 117.001, 104.298); output [1, 128], not normalised.
 * Structure: @vladmandic/face-api src/faceRecognitionNet/{FaceRecognitionNet,residualLayer,convLayer}.ts
 */
import { GraphBuilder } from './builder.ts'
import { filterToOnnx } from './layout.ts'
import type { Graph } from './onnx.ts'
import { readWeights, type Weight, type WeightGroup } from './weights.ts'

/** The residual blocks in order; those that halve the image are marked. */
const BLOCKS: readonly (readonly [name: string, down: boolean])[] = [
  ['conv32_1', false],
  ['conv32_2', false],
  ['conv32_3', false],
  ['conv64_down', true],
  ['conv64_1', false],
  ['conv64_2', false],
  ['conv64_3', false],
  ['conv128_down', true],
  ['conv128_1', false],
  ['conv128_2', false],
  ['conv256_down', true],
  ['conv256_1', false],
  ['conv256_2', false],
  ['conv256_down_out', true],
]

class DlibNet {
  readonly builder = new GraphBuilder('face_recognition')
  private readonly weights: ReadonlyMap<string, Weight>

  constructor(weights: ReadonlyMap<string, Weight>) {
    this.weights = weights
  }

  floats(name: string): { dims: readonly number[]; data: Float32Array } {
    const weight = this.weights.get(name)
    if (!weight?.floats) throw new Error(`face_recognition: there is no weight ${name}`)
    return { dims: weight.dims, data: weight.floats }
  }

  channels(layer: string): number {
    return this.floats(`${layer}/conv/bias`).data.length
  }

  /** scale · (conv(x) + bias) + shift, with scale and shift folded into filter and bias. */
  convolution(from: string, layer: string, stride: 1 | 2, pads: readonly number[]): string {
    const { dims, data } = this.floats(`${layer}/conv/filters`)
    const bias = this.floats(`${layer}/conv/bias`).data
    const scale = this.floats(`${layer}/scale/weights`).data
    const shift = this.floats(`${layer}/scale/biases`).data
    const [height, width, inputs, outputs] = dims as [number, number, number, number]
    const filter = filterToOnnx(data, dims)
    const size = inputs * height * width
    const offset = new Float32Array(outputs)
    for (let output = 0; output < outputs; output++) {
      for (let i = output * size; i < (output + 1) * size; i++) filter[i]! *= scale[output]
      offset[output] = bias[output] * scale[output] + shift[output]
    }
    const weightName = this.builder.floats(`${layer}/filter`, [outputs, inputs, height, width], filter)
    const biasName = this.builder.floats(`${layer}/offset`, [outputs], offset)
    const attributes = { kernel_shape: [height, width], strides: [stride, stride], pads }
    return this.builder.add('Conv', [from, weightName, biasName], layer, attributes)
  }

  relu(from: string): string {
    return this.builder.add('Relu', [from], `${from}/relu`)
  }

  residual(from: string, block: string): string {
    const first = this.relu(this.convolution(from, `${block}/conv1`, 1, [1, 1, 1, 1]))
    const second = this.convolution(first, `${block}/conv2`, 1, [1, 1, 1, 1])
    return this.relu(this.builder.add('Add', [second, from], block))
  }

  /**
   * Halves the image: an unpadded stride-2 convolution beside an average pool. Where the convolution gives one row
   * and column less than the pool, zeros are added at the end; the pool gets zero channels.
   */
  residualDown(from: string, block: string, sizes: { conv: number; pool: number }): string {
    const first = this.relu(this.convolution(from, `${block}/conv1`, 2, [0, 0, 0, 0]))
    let branch = this.convolution(first, `${block}/conv2`, 1, [1, 1, 1, 1])
    if (sizes.conv !== sizes.pool) {
      const missing = sizes.pool - sizes.conv
      const pads = this.builder.integers(`${block}/pads`, [0, 0, 0, 0, 0, 0, missing, missing])
      branch = this.builder.add('Pad', [branch, pads], `${block}/padded`)
    }
    const attributes = { kernel_shape: [2, 2], strides: [2, 2] }
    let shortcut = this.builder.add('AveragePool', [from], `${block}/pool`, attributes)
    const inputs = this.floats(`${block}/conv1/conv/filters`).dims[2]!
    const outputs = this.channels(`${block}/conv2`)
    if (inputs !== outputs) {
      const pads = this.builder.integers(`${block}/channelPads`, [0, 0, 0, 0, 0, outputs - inputs, 0, 0])
      shortcut = this.builder.add('Pad', [shortcut, pads], `${block}/widened`)
    }
    return this.relu(this.builder.add('Add', [shortcut, branch], block))
  }
}

/**
 * Builds the network.
 * @throws Error naming the weight that is missing
 */
export function buildDlibNet(groups: readonly WeightGroup[], binary: Uint8Array): Graph {
  const net = new DlibNet(readWeights(groups, binary))
  const input = net.builder.input('input', [1, 3, 150, 150])
  let current = net.relu(net.convolution(input, 'conv32_down', 2, [0, 0, 0, 0]))
  const pooling = { kernel_shape: [3, 3], strides: [2, 2] }
  current = net.builder.add('MaxPool', [current], 'pool', pooling)
  let size = 35
  for (const [block, down] of BLOCKS) {
    if (!down) {
      current = net.residual(current, block)
      continue
    }
    const sizes = { conv: Math.floor((size - 3) / 2) + 1, pool: Math.floor(size / 2) }
    current = net.residualDown(current, block, sizes)
    size = sizes.pool
  }
  const pooled = net.builder.add('GlobalAveragePool', [current], 'mean')
  const flat = net.builder.add('Flatten', [pooled], 'flat', { axis: 1 })
  const fc = net.floats('fc')
  net.builder.floats('fc', fc.dims, fc.data)
  net.builder.output(net.builder.add('MatMul', [flat, 'fc'], 'output'))
  return net.builder.build()
}

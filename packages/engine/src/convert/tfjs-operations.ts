/**
 * The TensorFlow operations that the shipped networks use, each as its ONNX counterpart.
 * Semantics: tensorflow.org/api_docs/python/tf/raw_ops and github.com/onnx/onnx/blob/main/docs/Operators.md
 */
import { depthwiseToOnnx, filterToOnnx } from './layout.ts'
import { fusedActivations, type Scope, type Size, type Value } from './tfjs-graph.ts'

type Operation = (scope: Scope) => Value

const image = (name: string, size: Size): Value => ({ name, size })
const matrix = (name: string): Value => ({ name })

/** The image at input `index`. @throws Error when it is a matrix */
function imageAt(scope: Scope, index: number): { name: string; size: Size } {
  const { name, size } = scope.value(index)
  if (!size) throw new Error(`${scope.node.op} ${scope.node.name}: input ${index} is not an image`)
  return { name, size }
}

/** Padding before and after, and the size that follows, along one axis. */
function span(size: number, kernel: number, stride: number, same: boolean): [number, number, number] {
  if (!same) return [0, 0, Math.floor((size - kernel) / stride) + 1]
  const out = Math.ceil(size / stride)
  const total = Math.max(0, (out - 1) * stride + kernel - size)
  return [total >> 1, total - (total >> 1), out]
}

/** Attributes of a window that slides over height and width, and the size of what it gives. */
function slide(
  scope: Scope,
  from: Size,
  kernel_shape: readonly number[],
): { size: Size; attributes: Record<string, readonly number[]> } {
  const padding = scope.text('padding')
  const layout = scope.text('data_format')
  if (layout !== 'NHWC') throw new Error(`${scope.node.name}: data format ${layout}`)
  if (padding !== 'SAME' && padding !== 'VALID') throw new Error(`${scope.node.name}: padding ${padding}`)
  if (scope.list('dilations').some((d) => d !== 1)) throw new Error(`${scope.node.name}: dilated`)
  const strides = scope.list('strides').slice(1, 3)
  const [top, bottom, height] = span(from.height, kernel_shape[0]!, strides[0]!, padding === 'SAME')
  const [left, right, width] = span(from.width, kernel_shape[1]!, strides[1]!, padding === 'SAME')
  return { size: { height, width }, attributes: { kernel_shape, strides, pads: [top, left, bottom, right] } }
}

/** A per-channel constant as [channels, 1, 1], which broadcasts over a channels-first image. */
function perChannel(scope: Scope, index: number): string {
  const { data } = scope.floats(index)
  const name = `${scope.node.name}/channel${index}`
  return scope.builder.floats(name, [data.length, 1, 1], data)
}

/**
 * Parametric ReLU as α·x + (1 − α)·relu(x), both products as depthwise 1 × 1 convolutions: the runtime's own PRelu
 * leaves its blocked layout and took more time than all convolutions of the mesh network together.
 */
function parametricRelu(scope: Scope, from: string, to: string, slope: Float32Array): string {
  const { builder } = scope
  const channels = slope.length
  const attributes = { kernel_shape: [1, 1], group: channels }
  const low = builder.floats(`${to}/low`, [channels, 1, 1, 1], slope)
  const rest = slope.map((value) => 1 - value)
  const high = builder.floats(`${to}/high`, [channels, 1, 1, 1], rest)
  const positive = builder.add('Relu', [from], `${to}/positive`)
  const sloped = builder.add('Conv', [from, low], `${to}/sloped`, attributes)
  const straight = builder.add('Conv', [positive, high], `${to}/straight`, attributes)
  return builder.add('Add', [straight, sloped], to)
}

/** Applies the activations that were fused into the node to the value `from`. */
function activate(scope: Scope, from: string): string {
  let current = from
  for (const activation of fusedActivations(scope.node)) {
    const to = `${current}/${activation}`
    if (activation === 'Relu') current = scope.builder.add('Relu', [current], to)
    else if (activation === 'Prelu') current = parametricRelu(scope, current, to, scope.floats(3).data)
    else throw new Error(`${scope.node.name}: fused ${activation}`)
  }
  return current
}

const convolution: Operation = (scope) => {
  const { name } = scope.node
  const source = imageAt(scope, 0)
  const filter = scope.floats(1)
  const [height, width, inputs, outputs] = filter.dims as [number, number, number, number]
  const weights = scope.builder.floats(
    `${name}/filter`,
    [outputs, inputs, height, width],
    filterToOnnx(filter.data, filter.dims),
  )
  const from = [source.name, weights]
  if (scope.node.op === '_FusedConv2D')
    from.push(scope.builder.floats(`${name}/bias`, [outputs], scope.floats(2).data))
  const { size, attributes } = slide(scope, source.size, [height, width])
  scope.builder.add('Conv', from, name, attributes)
  return image(activate(scope, name), size)
}

const depthwise: Operation = (scope) => {
  const { name } = scope.node
  const source = imageAt(scope, 0)
  const filter = scope.floats(1)
  const [height, width, channels, multiplier] = filter.dims as [number, number, number, number]
  if (multiplier !== 1) throw new Error(`${name}: channel multiplier ${multiplier}`)
  const weights = scope.builder.floats(
    `${name}/filter`,
    [channels, 1, height, width],
    depthwiseToOnnx(filter.data, filter.dims),
  )
  const { size, attributes } = slide(scope, source.size, [height, width])
  return image(
    scope.builder.add('Conv', [source.name, weights], name, { ...attributes, group: channels }),
    size,
  )
}

const maxPool: Operation = (scope) => {
  const source = imageAt(scope, 0)
  const { size, attributes } = slide(scope, source.size, scope.list('ksize').slice(1, 3))
  return image(scope.builder.add('MaxPool', [source.name], scope.node.name, attributes), size)
}

/** A + B or A · B, where B may be a constant per channel. */
const binary =
  (op: 'Add' | 'Mul'): Operation =>
  (scope) => {
    const [constantAt, valueAt] = scope.constant(0) ? [0, 1] : [1, 0]
    const value = scope.value(valueAt)
    const constant = scope.constant(constantAt)
    let other: string
    if (!constant) other = scope.value(constantAt).name
    else if (value.size) other = perChannel(scope, constantAt)
    else {
      const { dims, data } = scope.floats(constantAt)
      other = scope.builder.floats(`${scope.node.name}/constant`, dims, data)
    }
    return { ...value, name: scope.builder.add(op, [value.name, other], scope.node.name) }
  }

const unary =
  (op: string, attributes?: Readonly<Record<string, number>>): Operation =>
  (scope) => {
    const value = scope.value(0)
    return { ...value, name: scope.builder.add(op, [value.name], scope.node.name, attributes) }
  }

/** min(x, c) after relu(x) is a Clip to [0, c], which the runtime joins with the convolution before it. */
const minimum: Operation = (scope) => {
  const value = scope.value(0)
  const inputs = [value.name, scope.builder.scalar(0), scope.builder.scalar(bound(scope))]
  if (scope.builder.producer(value.name)?.op !== 'Relu') throw new Error(`${scope.node.name}: no relu before`)
  return { ...value, name: scope.builder.add('Clip', inputs, scope.node.name) }
}

/** max(x, 0) of a value that was clipped from below is the value itself. */
const maximum: Operation = (scope) => {
  const value = scope.value(0)
  if (bound(scope) !== 0 || scope.builder.producer(value.name)?.op !== 'Clip')
    throw new Error(`${scope.node.name}: not the end of a clip to [0, c]`)
  return value
}

function bound(scope: Scope): number {
  const { data } = scope.floats(1)
  if (data.length !== 1) throw new Error(`${scope.node.name}: bound of ${data.length} elements`)
  return data[0]!
}

/** Zero padding; the four pairs of TensorFlow are in the order batch, height, width, channels. */
const pad: Operation = (scope) => {
  const source = imageAt(scope, 0)
  const pairs = scope.integers(1)
  const onnxAxes = [0, 3, 1, 2]
  const pads = [...onnxAxes.map((axis) => pairs[2 * axis]!), ...onnxAxes.map((axis) => pairs[2 * axis + 1]!)]
  const name = scope.builder.integers(`${scope.node.name}/pads`, pads)
  const size = {
    height: source.size.height + pairs[2]! + pairs[3]!,
    width: source.size.width + pairs[4]! + pairs[5]!,
  }
  return image(scope.builder.add('Pad', [source.name, name], scope.node.name), size)
}

/** Reads the elements in the order of TensorFlow: an image is turned to channels last first. */
const reshape: Operation = (scope) => {
  const value = scope.value(0)
  const { name } = scope.node
  const shape = scope.builder.integers(`${name}/shape`, scope.integers(1))
  const from = value.size
    ? scope.builder.add('Transpose', [value.name], `${name}/last`, { perm: [0, 2, 3, 1] })
    : value.name
  return matrix(scope.builder.add('Reshape', [from, shape], name))
}

const prelu: Operation = (scope) => {
  const { name, size } = imageAt(scope, 0)
  return image(parametricRelu(scope, name, scope.node.name, scope.floats(1).data), size)
}

/** The mean over height and width. */
const mean: Operation = (scope) => {
  const { name } = scope.node
  if (scope.integers(1).join() !== '1,2' || scope.flag('keep_dims')) throw new Error(`${name}: other axes`)
  const pooled = scope.builder.add('GlobalAveragePool', [imageAt(scope, 0).name], `${name}/pooled`)
  return matrix(scope.builder.add('Flatten', [pooled], name, { axis: 1 }))
}

const product: Operation = (scope) => {
  if (scope.flag('transpose_a') || scope.flag('transpose_b'))
    throw new Error(`${scope.node.name}: transposed`)
  const { name } = scope.node
  const weights = scope.floats(1)
  const matrixName = scope.builder.floats(`${name}/weights`, weights.dims, weights.data)
  const bias = scope.floats(2)
  const biasName = scope.builder.floats(`${name}/bias`, bias.dims, bias.data)
  scope.builder.add('Gemm', [scope.value(0).name, matrixName, biasName], name)
  return matrix(activate(scope, name))
}

/** Joins along the last axis, the channels. */
const concat: Operation = (scope) => {
  const count = (scope.node.input?.length ?? 0) - 1
  const [axis] = scope.integers(count)
  if (axis !== 3 && axis !== -1) throw new Error(`${scope.node.name}: axis ${axis}`)
  const parts = Array.from({ length: count }, (_, index) => scope.value(index).name)
  return image(scope.builder.add('Concat', parts, scope.node.name, { axis: 1 }), imageAt(scope, 0).size)
}

const placeholder: Operation = (scope) => {
  const [, height, width, channels] = (scope.node.attr?.shape?.shape?.dim ?? []).map((d) => Number(d.size))
  if (!height || !width || channels !== 3) throw new Error(`${scope.node.name}: not an RGB image input`)
  return image(scope.builder.input('input', [1, channels, height, width]), { height, width })
}

export const OPERATIONS: Readonly<Record<string, Operation | undefined>> = {
  Placeholder: placeholder,
  Identity: (scope) => scope.value(0),
  Conv2D: convolution,
  _FusedConv2D: convolution,
  DepthwiseConv2dNative: depthwise,
  MaxPool: maxPool,
  Pad: pad,
  Add: binary('Add'),
  AddV2: binary('Add'),
  Mul: binary('Mul'),
  Relu: unary('Relu'),
  Sigmoid: unary('Sigmoid'),
  Softmax: unary('Softmax', { axis: -1 }),
  Prelu: prelu,
  Minimum: minimum,
  Maximum: maximum,
  Mean: mean,
  Reshape: reshape,
  _FusedMatMul: product,
  ConcatV2: concat,
}

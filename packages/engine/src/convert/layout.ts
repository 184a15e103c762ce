/** Weight layouts: TensorFlow keeps channels last, ONNX keeps them first. */

/** Convolution filter, height × width × in × out → out × in × height × width. */
export function filterToOnnx(data: Float32Array, dims: readonly number[]): Float32Array {
  const [height, width, inputs, outputs] = dims as [number, number, number, number]
  const area = height * width
  const out = new Float32Array(data.length)
  let from = 0
  for (let position = 0; position < area; position++) {
    for (let input = 0; input < inputs; input++) {
      let to = input * area + position
      for (let output = 0; output < outputs; output++) {
        out[to] = data[from++]
        to += inputs * area
      }
    }
  }
  return out
}

/** Depthwise filter, height × width × channels × 1 → channels × 1 × height × width. */
export function depthwiseToOnnx(data: Float32Array, dims: readonly number[]): Float32Array {
  const [height, width, channels] = dims as [number, number, number, number]
  const area = height * width
  const out = new Float32Array(data.length)
  for (let position = 0; position < area; position++) {
    for (let channel = 0; channel < channels; channel++) {
      out[channel * area + position] = data[position * channels + channel]
    }
  }
  return out
}

/** The originals of the shipped networks, run as their packages do: TensorFlow.js on WebAssembly. */
import { readFile } from 'node:fs/promises'
import { createRequire, registerHooks } from 'node:module'
import { dirname, join } from 'node:path'
import type { GraphModel } from '@tensorflow/tfjs-converter'
import type { Tensor } from '@tensorflow/tfjs-core'

/** face-api asks for the umbrella package; all that it uses of it is the core. */
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === '@tensorflow/tfjs' ? '@tensorflow/tfjs-core' : specifier, context),
})

const require = createRequire(import.meta.url)
const tf = require('@tensorflow/tfjs-core') as typeof import('@tensorflow/tfjs-core')
const converter = require('@tensorflow/tfjs-converter') as typeof import('@tensorflow/tfjs-converter')
const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm')

/** The umbrella package also gives every tensor the operations as methods; face-api uses them. */
function addMethods(): void {
  const prototype = tf.Tensor.prototype as unknown as Record<string, unknown>
  for (const [name, operation] of Object.entries(tf)) {
    if (typeof operation !== 'function' || name in prototype || !/^[a-z]/.test(name)) continue
    prototype[name] = function (this: Tensor, ...rest: unknown[]): unknown {
      return (operation as (...all: unknown[]) => unknown)(this, ...rest)
    }
  }
  for (const rank of ['as1D', 'as2D', 'as3D', 'as4D'])
    prototype[rank] = function (this: Tensor, ...shape: number[]): Tensor {
      return tf.reshape(this, rank === 'as1D' ? [this.size] : shape)
    }
  prototype.toFloat = function (this: Tensor): Tensor {
    return tf.cast(this, 'float32')
  }
}

export const HUMAN_MODELS = join(dirname(require.resolve('@vladmandic/human')), '..', 'models')
export const FACE_API_MODELS = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'model')

let started: Promise<void> | undefined

async function start(): Promise<void> {
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`)
  await tf.setBackend('wasm')
  await tf.ready()
  addMethods()
}

export type Run = (pixels: Float32Array, side: number, outputs: readonly string[]) => Promise<Float32Array[]>

/** A graph model of @vladmandic/human; pixels are channels last. */
export async function originalGraph(name: string): Promise<Run> {
  started ??= start()
  await started
  const topology = JSON.parse(await readFile(join(HUMAN_MODELS, `${name}.json`), 'utf8'))
  const data = await readFile(join(HUMAN_MODELS, `${name}.bin`))
  const model: GraphModel = await converter.loadGraphModel({
    load: async () => ({
      modelTopology: topology.modelTopology,
      signature: topology.signature,
      weightSpecs: topology.weightsManifest.flatMap((group: { weights: unknown[] }) => group.weights),
      weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer,
    }),
  })
  return async (pixels, side, outputs) => {
    const results = model.execute(tf.tensor(pixels, [1, side, side, 3]), [...outputs])
    const tensors: Tensor[] = Array.isArray(results) ? results : [results]
    return tensors.map((tensor) => tensor.dataSync() as Float32Array)
  }
}

/** face-api's recognition network; pixels are bytes 0–255, channels last. */
export async function originalDlib(): Promise<(pixels: Float32Array) => Promise<Float32Array>> {
  started ??= start()
  await started
  const faceapi = require('@vladmandic/face-api/dist/face-api.node-wasm.js')
  const net = new faceapi.FaceRecognitionNet()
  await net.loadFromDisk(FACE_API_MODELS)
  return async (pixels) => {
    const descriptor = await net.computeFaceDescriptor(tf.tensor(pixels, [150, 150, 3]))
    return descriptor as Float32Array
  }
}

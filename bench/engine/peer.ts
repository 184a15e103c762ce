/**
 * A peer in a process of its own: run with the peer's name, it takes pairs of JPEGs over the process channel and says
 * how long decoding, detection, landmarks, description and comparison of both took. Peers run as they are shipped,
 * on WebAssembly, with nothing switched on that comparison does not need.
 */
import { readFile } from 'node:fs/promises'
import { createRequire, registerHooks } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

/** face-api asks for the umbrella package of TensorFlow.js; all that it uses of it is the core. */
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === '@tensorflow/tfjs' ? '@tensorflow/tfjs-core' : specifier, context),
})

const require = createRequire(new URL('../../packages/engine/package.json', import.meta.url))
const wasmFolder = `${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`

interface Pixels {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

async function pixels(jpeg: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(jpeg)
    .autoOrient()
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** A description of the main face; fails when none is found. */
type Describe = (image: Pixels) => Promise<number[]>
interface Peer {
  readonly describe: Describe
  readonly compare: (a: number[], b: number[]) => number
}

/** Node's fetch does not read files; human loads its models with it. */
function allowFiles(): void {
  const original = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input)
    return url.startsWith('file:') ? new Response(await readFile(fileURLToPath(url))) : original(input, init)
  }
}

async function human(): Promise<Peer> {
  allowFiles()
  const dist = dirname(require.resolve('@vladmandic/human'))
  const { Human } = require(join(dist, 'human.node-wasm.js'))
  const models = join(dist, '..', 'models')
  const off = { enabled: false }
  const instance = new Human({
    backend: 'wasm',
    wasmPath: wasmFolder,
    modelBasePath: `file://${models}/`,
    cacheSensitivity: 0,
    debug: false,
    filter: off,
    gesture: off,
    body: off,
    hand: off,
    object: off,
    segmentation: off,
    face: {
      enabled: true,
      detector: { rotation: true, maxDetected: 1 },
      mesh: { enabled: true },
      description: { enabled: true },
      iris: off,
      emotion: off,
      antispoof: off,
      liveness: off,
      attention: off,
    },
  })
  await instance.load()
  return {
    async describe({ data, width, height }) {
      const tensor = instance.tf.tensor(data, [1, height, width, 3], 'float32')
      const result = await instance.detect(tensor)
      instance.tf.dispose(tensor)
      const embedding = result.face[0]?.embedding
      if (!embedding?.length) throw new Error('human found no face')
      return embedding
    },
    compare: (a, b) => instance.match.similarity(a, b),
  }
}

/** What the umbrella package adds to every tensor: the operations as methods. */
function addMethods(tf: Record<string, unknown>): void {
  const { Tensor, reshape, cast } = tf as {
    Tensor: { prototype: Record<string, unknown> }
    reshape: (tensor: unknown, shape: readonly number[]) => unknown
    cast: (tensor: unknown, type: string) => unknown
  }
  const { prototype } = Tensor
  for (const [name, operation] of Object.entries(tf)) {
    if (typeof operation !== 'function' || name in prototype || !/^[a-z]/.test(name)) continue
    prototype[name] = function (this: unknown, ...rest: unknown[]): unknown {
      return operation(this, ...rest)
    }
  }
  for (const rank of ['as2D', 'as3D', 'as4D'])
    prototype[rank] = function (this: unknown, ...shape: number[]): unknown {
      return reshape(this, shape)
    }
  prototype.as1D = function (this: { size: number }): unknown {
    return reshape(this, [this.size])
  }
  prototype.toFloat = function (this: unknown): unknown {
    return cast(this, 'float32')
  }
}

async function faceApi(detector: 'ssd' | 'tiny'): Promise<Peer> {
  const tf = require('@tensorflow/tfjs-core')
  require('@tensorflow/tfjs-backend-wasm').setWasmPaths(wasmFolder)
  await tf.setBackend('wasm')
  await tf.ready()
  addMethods(tf)
  const api = require('@vladmandic/face-api/dist/face-api.node-wasm.js')
  const models = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'model')
  const net = detector === 'ssd' ? api.nets.ssdMobilenetv1 : api.nets.tinyFaceDetector
  await Promise.all(
    [net, api.nets.faceLandmark68Net, api.nets.faceRecognitionNet].map((part) => part.loadFromDisk(models)),
  )
  const options = detector === 'ssd' ? new api.SsdMobilenetv1Options() : new api.TinyFaceDetectorOptions()
  return {
    async describe({ data, width, height }) {
      const tensor = tf.tensor(data, [height, width, 3], 'int32')
      const result = await api.detectSingleFace(tensor, options).withFaceLandmarks().withFaceDescriptor()
      tf.dispose(tensor)
      if (!result) throw new Error(`face-api (${detector}) found no face`)
      return Array.from(result.descriptor as Float32Array)
    },
    compare: (a, b) => api.euclideanDistance(a, b),
  }
}

const PEERS: Readonly<Record<string, () => Promise<Peer>>> = {
  human,
  'face-api': () => faceApi('ssd'),
  'face-api-tiny': () => faceApi('tiny'),
}

const open = PEERS[process.argv[2] ?? '']
if (!open || !process.send) throw new Error('peer.ts is started by verify-pair.ts')
const send = process.send.bind(process)
const peer = await open()

process.on('message', async (pair: [Uint8Array, Uint8Array]) => {
  try {
    const start = performance.now()
    const a = await peer.describe(await pixels(pair[0]))
    const b = await peer.describe(await pixels(pair[1]))
    const score = peer.compare(a, b)
    send({ ms: performance.now() - start, score })
  } catch (error) {
    send({ error: String(error) })
  }
})
send({ ready: true })

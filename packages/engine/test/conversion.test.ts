/** Every shipped network gives the same numbers after the conversion to ONNX as the original on TensorFlow.js. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { alignChannels } from '../src/convert/align-channels.ts'
import { encodeModel } from '../src/convert/onnx.ts'
import { convertGraphModel, outputNames } from '../src/convert/tfjs-graph.ts'
import { DEFAULT_MODELS } from '../src/models/default-models.ts'
import { shippedGraph } from '../src/models/load.ts'
import { Network } from '../src/runtime/network.ts'
import { HUMAN_MODELS, originalDlib, originalGraph } from './original.ts'

/** Input range and side of each network, and the difference that float rounding explains (largest |output| ≈ 160). */
const NETWORKS = [
  { name: 'blazeface', side: 256, low: -1, high: 1, tolerance: 2e-3 },
  { name: 'facemesh', side: 192, low: 0, high: 1, tolerance: 1e-3 },
  { name: 'faceres', side: 224, low: -104, high: 151, tolerance: 1e-4 },
  { name: 'antispoof', side: 128, low: 0, high: 1, tolerance: 1e-5 },
  { name: 'liveness', side: 32, low: 0, high: 1, tolerance: 1e-5 },
  { name: 'iris', side: 64, low: 0, high: 1, tolerance: 1e-3 },
] as const

/** Noise over a smooth field: every layer sees strong and weak inputs. Channels first. */
function picture(side: number, low: number, high: number, seed: number): Float32Array {
  let state = seed
  return Float32Array.from({ length: 3 * side * side }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const x = i % side
    const y = Math.floor(i / side) % side
    const smooth = 0.5 + 0.35 * Math.sin((x * 5) / side + seed) * Math.cos((y * 4) / side + i / 3e4)
    return low + (high - low) * Math.min(1, Math.max(0, smooth + 0.3 * (state / 2 ** 32 - 0.5)))
  })
}

function channelsLast(planar: Float32Array): Float32Array {
  const area = planar.length / 3
  return planar.map((_, i) => planar[(i % 3) * area + Math.floor(i / 3)]!)
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length)
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0)
}

const largest = (values: Float32Array): number =>
  values.reduce((top, value) => Math.max(top, Math.abs(value)), 0)

for (const { name, side, low, high, tolerance } of NETWORKS) {
  test(`${name} agrees with its original in every output`, async (t) => {
    const model = JSON.parse(await readFile(join(HUMAN_MODELS, `${name}.json`), 'utf8'))
    const data = new Uint8Array(await readFile(join(HUMAN_MODELS, `${name}.bin`)))
    const outputs = outputNames(model)
    const network = await Network.load(encodeModel(alignChannels(convertGraphModel(name, model, data))))
    const original = await originalGraph(name)
    const differences = new Map<string, number>()
    for (const seed of [1, 2, 3]) {
      const pixels = picture(side, low, high, seed)
      network.input.set(pixels)
      const ours = await network.run()
      const theirs = await original(channelsLast(pixels), side, outputs)
      outputs.forEach((output, i) => {
        const difference = largestDifference(ours[`output:${output}`]!, theirs[i]!)
        differences.set(output, Math.max(difference, differences.get(output) ?? 0))
        assert.ok(largest(theirs[i]!) > 1e-6, `${output} is not empty`)
      })
    }
    for (const [output, difference] of differences) {
      t.diagnostic(`${name} ${output}: largest difference ${difference.toExponential(1)}`)
      assert.ok(difference <= tolerance, `${output} differs by ${difference}`)
    }
    await network.release()
  })
}

test("dlib's network, rebuilt from face-api's weights, agrees with face-api", async (t) => {
  const network = await Network.load(encodeModel(await shippedGraph(DEFAULT_MODELS.dlib)))
  const original = await originalDlib()
  let difference = 0
  for (const seed of [1, 2, 3]) {
    const bytes = picture(150, 0, 255, seed).map(Math.round)
    const mean = [122.782, 117.001, 104.298]
    network.input.set(bytes.map((value, i) => (value - mean[Math.floor(i / 22500)]!) / 255))
    const [ours] = Object.values(await network.run())
    difference = Math.max(difference, largestDifference(ours!, await original(channelsLast(bytes))))
  }
  t.diagnostic(`dlib128: largest difference ${difference.toExponential(1)}`)
  assert.ok(difference <= 2e-6, `differs by ${difference}`)
  await network.release()
})

test('an operation that is not known is refused by name', () => {
  const model = {
    modelTopology: { node: [{ name: 'x', op: 'Placeholder', attr: {} }] },
    weightsManifest: [],
  }
  assert.throws(() => convertGraphModel('odd', model, new Uint8Array(0)), /not an RGB image input/)
  const unknown = { modelTopology: { node: [{ name: 'x', op: 'Einsum' }] }, weightsManifest: [] }
  assert.throws(() => convertGraphModel('odd', unknown, new Uint8Array(0)), /operation Einsum is not known/)
})

test('a weight file of the wrong length is refused', () => {
  const model = {
    modelTopology: { node: [] },
    weightsManifest: [{ weights: [{ name: 'w', shape: [2], dtype: 'float32' as const }] }],
  }
  assert.throws(() => convertGraphModel('short', model, new Uint8Array(7)))
  assert.throws(() => convertGraphModel('long', model, new Uint8Array(12)), /12 bytes, the manifest says 8/)
})

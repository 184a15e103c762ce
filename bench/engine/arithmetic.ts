/** The floor below which no engine can go on this machine: operations of our networks ÷ measured matrix product peak. */
import { GraphBuilder } from '../../packages/engine/src/convert/builder.ts'
import { encodeModel } from '../../packages/engine/src/convert/onnx.ts'
import { DEFAULT_MODELS } from '../../packages/engine/src/models/default-models.ts'
import { shippedGraph } from '../../packages/engine/src/models/load.ts'
import { Network } from '../../packages/engine/src/runtime/network.ts'
import { multiplyAccumulates } from './flops.ts'
import { time } from './timing.ts'

/** Side of the matrices: large enough for the peak, small enough for the second-level cache of a server core. */
const SIDE = 768
const RUNS = 25

/** Floating-point operations per second of one thread, in a product of two square matrices; the best run counts. */
export async function matrixPeak(): Promise<number> {
  const builder = new GraphBuilder('matrix-product')
  const input = builder.input('a', [SIDE, SIDE])
  builder.floats('b', [SIDE, SIDE], new Float32Array(SIDE * SIDE).fill(0.5))
  builder.output(builder.add('MatMul', [input, 'b'], 'c'))
  const network = await Network.load(encodeModel(builder.build()))
  network.input.fill(0.25)
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < RUNS; run++) best = Math.min(best, await time(() => network.run()))
  await network.release()
  return (2 * SIDE ** 3) / (best / 1000)
}

/** Multiply–accumulates of each network, and of one frame with a template: detector, two mesh passes, both embedders. */
export async function frameOperations(): Promise<{
  readonly perNetwork: Readonly<Record<string, number>>
  readonly perFrame: number
}> {
  const perNetwork: Record<string, number> = {}
  for (const model of Object.values(DEFAULT_MODELS))
    perNetwork[model.id] = multiplyAccumulates(await shippedGraph(model))
  const { blazeface = 0, facemesh = 0, dlib128 = 0, faceres = 0 } = perNetwork
  return { perNetwork, perFrame: blazeface + 2 * facemesh + dlib128 + faceres }
}

/** Milliseconds that the arithmetic of one frame takes on one thread at the matrix product peak. */
export async function arithmeticFloor(): Promise<{
  readonly ms: number
  readonly peak: number
  readonly macs: number
}> {
  const peak = await matrixPeak()
  const { perFrame } = await frameOperations()
  return { ms: (2000 * perFrame) / peak, peak, macs: perFrame }
}

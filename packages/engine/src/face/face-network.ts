/** A network that takes one aligned face: comparison or PAD, shipped or the operator's. */
import { IpseError } from '@ipse/protocol'
import type { Pyramid } from '../image/pyramid.ts'
import type { Similarity } from '../image/similarity.ts'
import { type Normalisation, warp } from '../image/warp.ts'
import type { Alignment, FaceNetworkPlan } from '../models/plan.ts'
import { Network } from '../runtime/network.ts'
import type { Box } from '../types.ts'
import { arcfaceChip, boxCrop, dlibChip, faceresCrop } from './chips.ts'

function align(alignment: Alignment, side: number, mesh: Float32Array, box: Box): Similarity {
  switch (alignment.kind) {
    case 'dlib':
      return dlibChip(mesh, side)
    case 'faceres':
      return faceresCrop(mesh, side)
    case 'arcface112':
      return arcfaceChip(mesh, side)
    case 'crop':
      return boxCrop(box, alignment.scale, side)
  }
}

/** Channels first → channels last. */
function interleave(planar: Float32Array, out: Float32Array): void {
  const area = planar.length / 3
  for (let i = 0, to = 0; i < area; i++) {
    out[to++] = planar[i]!
    out[to++] = planar[area + i]!
    out[to++] = planar[2 * area + i]!
  }
}

export class FaceNetwork {
  readonly plan: FaceNetworkPlan
  private readonly network: Network
  private readonly normalisation: Normalisation
  private readonly planar: Float32Array
  private readonly outputName: string

  private constructor(plan: FaceNetworkPlan, network: Network, outputName: string) {
    this.plan = plan
    this.network = network
    this.outputName = outputName
    const { mean, factor, channels } = plan
    /** The warp reads RGB; a manifest names its channels in the order of the tensor. */
    const rgb = <T>([a, b, c]: readonly [T, T, T]): [T, T, T] => (channels === 'BGR' ? [c, b, a] : [a, b, c])
    this.normalisation = { mean: rgb(mean), factor: rgb(factor), channels }
    this.planar = plan.layout === 'NHWC' ? new Float32Array(network.input.length) : network.input
  }

  /** @throws IpseError `model_invalid` when the network does not fit what its manifest says */
  static async load(plan: FaceNetworkPlan): Promise<FaceNetwork> {
    const { side } = plan
    const dims = plan.layout === 'NHWC' ? [1, side, side, 3] : [1, 3, side, side]
    try {
      const network = await Network.load(plan.model, dims, plan.inputName)
      const outputName = plan.output.name ?? network.outputNames[0]!
      if (!network.outputNames.includes(outputName)) throw new Error(`there is no output ${outputName}`)
      return new FaceNetwork(plan, network, outputName)
    } catch (error) {
      throw new IpseError('model_invalid', `${plan.id}: ${(error as Error).message}`, { cause: error })
    }
  }

  /** The raw output for one face. */
  async run(pyramid: Pyramid, mesh: Float32Array, box: Box): Promise<Float32Array> {
    const { side, alignment, layout } = this.plan
    warp(pyramid, align(alignment, side, mesh, box), side, side, this.normalisation, this.planar)
    if (layout === 'NHWC') interleave(this.planar, this.network.input)
    return (await this.network.run())[this.outputName]!
  }

  /** How many numbers the output has, found by a run on an empty picture. */
  async outputLength(): Promise<number> {
    this.network.input.fill(0)
    return (await this.network.run())[this.outputName]!.length
  }

  async release(): Promise<void> {
    await this.network.release()
  }
}

/** Where the time of one frame goes, on one thread. */

import { dlibChip, faceresCrop } from '../../packages/engine/src/face/chips.ts'
import { look } from '../../packages/engine/src/face/detect.ts'
import { FaceNetwork } from '../../packages/engine/src/face/face-network.ts'
import { findFaces } from '../../packages/engine/src/face/find.ts'
import { fineLandmarks, MESH_SIDE, roughLandmarks } from '../../packages/engine/src/face/landmarks.ts'
import { headPose } from '../../packages/engine/src/face/pose.ts'
import { decode } from '../../packages/engine/src/image/decode.ts'
import { Pyramid } from '../../packages/engine/src/image/pyramid.ts'
import { thumbnail } from '../../packages/engine/src/image/thumbnail.ts'
import { warp } from '../../packages/engine/src/image/warp.ts'
import { loadModels } from '../../packages/engine/src/models/load.ts'
import { assessQuality } from '../../packages/engine/src/quality/assess.ts'
import { faceRegion, subject } from '../../packages/engine/src/quality/subject.ts'
import { Network } from '../../packages/engine/src/runtime/network.ts'
import { median, time } from './timing.ts'

const PLAIN = { mean: [0, 0, 0], factor: [1, 1, 1] } as const
const WARM_UP = 5

/** Median milliseconds of each stage. `align` is the two warps in front of the comparison networks alone. */
export async function measureStages(
  jpeg: Uint8Array,
  rounds = 25,
): Promise<Readonly<Record<string, number>>> {
  const { plan } = await loadModels({ models: [] }, undefined)
  const detector = await Network.load(plan.detector)
  const mesh = await Network.load(plan.landmarks)
  const embedders = await Promise.all(plan.embedders.map((embedder) => FaceNetwork.load(embedder)))
  const chips = [new Float32Array(3 * 150 * 150), new Float32Array(3 * 224 * 224)] as const
  const samples: Record<string, number[]> = {}
  const take = async <T>(name: string, action: () => T | Promise<T>): Promise<T> => {
    let result: T | undefined
    const ms = await time(async () => {
      result = await action()
    })
    samples[name] ??= []
    samples[name].push(ms)
    return result as T
  }
  for (let round = 0; round < rounds + WARM_UP; round++) {
    if (round === WARM_UP) for (const name of Object.keys(samples)) samples[name] = []
    const image = await take('decode', () => decode(jpeg))
    const pyramid = new Pyramid(image)
    const [best] = await take('detect', () => look(detector, pyramid, 1))
    const found = best ?? (await findFaces(detector, mesh, pyramid))[0]?.detection
    if (!found) throw new Error('the bench frame has no face')
    const fine = await take('landmarks', async () =>
      fineLandmarks(mesh, pyramid, await roughLandmarks(mesh, pyramid, found)),
    )
    const [x, y, width, height] = found.values as unknown as [number, number, number, number]
    const box = { x, y, width, height }
    await take('quality', () => {
      const region = faceRegion(mesh.input, MESH_SIDE, fine.crop, fine.points)
      thumbnail(pyramid)
      return assessQuality(subject(image, [box], fine.points, headPose(fine.points), region))
    })
    const align = await time(() => {
      warp(pyramid, dlibChip(fine.points, 150), 150, 150, PLAIN, chips[0])
      warp(pyramid, faceresCrop(fine.points, 224), 224, 224, PLAIN, chips[1])
    })
    samples.align ??= []
    samples.align.push(align)
    const vectors: Float32Array[] = []
    for (const embedder of embedders)
      vectors.push(await take(`embed-${embedder.plan.id}`, () => embedder.run(pyramid, fine.points, box)))
    await take('compare', () =>
      vectors.map((vector) => vector.reduce((sum, value) => sum + value * value, 0)),
    )
  }
  for (const network of [detector, mesh, ...embedders]) await network.release()
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]))
}

/** Face candidates of an image, by BlazeFace; the image is fitted into the network's square. */
import type { Pyramid } from '../image/pyramid.ts'
import { apply, type Similarity, squareCrop } from '../image/similarity.ts'
import { warp } from '../image/warp.ts'
import type { Network } from '../runtime/network.ts'
import { ANCHORS, DETECTOR_SIDE } from './anchors.ts'
import { type Candidate, suppress } from './suppression.ts'

/** Scores below are not faces. Between .3 and .8 the photographs of docs/evaluation.md give the same faces. */
const MIN_SCORE = 0.5
/** (x − 127.5) / 127.5, as the network was trained (@vladmandic/human src/face/blazeface.ts). */
const NORMALISATION = {
  mean: [127.5, 127.5, 127.5],
  factor: [1 / 127.5, 1 / 127.5, 1 / 127.5],
} as const
/** Numbers per anchor: centre, size and six points. */
const REGRESSED = 16

/** A face as the detector gives it, in image pixels: points are both eyes (subject's right first), nose, mouth, ears. */
export type Detection = Candidate

/** Scores (logits) and boxes of both anchor grids, told apart by their sizes. */
function grids(outputs: Readonly<Record<string, Float32Array>>): [Float32Array, Float32Array][] {
  const bySize = new Map(Object.values(outputs).map((values) => [values.length, values]))
  return [512, 384].map((anchors) => {
    const scores = bySize.get(anchors)
    const boxes = bySize.get(anchors * REGRESSED)
    if (!scores || !boxes) throw new Error('the detector has other outputs than BlazeFace')
    return [scores, boxes]
  })
}

function candidates(outputs: Readonly<Record<string, Float32Array>>, crop: Similarity): Candidate[] {
  const minLogit = Math.log(MIN_SCORE / (1 - MIN_SCORE))
  const out: Candidate[] = []
  let anchor = 0
  for (const [scores, boxes] of grids(outputs)) {
    for (let i = 0; i < scores.length; i++, anchor++) {
      const logit = scores[i]!
      if (!(logit > minLogit)) continue
      const ax = ANCHORS[2 * anchor]!
      const ay = ANCHORS[2 * anchor + 1]!
      const raw = boxes.subarray(i * REGRESSED, (i + 1) * REGRESSED)
      const values = new Float32Array(REGRESSED)
      const corner = apply(crop, ax + raw[0]! - raw[2]! / 2, ay + raw[1]! - raw[3]! / 2)
      values.set([corner.x, corner.y, raw[2]! * crop.a, raw[3]! * crop.a])
      for (let k = 4; k < REGRESSED; k += 2) {
        const point = apply(crop, ax + raw[k]!, ay + raw[k + 1]!)
        values[k] = point.x
        values[k + 1] = point.y
      }
      if (values[2]! > 0 && values[3]! > 0) out.push({ score: 1 / (1 + Math.exp(-logit)), values })
    }
  }
  return out
}

/** Faces in an image that is shown at `share` of the network's square, best first. */
export async function look(network: Network, pyramid: Pyramid, share: number): Promise<Detection[]> {
  const centre = { x: pyramid.width / 2, y: pyramid.height / 2 }
  const crop = squareCrop(centre, Math.max(pyramid.width, pyramid.height) / share, 0, DETECTOR_SIDE)
  warp(pyramid, crop, DETECTOR_SIDE, DETECTOR_SIDE, NORMALISATION, network.input, 'black')
  return suppress(candidates(await network.run(), crop))
}

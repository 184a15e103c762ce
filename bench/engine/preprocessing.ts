/**
 * Three ways to put a turned face before a network, on one thread: our loop over typed arrays, sharp's native
 * affine, and GridSample inside the ONNX graph. Prints what docs/evaluation.md says about the choice.
 *
 *   node bench/engine/preprocessing.ts
 */
import sharp from 'sharp'
import { GraphBuilder } from '../../packages/engine/src/convert/builder.ts'
import { encodeModel } from '../../packages/engine/src/convert/onnx.ts'
import { decode } from '../../packages/engine/src/image/decode.ts'
import { Pyramid } from '../../packages/engine/src/image/pyramid.ts'
import { apply, squareCrop } from '../../packages/engine/src/image/similarity.ts'
import { warp } from '../../packages/engine/src/image/warp.ts'
import { Network } from '../../packages/engine/src/runtime/network.ts'
import { selfiePair } from './frames.ts'
import { median, time } from './timing.ts'

const RUNS = 40
const NORMALISATION = { mean: [104, 117, 123], factor: [1, 1, 1] } as const

async function medianOf(action: () => unknown): Promise<string> {
  const samples: number[] = []
  for (let run = 0; run < RUNS + 10; run++) {
    const ms = await time(action)
    if (run >= 10) samples.push(ms)
  }
  return median(samples).toFixed(2)
}

/** GridSample over an image that is already floats, channels first: the cheapest form that the graph could take. */
async function gridSample(width: number, height: number, side: number): Promise<Network> {
  const builder = new GraphBuilder('grid-sample')
  const image = builder.input('image', [1, 3, height, width])
  const crop = squareCrop({ x: width / 2, y: height / 2 }, 260, 0.2, side)
  const grid = new Float32Array(2 * side * side)
  for (let i = 0; i < side * side; i++) {
    const at = apply(crop, (i % side) + 0.5, Math.floor(i / side) + 0.5)
    grid.set([(2 * at.x) / width - 1, (2 * at.y) / height - 1], 2 * i)
  }
  builder.floats('grid', [1, side, side, 2], grid)
  builder.output(
    builder.add('GridSample', [image, 'grid'], 'crop', { mode: 'bilinear', padding_mode: 'border' }),
  )
  return Network.load(encodeModel(builder.build()))
}

const [jpeg] = await selfiePair()
const image = await decode(jpeg)
const { width, height } = image
const raw = { width, height, channels: 3 as const }
for (const side of [150, 224]) {
  const crop = squareCrop({ x: width / 2, y: height / 2 }, 260, 0.2, side)
  const out = new Float32Array(3 * side * side)
  const loop = await medianOf(() => warp(new Pyramid(image), crop, side, side, NORMALISATION, out))
  const scale = side / 260
  const [c, s] = [scale * Math.cos(0.2), scale * Math.sin(0.2)]
  const native = await medianOf(async () => {
    const bytes = await sharp(image.data, { raw })
      .affine([c, s, -s, c], { interpolator: 'bilinear' })
      .extract({ left: 40, top: 40, width: side, height: side })
      .raw()
      .toBuffer()
    /** What comes back is interleaved bytes: they still have to become a tensor. */
    const area = side * side
    for (let i = 0; i < area; i++) {
      out[i] = bytes[3 * i]! - 104
      out[area + i] = bytes[3 * i + 1]! - 117
      out[2 * area + i] = bytes[3 * i + 2]! - 123
    }
  })
  const network = await gridSample(width, height, side)
  const graph = await medianOf(() => network.run())
  console.log(
    `${side} × ${side} from ${width} × ${height}: loop ${loop} ms, sharp ${native} ms, GridSample ${graph} ms`,
  )
  await network.release()
}

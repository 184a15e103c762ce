/** Signs in single pictures and between two: analytic pictures whose answer is known. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Measurement } from '@ipse/protocol'
import { frameChange } from '../src/injection/frame-change.ts'
import { spectralSigns } from '../src/pad/spectrum.ts'
import { surfaceColour } from '../src/pad/surface-colour.ts'
import { structure } from '../src/track/structure.ts'
import type { Image } from '../src/types.ts'

const WIDTH = 320
const HEIGHT = 240
const BOX = { x: 60, y: 40, width: 180, height: 180 }

/** A value in [−1, 1) that depends on place and seed only. */
function hash(i: number, seed: number): number {
  const value = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453
  return 2 * (value - Math.floor(value)) - 1
}

/** Smooth shapes, sensor noise, and whatever is added. */
function picture(seed: number, added: (x: number, y: number) => number = () => 0, noise = 3): Image {
  const data = new Uint8Array(3 * WIDTH * HEIGHT)
  for (let y = 0, i = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++, i++) {
      const value = 128 + 30 * Math.sin(x / 23) * Math.cos(y / 31) + noise * hash(i, seed) + added(x, y)
      data.fill(Math.max(0, Math.min(255, Math.round(value))), 3 * i, 3 * i + 3)
    }
  return { width: WIDTH, height: HEIGHT, data }
}

function native(measured: Measurement): number {
  assert.ok(measured.status === 'assessed')
  return measured.native
}

test('the beat of a display stands out of the spectrum, noise does not', () => {
  for (const seed of [1, 2, 3]) assert.ok(native(spectralSigns(picture(seed), BOX).spectralPeak) < 6)
  const beat = (x: number, y: number) => 4 * Math.sin(0.9 * x + 0.5 * y)
  const seen = spectralSigns(picture(1, beat), BOX)
  assert.ok(native(seen.spectralPeak) > 8)
  assert.ok(native(seen.halftonePeak) < native(seen.spectralPeak) - 3, 'one line is no grid of dots')
})

test('dots at right angles stand out as a pair of lines', () => {
  const dots = (x: number, y: number) => 5 * Math.sin((x + y) * 0.8) + 5 * Math.sin((x - y) * 0.8)
  assert.ok(native(spectralSigns(picture(1, dots), BOX).halftonePeak) > 6)
  assert.ok(native(spectralSigns(picture(1), BOX).halftonePeak) < 5)
})

test('an enlarged picture lacks the finest detail', () => {
  const small = picture(4)
  const enlarged = picture(5, () => 0, 0)
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const [u, v] = [x / 2, y / 2]
      const [left, top] = [Math.floor(u), Math.floor(v)]
      const at = (a: number, b: number) => small.data[3 * (Math.min(HEIGHT - 1, b) * WIDTH + a)]
      const near = at(left, top) + (u - left) * (at(left + 1, top) - at(left, top))
      const far = at(left, top + 1) + (u - left) * (at(left + 1, top + 1) - at(left, top + 1))
      enlarged.data.fill(near + (v - top) * (far - near), 3 * (y * WIDTH + x), 3 * (y * WIDTH + x) + 3)
    }
  const [sharp, soft] = [spectralSigns(small, BOX), spectralSigns(enlarged, BOX)]
  assert.ok(native(soft.fineDetail) < native(sharp.fineDetail) - 0.5)
})

test('too small a picture is a failure to assess', () => {
  const tiny: Image = { width: 100, height: 100, data: new Uint8Array(30_000) }
  assert.equal(spectralSigns(tiny, BOX).spectralPeak.status, 'failure-to-assess')
  assert.equal(surfaceColour(tiny, { x: 0, y: 0, width: 5, height: 5 }).specular.status, 'failure-to-assess')
})

test('mirroring skin is counted', () => {
  const shine = (x: number, y: number) => (x > 140 && x < 160 && y > 100 && y < 160 ? 200 : 0)
  assert.equal(native(surfaceColour(picture(1), BOX).specular), 0)
  assert.ok(native(surfaceColour(picture(1, shine), BOX).specular) > 0.05)
})

test('a repeated frame did not change, new noise changes every block, its level is read back', () => {
  const first = picture(1)
  assert.deepEqual(frameChange(first, first)?.unchangedBlocks, 1)
  const change = frameChange(first, picture(2))
  assert.ok(change)
  assert.equal(change.unchangedBlocks, 0)
  // Uniform noise in ±3 has a standard deviation of √3.
  assert.ok(Math.abs(change.noise - Math.sqrt(3)) < 0.3, String(change.noise))
  assert.equal(frameChange(first, { width: 240, height: 320, data: first.data }), undefined)
})

test('a moving patch on a painted surround leaves most blocks unchanged', () => {
  const moved = (by: number) => picture(1, (x, y) => (x > 100 + by && x < 180 + by && y < 120 ? 40 : 0), 0)
  const change = frameChange(moved(0), moved(6))
  assert.ok(change && change.unchangedBlocks > 0.8 && change.unchangedBlocks < 1)
})

test('depth that is the mesh’s own explains a turn, depth in another order does not', () => {
  const angle = (20 * Math.PI) / 180
  const vertices = Array.from({ length: 468 }, (_, i) => {
    const [x, y] = [90 * hash(i, 1), 90 * hash(i, 2)]
    return [200 + x, 200 + y, 0.6 * Math.hypot(x, y)] as const
  })
  const landmarks = Float32Array.from(vertices.flat())
  const turned = (depth: (i: number) => number) => {
    const from: number[] = []
    const to: number[] = []
    for (let i = 0; i < 80; i++) {
      const [x, y] = vertices[5 * i]
      from.push(x, y)
      to.push(200 + (x - 200) * Math.cos(angle) + depth(5 * i) * Math.sin(angle), y)
    }
    return structure({ from: Float64Array.from(from), to: Float64Array.from(to) }, landmarks, 1, 100)
  }
  const own = turned((i) => vertices[i][2])
  assert.ok(native(own.residual) < 0.005 && native(own.explained) > 0.95, JSON.stringify(own))
  const other = turned((i) => vertices[(i * 37 + 11) % 468][2])
  assert.ok(native(other.explained) < 0.3 && native(other.residual) > 0.03, JSON.stringify(other))
})

/**
 * A face followed through JPEG frames of the simulated subject and of the same photograph on paper, with the
 * engine's own landmarks. The subject is made from such a mesh: this shows plumbing and order, not error rates.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { decode } from '../src/image/decode.ts'
import { createEngine } from '../src/index.ts'
import { FaceTrack } from '../src/track/face-track.ts'
import type { StepReport } from '../src/track/tracker.ts'
import type { Engine, FaceMesh, Image } from '../src/types.ts'
import { jpegOf, lab, type Pixels, subjectOf, type Thing } from './laboratory.ts'

let engine: Engine
let subject: Thing
let other: Thing
let sheet: Thing

before(async () => {
  engine = await createEngine({ threads: 1 })
  subject = await subjectOf(engine, 0)
  other = await subjectOf(engine, 1)
  sheet = lab.createSheet(subject)
})
after(() => engine.close())

async function frameOf(draw: (out: Pixels) => void): Promise<{ image: Image; jpeg: Uint8Array }> {
  const jpeg = await jpegOf(subject, draw)
  return { image: await decode(jpeg), jpeg }
}

async function meshOf(jpeg: Uint8Array): Promise<FaceMesh> {
  const { mesh } = await engine.measure(jpeg)
  assert.ok(mesh)
  return mesh
}

/** Nine frames of a motion; the first is the reference. */
async function play(draw: (share: number, out: Pixels) => void): Promise<{
  track: FaceTrack
  steps: StepReport[]
  yawDeg: number
  msPerFrame: number
}> {
  const first = await frameOf((out) => draw(0, out))
  const mesh = await meshOf(first.jpeg)
  const track = new FaceTrack(first.image, mesh)
  const steps: StepReport[] = []
  let [spent, last] = [0, first]
  for (let i = 1; i <= 8; i++) {
    last = await frameOf((out) => draw(i / 8, out))
    const from = performance.now()
    steps.push(track.follow(last.image))
    spent += performance.now() - from
  }
  const yawDeg = (await meshOf(last.jpeg)).pose.yawDeg - mesh.pose.yawDeg
  return { track, steps, yawDeg, msPerFrame: spent / 8 }
}

function numbers(track: FaceTrack): {
  rH: number
  ratio: number
  way: number
  survivors: number
  text: string
} {
  const { residual, ratio, displacement, survivors } = track.planarity()
  assert.ok(
    residual.status === 'assessed' && ratio.status === 'assessed' && displacement.status === 'assessed',
  )
  const [rH, quotient, way] = [residual.native, ratio.native, displacement.native]
  const text = `${survivors} corners, rH ${rH.toFixed(4)}, ratio ${quotient.toFixed(2)}, way ${way.toFixed(3)}`
  return { rH, ratio: quotient, way, survivors, text }
}

for (const yaw of [20, -20]) {
  test(`a subject who turns to ${yaw}° reads as not a plane before a surround that rests`, async (t) => {
    const { track, yawDeg, msPerFrame } = await play((share, out) =>
      lab.renderSubject(subject, { ...lab.NEUTRAL, yawDeg: yaw * share }, out),
    )
    const { rH, ratio, survivors, text } = numbers(track)
    t.diagnostic(`${text}, mesh yaw ${yawDeg.toFixed(1)}°, ${msPerFrame.toFixed(1)} ms per 640 × 480 frame`)
    assert.ok(survivors >= 25)
    assert.ok(rH > 0.015 && ratio > 1.8)
    const moves = track.coMotion()
    assert.ok(moves.status === 'assessed' && moves.native < 0.3)
  })
}

for (const [name, light] of [
  ['', 0],
  [' out of the light', 0.3],
] as const) {
  test(`a print of the same photograph swung by 30°${name} reads as a plane`, async (t) => {
    const { track, yawDeg } = await play((share, out) =>
      lab.renderSheet(sheet, { ...lab.NEUTRAL, yawDeg: 30 * share, gain: 1 - light * share }, 0, out),
    )
    const { rH, ratio, survivors, text } = numbers(track)
    t.diagnostic(`${text}, mesh yaw ${yawDeg.toFixed(1)}°`)
    assert.ok(survivors >= 25)
    assert.ok(rH < 0.01 && ratio < 1.8)
  })
}

test('a print that is waved takes its surround along', async (t) => {
  const { track } = await play((share, out) =>
    lab.renderSheet(sheet, { ...lab.NEUTRAL, yawDeg: 15 * share, shift: { x: 0.08 * share, y: 0 } }, 0, out),
  )
  const moves = track.coMotion()
  t.diagnostic(numbers(track).text)
  assert.ok(moves.status === 'assessed' && moves.native >= 0.6)
})

test('another person in the next frame breaks the track, and nothing is measured across it', async (t) => {
  const first = await frameOf((out) => lab.renderSubject(subject, lab.NEUTRAL, out))
  const track = new FaceTrack(first.image, await meshOf(first.jpeg))
  const next = await frameOf((out) => lab.renderSubject(other, lab.NEUTRAL, out))
  const report = track.follow(next.image)
  t.diagnostic(`survival ${report.survival.toFixed(3)}`)
  assert.ok(report.broken)
  const lost = { status: 'failure-to-assess', reason: 'track-lost' }
  assert.deepEqual(track.planarity().residual, lost)
  assert.deepEqual(track.coMotion(), lost)
  assert.ok(track.follow(first.image).broken)
})

test('a frame of another size and a missing frame end the track', async () => {
  const { image, jpeg } = await frameOf((out) => lab.renderSubject(subject, lab.NEUTRAL, out))
  const mesh = await meshOf(jpeg)
  const resized = new FaceTrack(image, mesh)
  assert.ok(!resized.follow(image).broken)
  const wider = { width: 2 * image.width, height: image.height / 2, data: image.data }
  assert.ok(resized.follow(wider).broken)
  const gap = new FaceTrack(image, mesh)
  gap.breakOff()
  assert.ok(gap.follow(image).broken)
  assert.equal(gap.planarity().ratio.status, 'failure-to-assess')
})

test('the part of the frame that is read may follow the face, and places stay those of the whole frame', async () => {
  const shifted = (x: number) =>
    frameOf((out) => lab.renderSubject(subject, { ...lab.NEUTRAL, shift: { x, y: 0 } }, out))
  const [first, second] = [await shifted(0), await shifted(0.05)]
  const mesh = await meshOf(first.jpeg)
  const still = new FaceTrack(first.image, mesh)
  const followed = new FaceTrack(first.image, mesh)
  still.follow(second.image)
  followed.follow(second.image, { ...mesh.face.box, x: mesh.face.box.x + 0.05 * first.image.width })
  const middle = (places: Float64Array) =>
    [...places].filter((_, i) => i % 2 === 0).reduce((sum, x, _, all) => sum + x / all.length, 0)
  const start = middle(new FaceTrack(first.image, mesh).places())
  assert.ok(Math.abs(middle(followed.places()) - start - 32) < 2)
  assert.ok(Math.abs(middle(followed.places()) - middle(still.places())) < 1)
})

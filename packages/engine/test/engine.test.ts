/** The engine as its callers see it. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { IpseError, QUALITY_COMPONENTS } from '@ipse/protocol'
import sharp, { type Sharp } from 'sharp'
import { createEngine } from '../src/index.ts'
import type { FrameMeasurement } from '../src/types.ts'
import { photograph } from './photographs.ts'

const engine = await createEngine({ threads: 2 })
after(() => engine.close())

const code = (expected: string) => (error: unknown) => error instanceof IpseError && error.code === expected

function natives({ quality }: FrameMeasurement): Record<string, number> {
  return Object.fromEntries(
    Object.entries(quality).map(([name, m]) => [name, m.status === 'assessed' ? m.native : Number.NaN]),
  )
}

test('an image without a face gives failures to assess, not zeros', async () => {
  const wall = await sharp({ create: { width: 320, height: 240, channels: 3, background: '#a08060' } })
    .png()
    .toBuffer()
  const frame = await engine.measure(wall, { template: true, texture: true })
  assert.deepEqual(frame.faces, [])
  assert.equal(frame.mesh, undefined)
  assert.equal(frame.template, undefined)
  assert.equal(frame.texture, undefined)
  assert.equal(frame.thumbnail.length, 1024)
  for (const component of QUALITY_COMPONENTS)
    assert.deepEqual(frame.quality[component], { status: 'failure-to-assess', reason: 'no-face' })
})

test('nothing that was not asked for is computed', async () => {
  const frame = await engine.measure(photograph('sample5'))
  assert.ok(frame.mesh)
  assert.equal(frame.template, undefined)
  assert.equal(frame.texture, undefined)
})

test('faces come largest first, with five points in their places', async () => {
  const { faces, width, height } = await engine.measure(photograph('sample6'))
  assert.ok(faces.length >= 3)
  const areas = faces.map(({ box }) => box.width * box.height)
  assert.deepEqual(
    areas,
    areas.toSorted((a, b) => b - a),
  )
  for (const { points, box, score } of faces) {
    const [right, left, nose, mouthRight, mouthLeft] = points
    assert.ok(score > 0.5 && score <= 1)
    assert.ok(right.x < left.x && mouthRight.x < mouthLeft.x)
    assert.ok(right.y < nose.y && nose.y < mouthRight.y && left.y < mouthLeft.y)
    assert.ok(nose.x > box.x && nose.x < box.x + box.width && nose.y > box.y && nose.y < box.y + box.height)
    assert.ok(box.x > -width && box.x < width && box.y > -height && box.y < height)
  }
})

test('a face that fills the whole frame is found', async () => {
  const { faces } = await engine.measure(photograph('sample5'))
  const { box } = faces[0]!
  const region = {
    left: Math.round(1.5 * box.x),
    top: Math.round(1.5 * box.y),
    width: Math.round(1.5 * box.width),
    height: Math.round(1.5 * box.height),
  }
  const tight = await sharp(photograph('sample5')).extract(region).jpeg().toBuffer()
  const frame = await engine.measure(tight)
  assert.equal(frame.faces.length, 1)
  assert.ok(frame.mesh!.presence > 0.5)
})

test('a mirrored picture turns yaw and roll round and leaves pitch', async () => {
  const plain = await engine.measure(photograph('sample5'))
  const mirrored = await engine.measure(
    await sharp(photograph('sample5')).flop().jpeg({ quality: 95 }).toBuffer(),
  )
  const [a, b] = [plain.mesh!.pose, mirrored.mesh!.pose]
  assert.ok(Math.abs(a.yawDeg + b.yawDeg) < 8, `${a.yawDeg} and ${b.yawDeg}`)
  assert.ok(Math.abs(a.rollDeg + b.rollDeg) < 5, `${a.rollDeg} and ${b.rollDeg}`)
  assert.ok(Math.abs(a.pitchDeg - b.pitchDeg) < 6, `${a.pitchDeg} and ${b.pitchDeg}`)
})

test('turning the picture clockwise adds as much roll', async () => {
  const whole = await engine.measure(photograph('sample6'))
  const { box } = whole.faces[0]!
  const scale = 1920 / whole.width
  const region = {
    left: Math.round(scale * (box.x - box.width / 2)),
    top: Math.round(scale * (box.y - box.height / 2)),
    width: Math.round(2 * scale * box.width),
    height: Math.round(2 * scale * box.height),
  }
  const one = await sharp(photograph('sample6')).extract(region).png().toBuffer()
  const turned = await sharp(one).rotate(12, { background: '#808080' }).png().toBuffer()
  const before = (await engine.measure(one)).mesh!.pose
  const after = (await engine.measure(turned)).mesh!.pose
  assert.ok(Math.abs(after.rollDeg - before.rollDeg - 12) < 3, `${before.rollDeg} became ${after.rollDeg}`)
})

test('blur lowers sharpness, darkness and glare lower their components', async () => {
  const make = (edit: (image: Sharp) => Sharp) =>
    edit(sharp(photograph('sample6')).resize(1280))
      .jpeg({ quality: 92 })
      .toBuffer()
  const good = natives(await engine.measure(await make((image) => image)))
  const blurred = natives(await engine.measure(await make((image) => image.blur(4))))
  const dark = await engine.measure(await make((image) => image.linear(0.12, 0)))
  const bright = await engine.measure(await make((image) => image.linear(1.7, 60)))
  assert.ok(blurred.sharpness! < good.sharpness! / 2)
  assert.ok(natives(dark).luminanceMean! < 0.2 && natives(dark).underExposurePrevention! > 0.4)
  assert.ok(natives(dark).dynamicRange! < good.dynamicRange! - 1)
  assert.ok(natives(bright).overExposurePrevention! > 0.2)
  const score = (frame: FrameMeasurement, name: 'luminanceMean' | 'overExposurePrevention'): number => {
    const measurement = frame.quality[name]
    return measurement.status === 'assessed' ? measurement.score : Number.NaN
  }
  assert.ok(score(dark, 'luminanceMean') < 50)
  assert.ok(score(bright, 'overExposurePrevention') < 10)
})

test('frames in flight at the same time give what each gives alone', async () => {
  const names = ['sample1', 'sample3', 'sample5', 'sample6'] as const
  const alone: FrameMeasurement[] = []
  for (const name of names)
    alone.push(await engine.measure(photograph(name), { template: true, texture: true }))
  const together = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      engine.measure(photograph(names[i % names.length]!), { template: true, texture: true }),
    ),
  )
  together.forEach((frame, i) => {
    assert.deepEqual(frame, alone[i % names.length])
  })
})

test('memory stays bounded over two hundred frames', async (t) => {
  const frame = photograph('sample2')
  const run = async (count: number): Promise<void> => {
    await Promise.all(Array.from({ length: count }, () => engine.measure(frame, { template: true })))
  }
  await run(60)
  const before = process.memoryUsage().rss
  await run(200)
  const grown = (process.memoryUsage().rss - before) / 2 ** 20
  t.diagnostic(`${(before / 2 ** 20).toFixed(0)} MB after 60 frames, ${grown.toFixed(0)} MB more after 260`)
  assert.ok(grown < 150, `grew by ${grown} MB`)
})

test('one unreadable image among many fails alone', async () => {
  const good = photograph('sample5')
  const results = await Promise.allSettled([
    engine.measure(good),
    engine.measure(new Uint8Array(9)),
    engine.measure(good),
  ])
  assert.deepEqual(
    results.map((result) => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.ok(code('image_unreadable')((results[1] as PromiseRejectedResult).reason))
})

test('too many waiting images are turned away with a time to come again', async () => {
  // Its parts are those of a JPEG; that it is none is found by a thread.
  const image = new Uint8Array(9 * 1024 * 1024)
  image.set([0xff, 0xd8, 0xff, 0xda, 0, 2])
  image.set([0xff, 0xd9], image.length - 2)
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => engine.measure(image)))
  const reasons = results.map((result) => (result as PromiseRejectedResult).reason as IpseError)
  const turnedAway = reasons.filter((error) => error.code === 'engine_unavailable')
  assert.ok(turnedAway.length > 0 && turnedAway.length < 20)
  assert.ok(turnedAway.every((error) => error.retryAfterMs! > 0))
  assert.ok(reasons.every((error) => ['image_unreadable', 'engine_unavailable'].includes(error.code)))
})

test('templates of one person merge into one that is nearer to each of them', async () => {
  const data = photograph('sample5')
  const variants = [
    data,
    await sharp(data).resize(800).jpeg({ quality: 50 }).toBuffer(),
    await sharp(data).linear(0.6, 0).jpeg().toBuffer(),
  ]
  const templates = await Promise.all(
    variants.map(async (variant) => (await engine.measure(variant, { template: true })).template!),
  )
  const merged = engine.merge(templates)
  for (const a of templates) {
    const others = templates.filter((b) => b !== a).map((b) => engine.compare(a, b).score)
    assert.ok(engine.compare(a, merged).score > Math.min(...others))
  }
})

test('templates of another model are not compared', async () => {
  const { template } = await engine.measure(photograph('sample5'), { template: true })
  assert.throws(
    () => engine.compare(template!, { ...template!, modelId: 'other' }),
    code('reference_unusable'),
  )
  const short = { ...template!, vector: template!.vector.subarray(1) }
  assert.throws(() => engine.compare(template!, short), code('reference_unusable'))
  assert.throws(() => engine.merge([]), code('reference_unusable'))
})

test('similarity is one half at the default operating point, and the points are in order', () => {
  const { operatingPoints, defaultOperatingPoint } = engine
  assert.ok(operatingPoints.includes(defaultOperatingPoint))
  const fmrs = operatingPoints.map((point) => point.fmr)
  const thresholds = operatingPoints.map((point) => point.threshold)
  assert.deepEqual(
    fmrs,
    fmrs.toSorted((a, b) => b - a),
  )
  assert.deepEqual(
    thresholds,
    thresholds.toSorted((a, b) => a - b),
  )
  for (const { fmr, nonMated } of operatingPoints) assert.ok(fmr >= 3 / nonMated, 'rule of three')
})

test('after close nothing is measured', async () => {
  const other = await createEngine({ threads: 1 })
  const last = other.measure(photograph('sample5'))
  const waiting = other.measure(photograph('sample5'))
  const turnedAway = assert.rejects(waiting, code('engine_unavailable'))
  const closing = other.close()
  assert.equal((await last).faces.length > 0, true)
  await turnedAway
  await closing
  await assert.rejects(other.measure(photograph('sample5')), code('engine_unavailable'))
})

test('threads must be a whole number of at least one', async () => {
  for (const threads of [0, -1, 1.5, Number.NaN]) await assert.rejects(createEngine({ threads }), TypeError)
})

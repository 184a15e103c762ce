/**
 * Tracking and planarity on rendered scenes whose motion is known exactly: a textured plane, a bent sheet and a head
 * made of an ellipsoid with a nose, cut by rays, with sensor noise and 8-bit rounding.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCorners } from '../src/track/corners.ts'
import { wholeImage } from '../src/track/crop.ts'
import { followPoints } from '../src/track/flow.ts'
import { applyHomography } from '../src/track/homography.ts'
import { type Planarity, planarity } from '../src/track/planarity.ts'
import { buildPyramid, type Pyramid } from '../src/track/pyramid.ts'
import { Tracker } from '../src/track/tracker.ts'
import type { Image } from '../src/types.ts'

type Vector = [x: number, y: number, z: number]
/** Where a ray from the camera meets the scene, in the coordinates of the thing; undefined: it misses. */
type Scene = (x: number, y: number) => Vector | undefined

const SIDE = 320
const CENTRE = SIDE / 2
/** Outer-eye distance of the head below, pixels. */
const EYE_DISTANCE = 100
/** Camera distance, pixels: about eight face widths of the head below. */
const FOCAL = 900
const DEGREES = Math.PI / 180

function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A smooth solid texture: waves of 9 to 40 pixels in all directions of space. */
function solidTexture(seed: number): (at: Vector) => number {
  const next = random(seed)
  const waves = Array.from({ length: 20 }, () => {
    const [a, b] = [2 * Math.PI * next(), Math.acos(2 * next() - 1)]
    const wave = (2 * Math.PI) / (9 + 31 * next())
    const [x, y, z] = [Math.cos(a) * Math.sin(b), Math.sin(a) * Math.sin(b), Math.cos(b)]
    return [wave * x, wave * y, wave * z, 2 * Math.PI * next()]
  })
  return ([x, y, z]) => {
    let sum = 0
    for (const [a, b, c, phase] of waves) sum += Math.sin(a * x + b * y + c * z + phase)
    return 128 + 16 * sum
  }
}

const SKIN = solidTexture(1)
const ROOM = solidTexture(2)

/** Renders a scene as grey bytes; `noise` is the standard deviation of the sensor. */
function render(scene: Scene, noise = 1.5, seed = 7, skin = SKIN, light = 1): Image {
  const data = new Uint8Array(SIDE * SIDE)
  const next = random(seed)
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const hit = scene(x - CENTRE, y - CENTRE)
      const value = hit ? skin(hit) : ROOM([x, y, 0])
      const gauss = next() + next() + next() + next() - 2
      data[y * SIDE + x] = Math.max(
        0,
        Math.min(255, Math.round(light * value + noise * Math.sqrt(3) * gauss)),
      )
    }
  }
  return { width: SIDE, height: SIDE, data }
}

/** A ray through a pixel in the coordinates of a thing that is turned by yaw and pitch at distance FOCAL. */
function ray(x: number, y: number, yaw: number, pitch: number): { from: Vector; along: Vector } {
  const back = ([a, b, c]: Vector): Vector => {
    const [b1, c1] = [b * Math.cos(pitch) + c * Math.sin(pitch), -b * Math.sin(pitch) + c * Math.cos(pitch)]
    return [a * Math.cos(yaw) + c1 * Math.sin(yaw), b1, -a * Math.sin(yaw) + c1 * Math.cos(yaw)]
  }
  return { from: back([0, 0, -FOCAL]), along: back([x, y, FOCAL]) }
}

function onEllipsoid(from: Vector, along: Vector, centre: Vector, radii: Vector): number {
  let [a, b, c] = [0, 0, -1]
  for (let k = 0; k < 3; k++) {
    const o = (from[k] - centre[k]) / radii[k]
    const d = along[k] / radii[k]
    a += d * d
    b += o * d
    c += o * o
  }
  const root = b * b - a * c
  return root < 0 ? Number.POSITIVE_INFINITY : (-b - Math.sqrt(root)) / a
}

/** A head of 150 × 200 pixels with a nose, turned about its own axis. */
function head(yaw: number, pitch = 0): Scene {
  return (x, y) => {
    const { from, along } = ray(x, y, yaw * DEGREES, pitch * DEGREES)
    const skull = onEllipsoid(from, along, [0, 0, 0], [75, 100, 90])
    const nose = onEllipsoid(from, along, [0, 12, -84], [16, 34, 32])
    const t = Math.min(skull, nose)
    if (!Number.isFinite(t)) return undefined
    return [from[0] + t * along[0], from[1] + t * along[1], from[2] + t * along[2]]
  }
}

/** A print larger than the picture, turned; `radius` bends it about the vertical. */
function print(yaw: number, pitch = 0, radius = Number.POSITIVE_INFINITY): Scene {
  return (x, y) => {
    const { from, along } = ray(x, y, yaw * DEGREES, pitch * DEGREES)
    let t = -from[2] / along[2]
    let u = from[0] + t * along[0]
    if (Number.isFinite(radius)) {
      const a = along[0] ** 2 + along[2] ** 2
      const b = from[0] * along[0] + (from[2] - radius) * along[2]
      const c = from[0] ** 2 + (from[2] - radius) ** 2 - radius ** 2
      t = (-b - Math.sqrt(b * b - a * c)) / a
      u = radius * Math.atan2(from[0] + t * along[0], radius - from[2] - t * along[2])
    }
    return [u, from[1] + t * along[1], 0]
  }
}

function pyramid(image: Image): Pyramid {
  return buildPyramid(image, wholeImage(image))
}

/** An upright ellipse in the middle: the face without its border. */
function faceMask(): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [(i % SIDE) - CENTRE, Math.floor(i / SIDE) - CENTRE]
    return (x / 62) ** 2 + (y / 85) ** 2 < 1 ? 1 : 0
  })
}

function startTracker(image: Image): Tracker {
  const reference = pyramid(image)
  return new Tracker(reference, findCorners(reference, faceMask(), EYE_DISTANCE), EYE_DISTANCE)
}

/** Follows a face over the frames that a motion gives at the steps of `shares`, 0 … 1. */
function follow(motion: (share: number) => Scene, shares: readonly number[]): Tracker {
  const images = shares.map((share, i) => render(motion(share), 1.5, 100 + i))
  const tracker = startTracker(images[0])
  for (const image of images.slice(1)) tracker.step(pyramid(image))
  return tracker
}

/** A turn at 15 frames a second: nine frames. */
const TURN = Array.from({ length: 9 }, (_, i) => i / 8)

function measure(tracker: Tracker): Planarity {
  return planarity(tracker.pairs.from, tracker.pairs.to, EYE_DISTANCE)
}

function native(planar: Planarity, name: 'residual' | 'rigidResidual' | 'ratio' | 'displacement'): number {
  const value = planar[name]
  assert.equal(value.status, 'assessed', name)
  return value.status === 'assessed' ? value.native : Number.NaN
}

function summary(tracker: Tracker): string {
  const p = measure(tracker)
  const values = (['residual', 'rigidResidual', 'ratio', 'displacement'] as const).map(
    (name) => `${name} ${native(p, name).toFixed(4)}`,
  )
  return `${p.survivors}/${tracker.started} corners, ${values.join(', ')}`
}

test('corners keep their distance, stay inside the mask and number at most 150', (t) => {
  const reference = pyramid(render(head(0)))
  const mask = faceMask()
  const corners = findCorners(reference, mask, EYE_DISTANCE)
  t.diagnostic(`${corners.length / 2} corners`)
  assert.ok(corners.length / 2 >= 60 && corners.length / 2 <= 150)
  for (let i = 0; i < corners.length; i += 2) {
    assert.equal(mask[corners[i + 1] * SIDE + corners[i]], 1)
    for (let j = 0; j < i; j += 2)
      assert.ok(Math.hypot(corners[i] - corners[j], corners[i + 1] - corners[j + 1]) >= 0.045 * EYE_DISTANCE)
  }
})

test('an even picture has no corners, and nothing to track is not a measurement', () => {
  const even: Image = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE).fill(90) }
  const tracker = startTracker(even)
  assert.equal(tracker.started, 0)
  const report = tracker.step(pyramid(even))
  assert.equal(report.survival, 0)
  assert.ok(Number.isNaN(report.displacement))
  assert.equal(measure(tracker).residual.status, 'failure-to-assess')
})

for (const [name, inverse, bound] of [
  ['shifted by a broken number of pixels', Float64Array.of(1, 0, -6.3, 0, 1, 4.7, 0, 0, 1), 0.05],
  [
    'shifted, turned by .5° and .5 % larger',
    Float64Array.of(0.995, 0.009, -6.3, -0.009, 0.995, 4.7, 0, 0, 1),
    0.05,
  ],
  /** The window only shifts: what turns inside of it is error, and it grows with the angle. */
  [
    'shifted, turned by 3° and 3 % larger',
    Float64Array.of(0.97, 0.05, -6.3, -0.05, 0.97, 4.7, 1e-5, 0, 1),
    0.25,
  ],
] as const) {
  test(`flow on a smooth texture ${name} is right to ${bound} pixels RMS`, (t) => {
    const flat: Scene = (x, y) => [x, y, 0]
    const moved: Scene = (x, y) => [...applyHomography(inverse, x, y), 0]
    const [from, to] = [pyramid(render(flat, 0)), pyramid(render(moved, 0))]
    const corners = findCorners(from, faceMask(), EYE_DISTANCE)
    const places = followPoints(from, to, corners, EYE_DISTANCE)
    let [sum, worst, count] = [0, 0, 0]
    for (let i = 0; i < places.length; i += 2) {
      if (Number.isNaN(places[i])) continue
      const [x, y] = applyHomography(inverse, places[i] - CENTRE, places[i + 1] - CENTRE)
      const error = Math.hypot(x + CENTRE - corners[i], y + CENTRE - corners[i + 1])
      sum += error * error
      worst = Math.max(worst, error)
      count++
    }
    const rms = Math.sqrt(sum / count)
    t.diagnostic(
      `rms ${rms.toFixed(4)} px, worst ${worst.toFixed(4)} px, ${count} of ${corners.length / 2} points`,
    )
    assert.ok(count > 0.9 * (corners.length / 2))
    assert.ok(rms < bound)
  })
}

test('the same picture at half the scale moves half as far', () => {
  const flat: Scene = (x, y) => [x, y, 0]
  const moved: Scene = (x, y) => [x - 9, y + 5, 0]
  const read = (scene: Scene): Pyramid => {
    const image = render(scene, 0)
    return buildPyramid(image, wholeImage(image, 0.5))
  }
  const from = read(flat)
  const mask = new Uint8Array(from.levels[0].data.length).fill(1)
  const corners = findCorners(from, mask, EYE_DISTANCE)
  const places = followPoints(from, read(moved), corners, EYE_DISTANCE)
  const steps = [...places].map((value, i) => value - corners[i]).filter((value) => !Number.isNaN(value))
  assert.ok(steps.length > corners.length / 2)
  const middle = (axis: number): number =>
    steps.filter((_, i) => i % 2 === axis).sort((a, b) => a - b)[steps.length >> 2]
  assert.ok(Math.abs(middle(0) - 4.5) < 0.05 && Math.abs(middle(1) + 2.5) < 0.05)
})

for (const [name, motion] of [
  ['turned by 30°', (share: number) => print(30 * share)],
  ['turned by 20° and nodded by 15°', (share: number) => print(20 * share, 15 * share)],
] as const) {
  test(`a flat print ${name} reads as a plane`, (t) => {
    const tracker = follow(motion, TURN)
    t.diagnostic(summary(tracker))
    const planar = measure(tracker)
    assert.ok(planar.survivors > 25)
    assert.ok(native(planar, 'displacement') > 0.02)
    assert.ok(native(planar, 'residual') < 0.009)
    assert.ok(native(planar, 'ratio') < 1.3)
  })
}

for (const degrees of [15, 20]) {
  test(`a head turned by ${degrees}° reads as not a plane`, (t) => {
    const tracker = follow((share) => head(degrees * share), TURN)
    t.diagnostic(summary(tracker))
    const planar = measure(tracker)
    assert.ok(planar.survivors >= 25)
    assert.ok(native(planar, 'residual') > 0.02)
    assert.ok(native(planar, 'ratio') > 1.8)
  })
}

test('a bent print lies between a flat one and a head', (t) => {
  const trackers = [
    follow((share) => print(30 * share), TURN),
    follow((share) => print(30 * share, 0, 150), TURN),
    follow((share) => head(20 * share), TURN),
  ]
  for (const tracker of trackers) t.diagnostic(summary(tracker))
  const [flat, bent, round] = trackers.map((tracker) => native(measure(tracker), 'residual'))
  assert.ok(flat < bent && bent < round, `${flat} ${bent} ${round}`)
})

test('a flat print that grows dark while it turns still reads as a plane, a head still as a head', (t) => {
  const dimmed = (motion: (share: number) => Scene): Tracker => {
    const images = TURN.map((share, i) => render(motion(share), 1.5, 100 + i, SKIN, 1 - 0.4 * share))
    const tracker = startTracker(images[0])
    for (const image of images.slice(1)) tracker.step(pyramid(image))
    t.diagnostic(summary(tracker))
    return tracker
  }
  const flat = measure(dimmed((share) => print(30 * share)))
  assert.ok(native(flat, 'residual') < 0.009 && native(flat, 'ratio') < 1.3)
  const round = measure(dimmed((share) => head(15 * share)))
  assert.ok(native(round, 'residual') > 0.02 && native(round, 'ratio') > 1.8)
})

test('a cut to another picture breaks the track for good', (t) => {
  const tracker = startTracker(render(head(0)))
  tracker.step(pyramid(render(head(2))))
  const cut = tracker.step(pyramid(render(head(3), 1.5, 9, solidTexture(3))))
  t.diagnostic(`survival ${cut.survival.toFixed(3)}`)
  assert.ok(cut.broken && cut.survival < 0.15)
  const after = tracker.step(pyramid(render(head(2))))
  assert.ok(after.broken && tracker.broken)
})

test('a frozen picture with fresh noise does not move', (t) => {
  const tracker = follow(() => head(0), TURN)
  t.diagnostic(summary(tracker))
  assert.ok(native(measure(tracker), 'displacement') < 0.003)
  assert.ok(tracker.survivors > 0.95 * tracker.started)
})

test('the frames of a turn in another order lose the track that the right order keeps', (t) => {
  const right = follow((share) => head(40 * share), TURN)
  const permuted = follow(
    (share) => head(40 * share),
    [0, 6, 2, 7, 1, 5, 3, 8].map((i) => TURN[i]),
  )
  t.diagnostic(`right order ${summary(right)}`)
  t.diagnostic(`permuted ${permuted.survivors}/${permuted.started}, broken ${permuted.broken}`)
  assert.ok(right.survivors >= 25)
  assert.ok(permuted.broken || permuted.survivors < 12)
})

/** The pure parts between pixels and networks: pose, transforms, warps, suppression, encodings. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { finish, int, message, string } from '../src/convert/protobuf.ts'
import { readWeights } from '../src/convert/weights.ts'
import { ANCHORS } from '../src/face/anchors.ts'
import { dlibChip } from '../src/face/chips.ts'
import { MESH_POINTS, POINT } from '../src/face/mesh-points.ts'
import { eyeOpenness, mouthOpenness } from '../src/face/openness.ts'
import { headPose } from '../src/face/pose.ts'
import { suppress } from '../src/face/suppression.ts'
import { Pyramid } from '../src/image/pyramid.ts'
import { apply, fitSimilarity, scaleOf, squareCrop } from '../src/image/similarity.ts'
import { sniff } from '../src/image/sniff.ts'
import { thumbnail } from '../src/image/thumbnail.ts'
import { warp } from '../src/image/warp.ts'
import type { Image } from '../src/types.ts'

type Vector = readonly [number, number, number]
const RADIANS = Math.PI / 180

/** Rotations in image axes (x right, y down, z away): nose to the image's right, nose up, clockwise. */
const yaw =
  (degrees: number) =>
  ([x, y, z]: Vector): Vector => {
    const c = Math.cos(degrees * RADIANS)
    const s = Math.sin(degrees * RADIANS)
    return [c * x - s * z, y, s * x + c * z]
  }
const pitch =
  (degrees: number) =>
  ([x, y, z]: Vector): Vector => {
    const c = Math.cos(degrees * RADIANS)
    const s = Math.sin(degrees * RADIANS)
    return [x, c * y + s * z, -s * y + c * z]
  }
const roll =
  (degrees: number) =>
  ([x, y, z]: Vector): Vector => {
    const c = Math.cos(degrees * RADIANS)
    const s = Math.sin(degrees * RADIANS)
    return [c * x - s * y, s * x + c * y, z]
  }

/** A mesh whose frame points span a head at rest, then turned. */
function head(turn: (point: Vector) => Vector): Float32Array {
  const mesh = new Float32Array(3 * MESH_POINTS)
  const rest: [number, Vector][] = [
    [POINT.foreheadTop, [0, -80, 0]],
    [POINT.chin, [0, 80, 0]],
    [POINT.rightCheek, [-60, 0, 0]],
    [POINT.leftCheek, [60, 0, 0]],
    [POINT.noseTip, [0, 0, -50]],
  ]
  for (const [index, point] of rest) mesh.set(turn(point), 3 * index)
  return mesh
}

test('yaw is positive when the nose points to the right of the image, pitch when it points up', () => {
  const right = head(yaw(20))
  assert.ok(right[3 * POINT.noseTip]! > 0, 'the construction itself')
  assert.ok(Math.abs(headPose(right).yawDeg - 20) < 1e-3)
  const up = head(pitch(15))
  assert.ok(up[3 * POINT.noseTip + 1]! < 0, 'the construction itself')
  assert.ok(Math.abs(headPose(up).pitchDeg - 15) < 1e-3)
  const clockwise = head(roll(10))
  assert.ok(clockwise[3 * POINT.leftCheek + 1]! > 0, 'the construction itself')
  assert.ok(Math.abs(headPose(clockwise).rollDeg - 10) < 1e-3)
})

test('any pose within ±60° is read back from the frame', () => {
  const angle = fc.double({ min: -60, max: 60, noNaN: true })
  fc.assert(
    fc.property(angle, angle, angle, (y, p, r) => {
      const pose = headPose(head((point) => yaw(y)(pitch(p)(roll(r)(point)))))
      assert.ok(Math.abs(pose.yawDeg - y) < 0.01 && Math.abs(pose.pitchDeg - p) < 0.01)
      assert.ok(Math.abs(pose.rollDeg - r) < 0.01)
    }),
  )
})

test('a similarity is found again from points that it moved', () => {
  const number = fc.double({ min: -500, max: 500, noNaN: true })
  const scale = fc.double({ min: 0.1, max: 10, noNaN: true })
  fc.assert(
    fc.property(number, number, scale, fc.double({ min: -3, max: 3, noNaN: true }), (tx, ty, s, angle) => {
      const t = { a: s * Math.cos(angle), b: s * Math.sin(angle), tx, ty }
      const from = [
        { x: 0, y: 0 },
        { x: 10, y: 3 },
        { x: -4, y: 9 },
        { x: 7, y: -8 },
      ]
      const found = fitSimilarity(
        from,
        from.map(({ x, y }) => apply(t, x, y)),
      )
      for (const key of ['a', 'b', 'tx', 'ty'] as const) assert.ok(Math.abs(found[key] - t[key]) < 1e-6)
    }),
  )
})

test('a square crop has its centre in the middle and the side that was asked for', () => {
  const crop = squareCrop({ x: 40, y: 30 }, 20, 0.4, 10)
  assert.deepEqual(
    [apply(crop, 5, 5).x.toFixed(6), apply(crop, 5, 5).y.toFixed(6), scaleOf(crop).toFixed(6)],
    ['40.000000', '30.000000', '2.000000'],
  )
})

/** r = x, g = y, b = x + y, in pixels. */
function ramp(width: number, height: number): Image {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const x = Math.floor(i / 3) % width
    const y = Math.floor(i / 3 / width)
    return [x, y, x + y][i % 3]!
  })
  return { width, height, data }
}

const PLAIN = { mean: [0, 0, 0], factor: [1, 1, 1] } as const

test('a warp reads between pixels, at any angle, scale and pyramid level', () => {
  const pyramid = new Pyramid(ramp(120, 100))
  for (const [side, angle] of [
    [16, 0],
    [24, 0.5],
    [40, -1.2],
    [70, 0.1],
  ] as const) {
    const crop = squareCrop({ x: 60, y: 50 }, side, angle, 16)
    const out = warp(pyramid, crop, 16, 16, PLAIN, new Float32Array(3 * 256))
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 16; x++) {
        const at = apply(crop, x + 0.5, y + 0.5)
        assert.ok(Math.abs(out[y * 16 + x]! - (at.x - 0.5)) < 0.75, `x at side ${side}`)
        assert.ok(Math.abs(out[256 + y * 16 + x]! - (at.y - 0.5)) < 0.75, `y at side ${side}`)
      }
    }
  }
})

/** What a warp says of one sample of a picture at full size: bilinear, `nearest` beyond the edge. */
function sampled({ width, height, data }: Image, x: number, y: number, channel: number): number {
  const within = (value: number, size: number) => Math.max(0, Math.min(size - 1, value))
  const [left, top] = [Math.floor(within(x, width)), Math.floor(within(y, height))]
  const [wx, wy] = [within(x, width) - left, within(y, height) - top]
  const at = (column: number, row: number) =>
    data[3 * (within(row, height) * width + within(column, width)) + channel]!
  const upper = (1 - wx) * at(left, top) + wx * at(left + 1, top)
  const lower = (1 - wx) * at(left, top + 1) + wx * at(left + 1, top + 1)
  return (1 - wy) * upper + wy * lower
}

test('a warp is the plain bilinear form, to a fifth of a level, inside, at the edges and beyond', () => {
  fc.assert(
    fc.property(
      fc.record({
        width: fc.integer({ min: 1, max: 90 }),
        height: fc.integer({ min: 1, max: 90 }),
        x: fc.double({ min: -0.5, max: 1.5, noNaN: true }),
        y: fc.double({ min: -0.5, max: 1.5, noNaN: true }),
        scale: fc.double({ min: 0.3, max: 1.4, noNaN: true }),
        angle: fc.oneof(
          fc.constantFrom(0, Math.PI / 2, Math.PI),
          fc.double({ min: -4, max: 4, noNaN: true }),
        ),
        border: fc.constantFrom('nearest' as const, 'black' as const),
        seed: fc.integer({ min: 1 }),
      }),
      ({ width, height, x, y, scale, angle, border, seed }) => {
        const data = new Uint8Array(3 * width * height)
        for (let i = 0, state = seed; i < data.length; i++) {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0
          data[i] = state >>> 24
        }
        const image = { width, height, data }
        const side = 48
        const crop = squareCrop({ x: x * width, y: y * height }, scale * side, angle, side)
        const out = warp(new Pyramid(image), crop, side, side, PLAIN, new Float32Array(3 * side ** 2), border)
        for (let i = 0; i < side ** 2; i++) {
          const at = apply(crop, (i % side) + 0.5, Math.floor(i / side) + 0.5)
          const [sx, sy] = [at.x - 0.5, at.y - 0.5]
          const beyond = Math.max(-0.5 - sx, -0.5 - sy, sx - width + 0.5, sy - height + 0.5)
          // On the border itself, rounding decides.
          if (border === 'black' && Math.abs(beyond) < 1e-9) continue
          for (let channel = 0; channel < 3; channel++) {
            const plain = border === 'black' && beyond > 0 ? 0 : sampled(image, sx, sy, channel)
            const found = out[channel * side ** 2 + i]!
            assert.ok(Math.abs(found - plain) < 0.2, `${sx}, ${sy}: ${found} instead of ${plain}`)
          }
        }
      },
    ),
  )
})

test('strong reductions do not alias: a chequerboard becomes grey', () => {
  const data = Uint8Array.from({ length: 3 * 256 * 256 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    return ((pixel % 256) + Math.floor(pixel / 256)) % 2 === 0 ? 255 : 0
  })
  const crop = squareCrop({ x: 128, y: 128 }, 256, 0, 32)
  const out = warp(
    new Pyramid({ width: 256, height: 256, data }),
    crop,
    32,
    32,
    PLAIN,
    new Float32Array(3072),
  )
  assert.ok(out.every((value) => Math.abs(value - 128) < 2))
})

test('channels are normalised and ordered, and outside is black or the nearest pixel', () => {
  const image = { width: 4, height: 4, data: new Uint8Array(48).map((_, i) => [10, 20, 30][i % 3]!) }
  const pyramid = new Pyramid(image)
  const crop = squareCrop({ x: 2, y: 2 }, 8, 0, 8)
  const normalisation = { mean: [10, 10, 10], factor: [1, 2, 3], channels: 'BGR' } as const
  const near = warp(pyramid, crop, 8, 8, normalisation, new Float32Array(192))
  assert.deepEqual([near[0], near[64], near[128]], [60, 20, 0])
  const black = warp(pyramid, crop, 8, 8, normalisation, new Float32Array(192), 'black')
  assert.deepEqual([black[0], black[64], black[128]], [-30, -20, -10])
  assert.deepEqual([black[36], black[100], black[164]], [60, 20, 0])
})

test('half the size: means of four pixels, rounded, whether a row is read by words or by bytes', () => {
  for (const [width, height] of [
    [16, 6],
    [18, 5],
    [13, 8],
  ] as const) {
    const data = Uint8Array.from(
      { length: 3 * width * height },
      (_, i) => (i * 7919 + (i >> 3) * 104729) % 256,
    )
    const half = new Pyramid({ width, height, data }).level(1).image
    assert.deepEqual([half.width, half.height], [width >> 1, height >> 1])
    for (let i = 0; i < half.data.length; i++) {
      const [x, y, c] = [Math.floor(i / 3) % half.width, Math.floor(i / 3 / half.width), i % 3]
      const at = (dx: number, dy: number) => data[3 * ((2 * y + dy) * width + 2 * x + dx) + c]!
      assert.equal(half.data[i], (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) >> 2)
    }
  }
})

test('pictures of a pixel or a line do not trouble pyramid, warp and thumbnail', () => {
  for (const [width, height] of [
    [1, 1],
    [1, 40],
    [40, 1],
    [3, 3],
  ] as const) {
    const pyramid = new Pyramid({ width, height, data: new Uint8Array(3 * width * height).fill(77) })
    const crop = squareCrop({ x: width / 2, y: height / 2 }, 64, 0.3, 8)
    assert.ok(warp(pyramid, crop, 8, 8, PLAIN, new Float32Array(192)).every((v) => Math.abs(v - 77) < 1e-3))
    assert.equal(thumbnail(pyramid).length, 1024)
  }
})

test('the thumbnail is the mean luma of its cells', () => {
  const data = new Uint8Array(3 * 640 * 480).fill(0)
  for (let y = 0; y < 240; y++) data.fill(200, 3 * 640 * y, 3 * 640 * (y + 1))
  const small = thumbnail(new Pyramid({ width: 640, height: 480, data }))
  assert.ok(small.subarray(0, 512).every((value) => value === 200))
  assert.ok(small.subarray(512).every((value) => value === 0))
})

test('overlapping candidates become one, others stay', () => {
  const box = (score: number, x: number): { score: number; values: Float32Array } => {
    const values = new Float32Array(16)
    values.set([x, 0, 100, 100])
    return { score, values }
  }
  const out = suppress([box(0.6, 10), box(0.9, 0), box(0.8, 400), box(0.6, -10)])
  assert.deepEqual(
    out.map(({ score }) => score),
    [0.9, 0.8],
  )
  assert.ok(Math.abs(out[0]!.values[0]!) < 1e-5, 'the mean of 10, 0 and −10')
})

test('there is one anchor for every score of the detector', () => {
  assert.equal(ANCHORS.length, 2 * 896)
  assert.deepEqual([...ANCHORS.subarray(0, 4), ...ANCHORS.subarray(1024, 1026)], [8, 8, 8, 8, 16, 16])
})

test('the dlib chip puts eyes level and where the network expects them', () => {
  const mesh = new Float32Array(3 * MESH_POINTS)
  const points: [number, number, number][] = [
    [POINT.rightEyeOuter, 100, 200],
    [POINT.rightEyeInner, 130, 202],
    [POINT.leftEyeInner, 170, 202],
    [POINT.leftEyeOuter, 200, 200],
    [POINT.noseBase, 150, 258],
  ]
  for (const [index, x, y] of points) mesh.set([x, y, 0], 3 * index)
  const chip = dlibChip(mesh, 150)
  assert.ok(Math.abs(chip.b) < 0.02 && chip.a > 0)
  const left = apply(chip, 150 * ((0.12 + 0.25) / 1.5), 150 * ((0.214 + 0.25) / 1.5))
  assert.ok(Math.hypot(left.x - 100, left.y - 200) < 4)
})

test('openness does not change with scale', () => {
  let state = 1
  const mesh = Float32Array.from({ length: 3 * MESH_POINTS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 24
  })
  const twice = mesh.map((value) => 2 * value)
  assert.ok(Math.abs(eyeOpenness(mesh) - eyeOpenness(twice)) < 1e-5)
  assert.ok(Math.abs(mouthOpenness(mesh) - mouthOpenness(twice)) < 1e-5)
})

test('protobuf fields are encoded as the format says', () => {
  const out = message()
  int(out, 1, 150)
  string(out, 2, 'testing')
  int(out, 3, -1)
  const expected = '089601' + '120774657374696e67' + '18ffffffffffffffffff01'
  assert.equal(Buffer.from(finish(out)).toString('hex'), expected)
})

test('half-precision and affine weights are read, subnormal and infinite ones too', () => {
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x03ff, 0x7c00, 0x8000, 0x3555)
  const groups = [
    {
      weights: [
        {
          name: 'h',
          shape: [7],
          dtype: 'float32' as const,
          quantization: { dtype: 'float16' as const },
        },
        {
          name: 'q',
          shape: [2],
          dtype: 'float32' as const,
          quantization: { dtype: 'uint8' as const, scale: 0.5, min: -1 },
        },
      ],
    },
  ]
  const data = new Uint8Array([...new Uint8Array(halves.buffer), 0, 5])
  const weights = readWeights(groups, data)
  const [one, minusTwo, tiny, subnormal, infinite, zero, third] = weights.get('h')!.floats!
  assert.deepEqual([one, minusTwo, tiny, subnormal], [1, -2, 2 ** -24, 1023 * 2 ** -24])
  assert.equal(infinite, Number.POSITIVE_INFINITY)
  assert.ok(Object.is(zero, -0))
  assert.ok(Math.abs(third! - 1 / 3) < 1e-3)
  assert.deepEqual([...weights.get('q')!.floats!], [-1, 1.5])
})

test('formats are told by their first bytes, whatever follows', () => {
  assert.equal(sniff(Uint8Array.of(0xff, 0xd8, 0xff, 0)), 'jpeg')
  assert.equal(sniff(Buffer.from('89504e470d0a1a0a', 'hex')), 'png')
  assert.equal(sniff(Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')), 'webp')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const format = sniff(bytes)
      assert.ok(format === undefined || bytes.length >= 3)
    }),
  )
})

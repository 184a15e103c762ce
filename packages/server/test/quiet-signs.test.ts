/** Pulse, small motions and perspective: synthetic people, planes and noise whose answers are known. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CaptureRecord, LightObservation, PoseDeg } from '../src/domain/capture-record.ts'
import { approachOf, type Shape } from '../src/domain/perspective.ts'
import { distance } from '../src/domain/signals/distance.ts'
import { microMotion } from '../src/domain/signals/micro-motion.ts'
import { halftone, specular } from '../src/domain/signals/picture.ts'
import { pulse } from '../src/domain/signals/pulse.ts'
import { pulseOf, type SkinSample } from '../src/domain/signals/pulse-wave.ts'

/** A value in [−1, 1) that depends on place and seed only. */
function hash(i: number, seed: number): number {
  const value = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453
  return 2 * (value - Math.floor(value)) - 1
}

interface Skin {
  readonly seed?: number
  readonly perMinute?: number
  /** Change of green with the heartbeat, as a share; red and blue change less (Wang et al. 2017). */
  readonly beat?: number
  readonly noise?: number
  readonly seconds?: number
  readonly everyMs?: number
}

function skin({ seed = 1, perMinute = 72, beat = 0.005, noise = 0.001, seconds = 10, everyMs = 110 }: Skin) {
  return Array.from({ length: Math.round((1000 * seconds) / everyMs) }, (_, i): SkinSample => {
    const atMs = i * everyMs + 9 * hash(i, seed + 7)
    const wave = Math.sin((2 * Math.PI * perMinute * atMs) / 60_000)
    // Exposure and small movements change all colours alike.
    const common = 1 + 0.01 * Math.sin(atMs / 900)
    const channel = (level: number, share: number, number: number) =>
      level * common * (1 + beat * share * wave + noise * hash(i, seed + number))
    return { atMs, colour: [channel(0.3, 0.33, 1), channel(0.2, 1, 2), channel(0.15, 0.6, 3)] }
  })
}

test('a heartbeat in the skin is found at its rate', () => {
  fc.assert(
    fc.property(fc.integer({ min: 48, max: 140 }), fc.nat(1000), (perMinute, seed) => {
      const found = pulseOf(skin({ perMinute, seed, noise: 0.0005 }))
      assert.ok(Math.abs((found?.perMinute ?? 0) - perMinute) <= 6, `${found?.perMinute} for ${perMinute}`)
    }),
    { numRuns: 40, seed: 20261121 },
  )
})

test('a heartbeat stands out more than noise', () => {
  const median = (beat: number) =>
    Array.from({ length: 31 }, (_, seed) => pulseOf(skin({ seed, beat }))?.snrDb ?? Number.NaN).sort(
      (a, b) => a - b,
    )[15] ?? Number.NaN
  assert.ok(median(0.005) > median(0) + 5, `${median(0.005)} and ${median(0)}`)
})

test('too short a time is no pulse, and nothing at all neither', () => {
  assert.equal(pulseOf([]), undefined)
  assert.equal(pulseOf(skin({ seconds: 2 })), undefined)
})

function quietRecord(
  samples: readonly SkinSample[],
  turned = (_: number) => 0,
  kind = 'hold',
): CaptureRecord {
  const frames = samples.map(({ atMs, colour }, frame) => {
    const light: LightObservation = { forehead: colour, rightCheek: colour, leftCheek: colour }
    const pose = { yawDeg: turned(frame), pitchDeg: 0, rollDeg: 0 }
    return { frame, step: 0, capturedUs: 1000 * atMs, arrivedMs: atMs, light, face: { pose } }
  })
  return { frames, steps: [{ step: { kind }, outcome: 'answered' }] } as unknown as CaptureRecord
}

test('the pulse is read from six quiet seconds on, without gaps, turns and colours', () => {
  const status = (record: CaptureRecord) => pulse(record).measurement.status
  const long = skin({ seconds: 8 })
  assert.equal(status(quietRecord(long)), 'assessed')
  assert.equal(status(quietRecord(skin({ seconds: 5 }))), 'failure-to-assess')
  assert.equal(status(quietRecord(skin({ seconds: 8, everyMs: 300 }))), 'failure-to-assess')
  assert.equal(status(quietRecord(long, (frame) => (frame === 36 ? 9 : 0))), 'failure-to-assess')
  assert.equal(status(quietRecord(long, undefined, 'colour-light')), 'failure-to-assess')
  const half = quietRecord(long.filter((_, i) => i < 30 || i > 34))
  assert.equal(status(half), 'failure-to-assess')
})

function holding(pose: (i: number) => Partial<PoseDeg>, count = 11): CaptureRecord {
  const frames = Array.from({ length: count }, (_, i) => ({
    frame: i,
    step: 0,
    face: { pose: { yawDeg: 0, pitchDeg: 0, rollDeg: 0, ...pose(i) } },
  }))
  return { frames, steps: [{ step: { kind: 'hold' }, outcome: 'answered' }] } as unknown as CaptureRecord
}

const native = (signal: ReturnType<typeof pulse>) =>
  signal.measurement.status === 'assessed' ? signal.measurement.native : Number.NaN

test('a head sways slowly; frozen, merely noisy and trembling pictures are less natural', () => {
  const person = holding((i) => ({ yawDeg: 0.8 * Math.sin(i / 3), pitchDeg: 0.2 * hash(i, 1) }))
  assert.ok(native(microMotion(person)) >= 1)
  assert.equal(native(microMotion(holding(() => ({})))), 0)
  assert.ok(native(microMotion(holding((i) => ({ yawDeg: 2.5 * (-1) ** i })))) < 1)
  assert.ok(Number.isNaN(native(microMotion(holding(() => ({}), 7)))))
})

test('small motions: noise alone sways less often than it does not', () => {
  let natural = 0
  for (let seed = 0; seed < 200; seed++)
    if (
      native(
        microMotion(holding((i) => ({ yawDeg: 0.3 * hash(i, seed), pitchDeg: 0.3 * hash(i, seed + 500) }))),
      ) >= 1
    )
      natural++
  assert.ok(natural < 60, String(natural))
})

const WIDTH = 640
const POINTS = 468

interface Seen {
  readonly grown: number
  readonly depth: number
  readonly seed: number
  readonly yawDeg?: number
  readonly noise?: number
}

/** A bowl of that depth, in pixels, through a pinhole of 1.03 picture widths. */
function shape({ grown, depth, seed, yawDeg = 0, noise = 0.3 }: Seen): Shape {
  const focal = 1.03 * WIDTH
  return Float32Array.from({ length: 3 * POINTS }, (_, at) => {
    const i = Math.floor(at / 3)
    const [angle, radius] = [i * 2.399963, 110 * Math.sqrt((i + 0.5) / POINTS)]
    const z = depth * ((radius / 110) ** 2 - 0.5)
    const turn = (yawDeg * Math.PI) / 180
    const places = [
      radius * Math.cos(angle) * Math.cos(turn) + z * Math.sin(turn),
      radius * Math.sin(angle),
      z * Math.cos(turn) - radius * Math.cos(angle) * Math.sin(turn),
    ] as const
    const scale = grown / (1 + ((grown - 1) * places[2]) / focal)
    const own = noise * hash(at, seed)
    // The mesh tells the same depth whatever it looks at.
    if (at % 3 === 2) return 100 * ((radius / 110) ** 2 - 0.5) * grown + own
    return 320 + (places[at % 3] ?? 0) * scale + own
  })
}

const shapes = (seen: Omit<Seen, 'seed'>, count = 12) =>
  Array.from({ length: count }, (_, seed) => shape({ ...seen, seed: seed + 100 * seen.grown }))

test('a head that comes nearer changes as a pinhole makes it, a plane does not; small turns do not matter', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1.2, max: 1.5, noNaN: true }),
      fc.double({ min: -4, max: 4, noNaN: true }),
      (grown, yawDeg) => {
        const head = approachOf(
          shapes({ grown: 1, depth: 100 }),
          shapes({ grown, depth: 100, yawDeg }),
          WIDTH,
        )
        const plane = approachOf(shapes({ grown: 1, depth: 0 }), shapes({ grown, depth: 0, yawDeg }), WIDTH)
        assert.ok(Math.abs((head?.perspective ?? 0) - 1) < 0.25, JSON.stringify(head))
        assert.ok(Math.abs(plane?.perspective ?? 1) < 0.25, JSON.stringify(plane))
      },
    ),
    { numRuns: 25, seed: 20261121 },
  )
})

test('perspective: too few shapes, no approach and shapes without extent are not measured', () => {
  const far = shapes({ grown: 1, depth: 100 })
  assert.equal(approachOf(far, shapes({ grown: 1.3, depth: 100 }, 7), WIDTH), undefined)
  assert.equal(approachOf(far, shapes({ grown: 1.1, depth: 100 }), WIDTH), undefined)
  const nothing = Array.from({ length: 12 }, () => new Float32Array(3 * POINTS))
  assert.equal(approachOf(nothing, nothing, WIDTH), undefined)
})

test('distance, specular and halftone say what was not measured', () => {
  const record = (kinds: readonly string[]) =>
    ({ frames: [], steps: kinds.map((kind) => ({ step: { kind } })) }) as unknown as CaptureRecord
  assert.deepEqual(distance(record([])).measurement, { status: 'failure-to-assess', reason: 'not-supported' })
  assert.deepEqual(distance(record(['distance'])).measurement, {
    status: 'failure-to-assess',
    reason: 'too-few-frames',
  })
  for (const signal of [specular, halftone])
    assert.equal(signal(record([])).measurement.status, 'failure-to-assess')
})

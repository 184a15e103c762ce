/** Evidence from turns, pictures and changes: what heads, planes, puppets and displays give; and that less is never more. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assessed,
  FAILURE_REASONS,
  failed,
  type Measurement,
  type Purpose,
  SIGNAL_NAMES,
  type Signal,
} from '@ipse/protocol'
import fc from 'fast-check'
import type { CaptureRecord, FrameObservation } from '../src/domain/capture-record.ts'
import { decide } from '../src/domain/decide.ts'
import { findPolicy, POLICIES, resolvePolicy } from '../src/domain/policies/index.ts'
import { blink } from '../src/domain/signals/blink.ts'
import { captureDevice } from '../src/domain/signals/capture-device.ts'
import { coMotion } from '../src/domain/signals/co-motion.ts'
import { moire } from '../src/domain/signals/picture.ts'
import { planarity } from '../src/domain/signals/planarity.ts'
import { puppet } from '../src/domain/signals/puppet.ts'
import { sensorNoise } from '../src/domain/signals/sensor-noise.ts'
import { trackUnbroken } from '../src/domain/signals/track-unbroken.ts'
import { weakSigns } from '../src/domain/signals/weak-signs.ts'
import type { TurnObservation } from '../src/domain/turn-observation.ts'
import { CAMERA_FACTS } from './capture-client.ts'
import { HEAD } from './observed.ts'

const PLANE: Partial<TurnObservation> = { residual: assessed(0.006, 0.3), ratio: assessed(0.8, 0.3) }
const FRAME = { faces: 0 } as unknown as FrameObservation
const FACED = { faces: 1, face: {} } as unknown as FrameObservation

function record(change: Partial<CaptureRecord>): CaptureRecord {
  return { frames: [], turns: [], facts: CAMERA_FACTS, ...change } as unknown as CaptureRecord
}
const turning = (...turns: Partial<TurnObservation>[]) =>
  record({ turns: turns.map((turn) => ({ ...HEAD, ...turn })) })
const native = ({ measurement }: Signal): number =>
  measurement.status === 'assessed' ? measurement.native : Number.NaN
const reason = ({ measurement }: Signal): string =>
  measurement.status === 'assessed' ? 'assessed' : measurement.reason

test('a head passes planarity, a plane is refused, and one plane among turns is enough', () => {
  assert.ok(native(planarity(turning({}))) >= 1)
  assert.ok(native(planarity(turning({ yawChangeDeg: -22 }))) >= 1)
  assert.ok(native(planarity(turning(PLANE))) < 2 / 3)
  assert.ok(native(planarity(turning({}, PLANE))) < 2 / 3)
  const doubtful = { residual: assessed(0.013, 0.5) }
  const share = native(planarity(turning(doubtful)))
  assert.ok(share >= 2 / 3 && share < 1, 'too little shape is another attempt')
  assert.ok(native(planarity(turning({}, doubtful))) >= 1, 'one of two turns is enough')
})

test('a wide turn must show more than a small one', () => {
  const shape = { residual: assessed(0.017, 0.5), ratio: assessed(1.9, 0.5) }
  assert.ok(native(planarity(turning({ ...shape, yawChangeDeg: 16 }))) >= 1)
  assert.ok(native(planarity(turning({ ...shape, yawChangeDeg: 21 }))) < 1)
})

test('too few corners, too small, too little, too fast or lost is a failure to assess', () => {
  const cases: readonly (readonly [string, Partial<TurnObservation>])[] = [
    ['too-few-points', { corners: 24 }],
    ['face-too-small', { outerEyeDistancePx: 59 }],
    ['pose-out-of-range', { yawChangeDeg: 13, largestStepDeg: 4 }],
    ['track-lost', { broken: true }],
    ['track-lost', { largestStepDeg: 18 }],
    ['track-lost', { displacement: assessed(0.03, 0.1) }],
    ['too-few-points', { residual: failed('too-few-points') }],
  ]
  for (const [expected, change] of cases) assert.equal(reason(planarity(turning(change))), expected)
  assert.equal(reason(planarity(record({}))), 'not-answered')
})

test('turns up or down count where nothing else is asked, and can only pass', () => {
  const nod = { yawChangeDeg: 1, pitchChangeDeg: -14, largestStepDeg: 5 }
  assert.ok(native(planarity(turning(nod))) >= 1)
  assert.equal(reason(planarity(turning({ ...nod, ...PLANE }))), 'pose-out-of-range')
})

test('a surround that turns along in two turns makes a plane of the face', () => {
  const along = { coMotion: assessed(0.9, 0.9) }
  assert.ok(native(planarity(turning(along, along))) < 2 / 3)
  assert.ok(native(planarity(turning(along, {}))) >= 1)
  assert.ok(native(coMotion(turning(along, along))) < 0.4)
  assert.equal(reason(coMotion(turning({ ...along, yawChangeDeg: 3 }))), 'too-few-points')
})

test('photographs that are exchanged in a jump are no unbroken track', () => {
  assert.equal(native(trackUnbroken(turning({}, { broken: true }))), 0.5)
  assert.equal(native(trackUnbroken(turning({ largestStepDeg: 18.5 }))), 0)
  assert.equal(native(trackUnbroken(turning({ largestStepDeg: 10 }))), 1)
  assert.equal(reason(trackUnbroken(record({}))), 'not-answered')
})

test('a warped photograph scores below people; one turn says nothing', () => {
  const warped = { structureResidual: assessed(0.011, 0.4), gazeCoupling: assessed(0.009, 0.3) }
  assert.ok(native(puppet(turning({}, {}))) > 0.4)
  assert.ok(native(puppet(turning(warped, warped))) < 0.2)
  assert.equal(reason(puppet(turning(warped))), 'too-few-frames')
  const unseen = { gazeCoupling: failed('face-too-small') }
  assert.ok(Math.abs(native(puppet(turning(unseen, unseen))) - Math.log(0.032 / 0.018)) < 1e-9)
})

test('weak signs add up: what each of them forgives alone, they do not forgive together', () => {
  const person = { structureResidual: assessed(0.026, 0.5), structureExplained: assessed(0.6, 0.6) }
  const noise = (share: number) =>
    Array.from({ length: 10 }, () => ({
      ...FACED,
      change: { noise: 0.5, unchangedBlocks: 1 - share, brightness: 120 },
      picture: {
        spectralPeak: assessed(4, 0.5),
        halftonePeak: assessed(2, 0.2),
        fineDetail: assessed(-2, 0.5),
        specular: assessed(0, 0),
        redSpread: assessed(6, 0.4),
        singleCompression: assessed(0.85, 0.85),
      },
    }))
  const odds = (share: number, turn: Partial<TurnObservation>) =>
    native(weakSigns({ ...turning({ ...person, ...turn }, { ...person, ...turn }), frames: noise(share) }))
  const calm = odds(0.9, { coMotion: assessed(0, 1) })
  assert.ok(calm > 0)
  assert.ok(odds(0.55, { coMotion: assessed(0, 1) }) > 0, 'a codec that skips blocks')
  assert.ok(odds(0.9, { coMotion: assessed(0.5, 0.5) }) > 0, 'a wall that follows a little')
  assert.ok(odds(0.55, { coMotion: assessed(0.5, 0.5) }) < 0, 'both')
  assert.equal(odds(0.9, { coMotion: failed('too-few-points') }), odds(0.9, { coMotion: assessed(1, 0) }))
  assert.ok(odds(0.9, { structureExplained: failed('too-few-points') }) < calm)
  assert.equal(reason(weakSigns(turning(person))), 'too-few-frames')
})

test('a display’s lines, a painted surround and a blink are read from frames', () => {
  const picture = (peak: number) => ({
    ...FRAME,
    picture: {
      spectralPeak: assessed(peak, 0.5),
      halftonePeak: assessed(2, 0.2),
      fineDetail: assessed(-2, 0.5),
      specular: assessed(0, 0),
      redSpread: assessed(6, 0.4),
      singleCompression: assessed(0.85, 0.85),
    },
  })
  assert.ok(native(moire(record({ frames: [4, 3.5, 5].map(picture) }))) > 0)
  assert.ok(native(moire(record({ frames: [8, 3.5, 7].map(picture) }))) < 0)
  const changes = (shares: readonly number[]) =>
    record({
      frames: shares.map((unchangedBlocks) => ({
        ...FACED,
        change: { noise: 0.5, unchangedBlocks, brightness: 120 },
      })),
    })
  assert.ok(native(sensorNoise(changes(Array.from({ length: 10 }, () => 0.7)))) < 0.5)
  assert.ok(native(sensorNoise(changes([0.1, ...Array.from({ length: 10 }, () => 0.9)]))) > 0.5)
  assert.equal(reason(sensorNoise(changes([0.9, 0.9]))), 'too-few-frames')
  const { frames } = changes(Array.from({ length: 10 }, () => 1))
  const nobody = record({ frames: frames.map(({ face: _, ...frame }) => frame) })
  assert.equal(reason(sensorNoise(nobody)), 'too-few-frames', 'a covered lens')
  const eyes = (openness: readonly number[]) =>
    record({
      frames: openness.map((eyeOpenness) => ({
        ...FRAME,
        face: { pose: { yawDeg: 0, pitchDeg: 0, rollDeg: 0 }, eyeOpenness } as FrameObservation['face'] &
          object,
      })),
    })
  const open = Array.from({ length: 14 }, () => 0.27)
  assert.ok(native(blink(eyes([...open, 0.1]))) > 0.5)
  assert.ok(native(blink(eyes(open))) < 0.05)
})

test('a device that contradicts itself or its pictures is a virtual camera', () => {
  const size = (width: number, height: number) => [{ ...FRAME, width, height }]
  const capabilities = { width: { max: 640 }, height: { max: 480 } }
  const device = (facts: object, frames = size(640, 480)) =>
    native(captureDevice(record({ facts: { ...CAMERA_FACTS, capabilities, ...facts }, frames })))
  assert.equal(device({}), 1)
  assert.equal(device({}, size(480, 640)), 1, 'a phone that is held upright')
  assert.equal(device({}, size(960, 720)), 0, 'larger than the camera')
  assert.equal(device({}, size(640, 360)), 0, 'of another shape')
  const android = 'Mozilla/5.0 (Linux; Android 15) Chrome/140'
  assert.equal(device({ userAgent: android, platform: 'Linux armv81' }), 1)
  assert.equal(device({ userAgent: android, platform: 'Win32' }), 0)
  assert.equal(device({ userAgent: 'Mozilla/5.0 (Windows NT 10.0)', platform: 'Linux x86_64' }), 0)
  assert.equal(device({ userAgent: 'Mozilla/5.0 (Macintosh)', platform: 'MacIntel' }), 1)
})

const number = (max: number) => fc.double({ min: 0, max, noNaN: true })
const turn: fc.Arbitrary<TurnObservation> = fc
  .record({
    residual: number(0.08),
    ratio: number(8),
    displacement: number(0.6),
    coMotion: number(1),
    structure: number(0.1),
    gaze: number(0.1),
    yaw: fc.double({ min: -35, max: 35, noNaN: true }),
    corners: fc.integer({ min: 0, max: 150 }),
    broken: fc.boolean(),
  })
  .map((drawn) => ({
    ...HEAD,
    yawChangeDeg: drawn.yaw,
    largestStepDeg: Math.abs(drawn.yaw) / 3,
    corners: drawn.corners,
    broken: drawn.broken,
    residual: assessed(drawn.residual, 0.5),
    ratio: assessed(drawn.ratio, 0.5),
    displacement: assessed(drawn.displacement, 0.5),
    coMotion: assessed(drawn.coMotion, 0.5),
    structureResidual: assessed(drawn.structure, 0.5),
    gazeCoupling: assessed(drawn.gaze, 0.5),
  }))

const lower = (measured: Measurement, by: number): Measurement =>
  measured.status === 'assessed' ? assessed(measured.native * by, 0) : measured

const SEVERITY = { accept: 0, retry: 1, review: 2, reject: 3 }
const POINTS = [{ fmr: 1e-5, threshold: 0.1 }]
const high = resolvePolicy(findPolicy(POLICIES, 'high', false), POINTS)
const answered: Signal = { name: 'challenge-response', measurement: assessed(1, 1), samples: 1 }

/** What the strictest policy decides on one signal alone. */
function severityOf(signal: Signal): number {
  const rules = high.rules.filter((rule) => rule.signal === signal.name || rule.signal === answered.name)
  return SEVERITY[decide({ ...high, rules }, [answered, signal], 'liveness').decision]
}

test('less shape, more of the surround moving along, less gaze or a lost track never make a signal better', () => {
  fc.assert(
    fc.property(
      fc.array(turn, { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.oneof(fc.constant(0), number(1)),
      (turns, at, by) => {
        const k = at % turns.length
        const changed = (change: (turn: TurnObservation) => Partial<TurnObservation>) =>
          record({ turns: turns.map((given, i) => (i === k ? { ...given, ...change(given) } : given)) })
        const before = record({ turns })
        const notBetter = (signal: (given: CaptureRecord) => Signal, after: CaptureRecord) =>
          assert.ok(severityOf(signal(after)) >= severityOf(signal(before)))
        notBetter(
          planarity,
          changed(({ residual }) => ({ residual: lower(residual, by) })),
        )
        notBetter(
          planarity,
          changed(({ ratio }) => ({ ratio: lower(ratio, by) })),
        )
        notBetter(
          planarity,
          changed(() => ({ coMotion: assessed(1, 1) })),
        )
        notBetter(
          puppet,
          changed(({ structureResidual }) => ({ structureResidual: lower(structureResidual, by) })),
        )
        notBetter(
          puppet,
          changed(({ gazeCoupling }) => ({ gazeCoupling: lower(gazeCoupling, by) })),
        )
        notBetter(
          weakSigns,
          changed(({ structureResidual }) => ({ structureResidual: lower(structureResidual, by) })),
        )
        notBetter(
          weakSigns,
          changed(({ gazeCoupling }) => ({ gazeCoupling: lower(gazeCoupling, by) })),
        )
        notBetter(
          weakSigns,
          changed(() => ({ structureExplained: failed('too-few-points') })),
        )
        notBetter(
          weakSigns,
          changed(() => ({ coMotion: assessed(1, 1) })),
        )
        notBetter(
          trackUnbroken,
          changed(() => ({ broken: true })),
        )
      },
    ),
    { numRuns: 500 },
  )
})

const PURPOSES: readonly Purpose[] = ['liveness', 'enrolment', 'verification']

/** Three networks that the policies' rule on texture turns into rules of their own. */
const PADS = ['wide', 'close', 'whole'].map((id) => ({
  id,
  operatingPoints: [{ apcer: 0.05, threshold: 0.5 }],
}))
const notNumbers = [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map(
  (native): Measurement => ({ status: 'assessed', native, score: native }),
)
const BAD: readonly Measurement[] = [...FAILURE_REASONS.map(failed), ...notNumbers, assessed(-1e6, 0)]

test('every detector removed, failing, not a number or at its worst in turn: no policy that asks for it accepts', () => {
  let tried = 0
  for (const policy of Object.values(POLICIES))
    for (const pads of [[], PADS.slice(0, 1), PADS])
      for (const purpose of PURPOSES) {
        const resolved = resolvePolicy(policy, POINTS, pads)
        const demanded = resolved.rules.filter(({ purposes }) => purposes?.includes(purpose) ?? true)
        const all = SIGNAL_NAMES.flatMap((name): Signal[] => {
          const signal = { name, measurement: assessed(1e6, 1), samples: 9 }
          return name === 'texture' ? pads.map(({ id }) => ({ ...signal, model: id })) : [signal]
        })
        const title = `${policy.name} ${purpose} ${pads.length}`
        assert.equal(decide(resolved, all, purpose).decision, 'accept', title)
        for (const [at, { name, model }] of all.entries()) {
          const asked = demanded.some(
            (rule) => rule.signal === name && (rule.model === undefined || rule.model === model),
          )
          const changed = BAD.map((measurement) => all.with(at, { ...all[at]!, measurement }))
          for (const signals of [all.toSpliced(at, 1), ...changed]) {
            const { decision, assurance } = decide(resolved, signals, purpose)
            assert.equal(decision === 'accept', !asked, `${title} ${name}`)
            if (name === 'challenge-response') assert.equal(assurance, 'none')
            if (name === 'texture') assert.doesNotMatch(assurance, /pad-model/)
            if (name === 'attestation') assert.doesNotMatch(assurance, /attested/)
            tried++
          }
        }
      }
  assert.ok(tried > 10_000, `${tried}`)
})

test('standard asks for planarity and an unbroken track, high for puppets too and never rejects by them', () => {
  const asks = (name: string) => POLICIES[name]?.rules.map(({ signal }) => signal) ?? []
  for (const signal of ['planarity', 'track-unbroken', 'moire', 'sensor-noise'] as const)
    assert.ok(asks('standard').includes(signal), signal)
  assert.ok(!asks('standard').includes('puppet'))
  for (const policy of Object.values(POLICIES))
    for (const rule of policy.rules)
      if (rule.signal === 'puppet' || rule.signal === 'weak-signs')
        assert.deepEqual([rule.otherwise, rule.missing], ['review', 'retry'])
})

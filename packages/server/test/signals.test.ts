/** Signals as pure functions of a capture's record: what people give, and what attacks give. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CaptureFacts, failed, SIGNAL_NAMES } from '@ipse/protocol'
import fc from 'fast-check'
import type { CaptureRecord, FrameObservation } from '../src/domain/capture-record.ts'
import { captureDevice } from '../src/domain/signals/capture-device.ts'
import { virtualCameraSigns } from '../src/domain/signals/device-signs.ts'
import { frameCadence } from '../src/domain/signals/frame-cadence.ts'
import { identityContinuity } from '../src/domain/signals/identity-continuity.ts'
import { signalsOf } from '../src/domain/signals/index.ts'
import { captureVariety, frameFreshness } from '../src/domain/signals/repetition.ts'
import { singleFace } from '../src/domain/signals/single-face.ts'
import { CAMERA_FACTS } from './capture-client.ts'
import { type FrameChange, observed } from './observed.ts'

/** A thumbnail of a face at a place, with sensor noise that depends on the seed. */
function thumbnail(angle: number, seed: number, noise = 1): Uint8Array {
  return Uint8Array.from({ length: 1024 }, (_, i) => {
    const texture = 128 + 80 * Math.sin((i % 32) / 2 + angle / 6) * Math.cos(Math.floor(i / 32) / 3)
    const hash = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453
    return Math.round(texture + (hash - Math.floor(hash) - 0.5) * 2 * noise)
  })
}

/** Degrees of a head that never moves the same way twice. */
const wander = (index: number) => index / 3 + 9 * Math.sin(index / 4) + 5 * Math.sin(index / 1.7)

const frame = (index: number, change: FrameChange = {}): FrameObservation =>
  observed(1000 + index * 100, {
    frame: index,
    capturedUs: 5_000_000 + index * 100_000,
    digest: `digest ${index}`,
    thumbnail: thumbnail(wander(index), index),
    ...change,
  })

const frames = (count: number, change: (index: number) => FrameChange = () => ({})) =>
  Array.from({ length: count }, (_, index) => frame(index, change(index)))

const record = (change: Partial<CaptureRecord> = {}): CaptureRecord => ({
  frames: frames(60),
  settledFrame: 3,
  steps: [{ step: { kind: 'hold' }, outcome: 'answered' }],
  planned: 1,
  facts: CAMERA_FACTS,
  replay: { segments: 20, frames: 60, sameSegments: 0, sameFrames: 0 },
  turns: [],
  continuity: [
    { frame: 20, kind: 'head-pose', yawChangeDeg: 20, pitchChangeDeg: 0, score: 0.5 },
    { frame: 30, kind: 'center', yawChangeDeg: 2, pitchChangeDeg: 0, score: 0.8 },
  ],
  probePairs: [0.9, 0.8, 0.85],
  continuityLimits: { frontal: 0.1, turned: 0 },
  probeFrames: [4, 6],
  match: { score: 0.7 },
  ...change,
})

const native = ({ measurement }: { measurement: { status: string; native?: number } }) =>
  measurement.status === 'assessed' ? measurement.native : measurement.status

test('every signal is there every time, also for a capture in which nothing happened', () => {
  const nothing = record({
    frames: [],
    steps: [],
    planned: 0,
    facts: undefined,
    continuity: [],
    probePairs: [],
    probeFrames: [],
    settledFrame: undefined,
    replay: { segments: 0, frames: 0, sameSegments: 0, sameFrames: 0 },
    match: { missing: 'no-reference' },
  })
  const names = signalsOf(nothing, 'verification').map(({ name }) => name)
  assert.deepEqual(names.toSorted(), SIGNAL_NAMES.toSorted())
  for (const { measurement } of signalsOf(nothing, 'verification'))
    assert.equal(measurement.status, 'failure-to-assess')
  assert.ok(!signalsOf(nothing, 'liveness').some(({ name }) => name === 'match'))
})

test('repeats are counted by bytes and by thumbnail', () => {
  assert.equal(native(frameFreshness(record())), 1)
  const same = thumbnail(0, 1)
  assert.equal(native(frameFreshness(record({ frames: frames(11, () => ({ thumbnail: same })) }))), 0)
  assert.equal(native(frameFreshness(record({ frames: frames(11, (i) => ({ digest: `d${i >> 1}` })) }))), 0.5)
  assert.equal(native(frameFreshness(record({ frames: frames(1) }))), 'failure-to-assess')
})

test('a loop shows, encoded anew or not; people who keep still or move again do not look like one', () => {
  const variety = (list: readonly FrameObservation[]) =>
    Number(native(captureVariety(record({ frames: list }))))
  assert.ok(variety(frames(80)) > 0.5, String(variety(frames(80))))
  const sway = (i: number) => 12 * Math.sin(i / 3)
  const looped = frames(80, (i) => ({ thumbnail: thumbnail(sway(i % 20), i) }))
  assert.ok(variety(looped) < 0.2, String(variety(looped)))
  const exact = frames(80, (i) => ({ digest: `d${i % 25}` }))
  assert.equal(variety(exact), 0)
  assert.equal(captureVariety(record({ frames: exact })).finding, 'capture_looped')
  const still = frames(80, (i) => ({ thumbnail: thumbnail(0, i) }))
  assert.ok(variety(still) > 0.5, String(variety(still)))
  const again = frames(80, (i) => ({
    thumbnail: thumbnail(i % 40 < 15 ? 1.6 * (i % 40) + (i > 40 ? 4 : 0) : 0, i),
  }))
  assert.ok(variety(again) > 0.2, String(variety(again)))
  assert.equal(native(captureVariety(record({ frames: frames(11) }))), 'failure-to-assess')
})

test('what shows nobody repeats nothing; a face that comes and goes hides no repeat', () => {
  const nobody = (i: number): FrameObservation => {
    const { face: _, ...rest } = frame(i, { digest: 'black', thumbnail: new Uint8Array(1024), faces: 0 })
    return rest
  }
  const black = record({ frames: Array.from({ length: 80 }, (_, i) => nobody(i)) })
  assert.equal(native(frameFreshness(black)), 'failure-to-assess')
  assert.equal(native(captureVariety(black)), 'failure-to-assess')
  const between = Array.from({ length: 80 }, (_, i) => (i % 2 ? nobody(i) : frame(i, { digest: 'one' })))
  assert.equal(native(frameFreshness(record({ frames: between }))), 0)
})

test('six hundred frames, a minute of capture, are searched for loops', (t) => {
  const started = performance.now()
  const { measurement } = captureVariety(record({ frames: frames(600) }))
  t.diagnostic(`${(performance.now() - started).toFixed(0)} ms`)
  assert.equal(measurement.status, 'assessed')
})

test('stated capture times must rise and fit the arrival', () => {
  const cadence = (change: (i: number) => Partial<FrameObservation>) =>
    native(frameCadence(record({ frames: frames(40, change) })))
  assert.equal(
    cadence(() => ({})),
    1,
  )
  assert.ok(Math.abs(Number(cadence((i) => ({ capturedUs: i * 50_000 }))) - 0.5) < 0.01, 'half the speed')
  assert.equal(
    cadence((i) => ({ capturedUs: i * 300_000 })),
    0,
    'three times the speed',
  )
  assert.equal(
    cadence((i) => (i === 20 ? { capturedUs: 1 } : {})),
    0,
    'one step back',
  )
  assert.equal(native(frameCadence(record({ frames: frames(5) }))), 'failure-to-assess')
})

test('virtual cameras are known by their label and by what they lack; real ones are left alone', () => {
  const virtual = [
    'OBS Virtual Camera',
    'OBS-Camera',
    'ManyCam Video Source',
    'Snap Camera',
    'v4l2loopback',
    'Dummy video device (0x0000)',
    'DroidCam Source 3',
    'NDI Video',
    'XSplit VCam',
    'mmhmm Camera',
    'fake_device_0',
    '/home/a/clip.mjpeg',
    'C:\\clips\\face.y4m',
  ]
  for (const label of virtual)
    assert.equal(native(captureDevice(record({ facts: { ...CAMERA_FACTS, label } }))), 0, label)
  const real = [
    'OBSBOT Tiny 2',
    'FaceTime HD Camera',
    'Logitech BRIO',
    'HD Pro Webcam C920 (046d:082d)',
    'camera2 1, facing front',
    'Sandisk cam',
    'Front Camera',
    'Surface Camera Front',
  ]
  for (const label of real)
    assert.equal(native(captureDevice(record({ facts: { ...CAMERA_FACTS, label } }))), 1, label)
  for (const odd of [
    { trackType: 'CanvasCaptureMediaStreamTrack' },
    { simulated: true },
    { webdriver: true },
    { mediaApiNative: false },
    { settings: { width: 640 } },
  ])
    assert.deepEqual(virtualCameraSigns({ ...CAMERA_FACTS, ...odd }).length, 1, JSON.stringify(odd))
  assert.equal(native(captureDevice(record({ facts: {} }))), 'failure-to-assess')
})

/** A laptop with Chromium, as it states itself. */
const CHROMIUM_FACTS: CaptureFacts = {
  ...CAMERA_FACTS,
  capabilities: {
    deviceId: 'cafe',
    groupId: 'f00d',
    width: { min: 1, max: 1280 },
    height: { min: 1, max: 720 },
    frameRate: { min: 1, max: 30 },
  },
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  platform: 'Linux x86_64',
  client: { platform: 'Linux', version: '156' },
  languages: 2,
  touchPoints: 0,
  screen: { width: 1920, height: 1080, pixelRatio: 1, outerWidth: 1200, outerHeight: 900 },
}
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1'
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36'

test('tracks that are no camera and browsers that contradict themselves show one sign each', () => {
  assert.deepEqual(virtualCameraSigns(CHROMIUM_FACTS), [])
  const phone: CaptureFacts = {
    ...CAMERA_FACTS,
    userAgent: IPHONE,
    platform: 'iPhone',
    touchPoints: 5,
    screen: { width: 390, height: 844, pixelRatio: 3, outerWidth: 0, outerHeight: 0 },
  }
  assert.deepEqual(virtualCameraSigns(phone), [])
  const upright = { ...CHROMIUM_FACTS, settings: { ...CHROMIUM_FACTS.settings, width: 720, height: 1280 } }
  assert.deepEqual(virtualCameraSigns(upright), [])
  const { capabilities: _, ...silent } = CHROMIUM_FACTS
  const screen = CHROMIUM_FACTS.screen!
  const odd: Record<string, CaptureFacts> = {
    'a canvas': { ...CHROMIUM_FACTS, label: 'cafe' },
    'a peer connection': { ...CHROMIUM_FACTS, label: 'remote video' },
    'a generator': {
      ...CHROMIUM_FACTS,
      settings: { ...CHROMIUM_FACTS.settings, deviceId: 'e0e3cc04-46a5-4461-ac2c-3b5746c1892f' },
      capabilities: { ...CHROMIUM_FACTS.capabilities, deviceId: '' },
    },
    'no capabilities': silent,
    'sizes that it cannot': { ...CHROMIUM_FACTS, settings: { ...CHROMIUM_FACTS.settings, width: 1920 } },
    'a rate that it cannot': { ...CHROMIUM_FACTS, settings: { ...CHROMIUM_FACTS.settings, frameRate: 60 } },
    headless: {
      ...CHROMIUM_FACTS,
      userAgent: CHROMIUM_FACTS.userAgent!.replace('Chrome/', 'HeadlessChrome/'),
    },
    'no language': { ...CHROMIUM_FACTS, languages: 0 },
    'no window': { ...CHROMIUM_FACTS, screen: { ...screen, outerWidth: 0, outerHeight: 0 } },
    'no screen': { ...CHROMIUM_FACTS, screen: { ...screen, width: 0 } },
    'a telephone without fingers': { ...phone, touchPoints: 0 },
    'a telephone with large pixels': { ...phone, screen: { ...phone.screen!, pixelRatio: 1 } },
    'Windows on Linux': { ...CHROMIUM_FACTS, client: { platform: 'Windows', version: '156' } },
    'Linux on Windows': { ...CHROMIUM_FACTS, userAgent: WINDOWS, platform: 'Win32' },
    'two versions': { ...CHROMIUM_FACTS, client: { platform: 'Linux', version: '120' } },
  }
  for (const [title, facts] of Object.entries(odd)) {
    const signs = virtualCameraSigns(facts)
    assert.ok(signs.length === 1 || (title === 'a generator' && signs.length === 2), `${title}: ${signs}`)
    assert.equal(native(captureDevice(record({ facts }))), 0, title)
  }
})

const anyFacts = fc.record(
  {
    label: fc.constantFrom('Front Camera', 'OBS Virtual Camera', 'cafe'),
    trackType: fc.constantFrom('MediaStreamTrack', 'CanvasCaptureMediaStreamTrack'),
    settings: fc.constantFrom(
      CHROMIUM_FACTS.settings!,
      {},
      { deviceId: '', width: 9e4, height: 2, frameRate: 500 },
    ),
    capabilities: fc.constantFrom(CHROMIUM_FACTS.capabilities!, {}, { deviceId: 'beef' }),
    mediaApiNative: fc.boolean(),
    webdriver: fc.boolean(),
    userAgent: fc.constantFrom(CHROMIUM_FACTS.userAgent!, IPHONE, WINDOWS, 'HeadlessChrome/1', ''),
    platform: fc.constantFrom('', 'Win32', 'MacIntel', 'Linux x86_64'),
    client: fc.record({
      platform: fc.constantFrom('', 'Windows', 'macOS'),
      version: fc.constantFrom('', '1'),
    }),
    languages: fc.nat(2),
    touchPoints: fc.nat(2),
    screen: fc.record({ width: fc.nat(2), height: fc.nat(2), pixelRatio: fc.nat(3), outerWidth: fc.nat(1) }),
    simulated: fc.boolean(),
  },
  { requiredKeys: [] },
)

test('whatever a device states or leaves out, it is never better off than one that nothing speaks against', () => {
  const capture = record()
  const trust = (facts: CaptureFacts | undefined) => {
    const value = native(captureDevice({ ...capture, facts }))
    return value === 'failure-to-assess' ? 'unknown' : value
  }
  const required = ['label', 'trackType', 'settings', 'mediaApiNative', 'userAgent'] as const
  fc.assert(
    fc.property(anyFacts, anyFacts, fc.constantFrom(...required), (facts, more, left) => {
      const both = { ...more, ...facts }
      const signs = virtualCameraSigns(facts)
      const after = virtualCameraSigns(both)
      // The one sign of something that is left out: told later, it is judged as told.
      const told = signs.filter((sign) => sign !== 'capabilities of no camera')
      assert.deepEqual(
        told.filter((sign) => !after.includes(sign)),
        [],
        'nothing that is added takes a sign away',
      )
      const { [left]: _, ...without } = both
      assert.notEqual(trust(without), 1, 'silence is never trusted')
      if (after.length > 0) assert.equal(trust(both), 0)
    }),
    { numRuns: 500 },
  )
  assert.equal(trust(undefined), 'unknown')
  assert.equal(trust({}), 'unknown')
})

test('what a device says about itself bears on one signal only', () => {
  const others = (facts: CaptureFacts | undefined) =>
    signalsOf(record({ facts }), 'verification').filter(({ name }) => name !== 'capture-device')
  const plain = others(undefined)
  fc.assert(
    fc.property(anyFacts, (facts) => assert.deepEqual(others(facts), plain)),
    { numRuns: 20 },
  )
})

test('several faces lower the share once the person is in place, searching for the place does not', () => {
  const share = (change: (i: number) => Partial<FrameObservation>, settledFrame: number | undefined = 10) =>
    native(singleFace(record({ frames: frames(20, change), settledFrame })))
  assert.equal(
    share((i) => (i < 10 ? { faces: 0 } : {})),
    1,
  )
  assert.equal(
    share((i) => (i >= 15 ? { faces: 2 } : {})),
    0.5,
  )
  assert.equal(native(singleFace(record({ settledFrame: undefined }))), 'failure-to-assess')
  // Frames whose faces nobody counted say that there is one, not that there is one only.
  const counted = (faces: (i: number) => number | undefined) =>
    frames(20).map(({ faces: _, ...frame }, i) => {
      const count = faces(i)
      return count === undefined ? frame : { ...frame, faces: count }
    })
  const of = (faces: (i: number) => number | undefined) =>
    native(singleFace(record({ frames: counted(faces), settledFrame: 0 })))
  assert.equal(
    of((i) => (i % 2 ? undefined : 2)),
    0,
  )
  assert.equal(
    of((i) => (i % 2 ? undefined : 1)),
    1,
  )
  assert.equal(
    of(() => undefined),
    'failure-to-assess',
  )
})

test('one bad frame is forgiven, a face that takes turns is not', () => {
  const turned = (...scores: number[]) => [
    { frame: 1, kind: 'center' as const, yawChangeDeg: 0, pitchChangeDeg: 0, score: 0.8 },
    ...scores.map((score, i) => ({
      frame: 10 + i,
      kind: 'head-pose' as const,
      yawChangeDeg: 20,
      pitchChangeDeg: 0,
      score,
    })),
  ]
  const margin = (change: Partial<CaptureRecord>) => Number(native(identityContinuity(record(change))))
  assert.ok(margin({ continuity: turned(-0.5, 0.5, 0.5, 0.5, 0.5, 0.5) }) > 0)
  assert.ok(margin({ continuity: turned(-0.5, -0.5, 0.5, 0.5, 0.5, 0.5) }) < 0)
  assert.ok(margin({ probePairs: [0.8, 0.8, 0.8, -0.3, -0.3, -0.3] }) < 0)
  const early = turned(-0.5, -0.5, 0.5, 0.5, 0.5, 0.5).map((score) => ({ ...score, limit: -0.6 }))
  assert.ok(margin({ continuity: early }) > 0, 'a score with a limit of its own is held against that')
  assert.ok(Number.isNaN(margin({ continuity: [] })))
})

test('what cannot be measured is a failure to assess, not a number', () => {
  const broken = record({
    match: { score: Number.NaN },
    frames: frames(40, () => ({ texture: { a: failed('internal') } })),
  })
  for (const { name, measurement } of signalsOf(broken, 'verification'))
    if (name === 'match' || name === 'texture') assert.equal(measurement.status, 'failure-to-assess')
})

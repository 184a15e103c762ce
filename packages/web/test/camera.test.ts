/** Every way in which a camera can fail has a name. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ErrorCode, IpseError } from '@ipse/protocol'
import {
  cameraErrorCode,
  type Environment,
  environmentProblem,
  isLargeEnough,
  openCamera,
} from '../src/camera.ts'
import { toPlainJson } from '../src/facts.ts'
import { fitFrame } from '../src/recorder.ts'

/** Media Capture and Streams §10.3, and what browsers threw before it. */
const TABLE: readonly (readonly [string, ErrorCode])[] = [
  ['NotAllowedError', 'camera_denied'],
  ['PermissionDeniedError', 'camera_denied'],
  ['SecurityError', 'camera_denied'],
  ['NotFoundError', 'camera_not_found'],
  ['DevicesNotFoundError', 'camera_not_found'],
  ['NotReadableError', 'camera_busy'],
  ['TrackStartError', 'camera_busy'],
  ['AbortError', 'camera_busy'],
  ['OverconstrainedError', 'camera_insufficient'],
  ['ConstraintNotSatisfiedError', 'camera_insufficient'],
  ['NotSupportedError', 'unsupported_browser'],
  ['InvalidStateError', 'camera_ended'],
  ['SomethingNewError', 'internal'],
  ['constructor', 'internal'],
]

const GOOD: Environment = {
  isSecureContext: true,
  navigator: { mediaDevices: { getUserMedia: () => {} } },
  crypto: { subtle: {} },
  WebSocket: class {},
  HTMLCanvasElement: { prototype: { toBlob: () => {} } },
}

describe('the camera', () => {
  for (const [name, code] of TABLE)
    it(`names ${name} ${code}`, async () => {
      const thrown = new DOMException('x', name)
      assert.equal(cameraErrorCode(thrown), code)
      await assert.rejects(
        openCamera(() => Promise.reject(thrown)),
        { name: 'IpseError', code, cause: thrown },
      )
    })

  it('names a TypeError unsupported_browser and keeps the code of our own errors', () => {
    assert.equal(cameraErrorCode(new TypeError('no constraints')), 'unsupported_browser')
    assert.equal(cameraErrorCode(new IpseError('camera_ended')), 'camera_ended')
    for (const odd of [undefined, null, 'text', 7, {}]) assert.equal(cameraErrorCode(odd), 'internal')
  })

  it('stops every track of a stream that it refuses', async () => {
    let stopped = 0
    const track = { readyState: 'ended', stop: () => stopped++ }
    const stream = { getTracks: () => [track], getVideoTracks: () => [track] } as unknown as MediaStream
    await assert.rejects(
      openCamera(async () => stream),
      { code: 'camera_ended' },
    )
    assert.equal(stopped, 1)
  })

  it('never asks for the microphone', async () => {
    let asked: MediaStreamConstraints | undefined
    await openCamera(async (constraints) => {
      asked = constraints
      throw new DOMException('x', 'NotFoundError')
    }).catch(() => {})
    assert.equal(asked?.audio, false)
  })

  it('refuses pictures below 480 × 360, whichever way up', () => {
    assert.equal(isLargeEnough(480, 360), true)
    assert.equal(isLargeEnough(360, 480), true)
    assert.equal(isLargeEnough(479, 360), false)
    assert.equal(isLargeEnough(640, 359), false)
  })
})

describe('the environment', () => {
  const lacking: readonly (readonly [string, Partial<Environment>, ErrorCode])[] = [
    ['a secure context', { isSecureContext: false }, 'insecure_context'],
    ['mediaDevices', { navigator: {} }, 'unsupported_browser'],
    ['getUserMedia', { navigator: { mediaDevices: {} } }, 'unsupported_browser'],
    ['WebCrypto', { crypto: {} }, 'unsupported_browser'],
    ['WebSocket', { WebSocket: undefined }, 'unsupported_browser'],
    [
      'the page’s leave',
      { document: { featurePolicy: { allowsFeature: (name) => name !== 'camera' } } },
      'camera_forbidden',
    ],
    ['canvas.toBlob', { HTMLCanvasElement: { prototype: {} } }, 'unsupported_browser'],
  ]
  for (const [what, change, code] of lacking)
    it(`without ${what} is ${code}`, () => {
      assert.equal(environmentProblem({ ...GOOD, ...change }, false), code)
    })

  it('with everything there has no problem, and needs no camera interface when the page brings a camera', () => {
    assert.equal(environmentProblem(GOOD, false), undefined)
    assert.equal(environmentProblem({ ...GOOD, navigator: {} }, true), undefined)
    const forbidden = { featurePolicy: { allowsFeature: () => false } }
    assert.equal(environmentProblem({ ...GOOD, document: forbidden }, true), undefined)
  })
})

describe('a frame', () => {
  it('fits into the asked-for box, turned for portrait, and is never enlarged', () => {
    const box = { width: 640, height: 480 }
    assert.deepEqual(fitFrame({ width: 1280, height: 720 }, box), { width: 640, height: 360 })
    assert.deepEqual(fitFrame({ width: 720, height: 1280 }, box), { width: 360, height: 640 })
    assert.deepEqual(fitFrame({ width: 640, height: 480 }, box), { width: 640, height: 480 })
    assert.deepEqual(fitFrame({ width: 480, height: 360 }, box), { width: 480, height: 360 })
  })
})

describe('facts', () => {
  it('are plain JSON whatever the browser hands over', () => {
    assert.deepEqual(
      toPlainJson({
        a: 1,
        b: Number.NaN,
        c: undefined,
        d: () => 1,
        e: ['x', Symbol('y'), { f: null }],
        g: 'z'.repeat(999),
      }),
      { a: 1, e: ['x', { f: null }], g: 'z'.repeat(200) },
    )
  })
})

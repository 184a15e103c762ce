/** Steps beside turns and paths, by tables: what is seen, and what is made of it; and what suspicion is raised by. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  CaptureFacts,
  ChallengePolicy,
  ChallengeStep,
  PlannedCue,
  Suspicion,
  VirtualCameraPolicy,
} from '@ipse/protocol'
import fc from 'fast-check'
import type { FrameObservation } from '../src/domain/capture-record.ts'
import { movementOf, naturalnessOf } from '../src/domain/challenges/motion.ts'
import { POLICIES } from '../src/domain/policies/index.ts'
import {
  afterCue,
  beginStep,
  dueCue,
  judgeFrame,
  measuresOf,
  type Verdict,
} from '../src/domain/step-judge.ts'
import { furtherSteps, suspicionsOf } from '../src/domain/step-up.ts'
import type { TurnObservation } from '../src/domain/turn-observation.ts'
import { CAMERA_FACTS } from './capture-client.ts'
import { HEAD, observed } from './observed.ts'

const NEUTRAL = {
  yawDeg: 0,
  pitchDeg: 0,
  rollDeg: 0,
  mouthOpenness: 0.05,
  eyeOpenness: 0.26,
  widthShare: 0.3,
}
const FRAME_MS = 100

interface View {
  readonly yaw?: number
  readonly mouth?: number
  readonly eyes?: number
  readonly widthShare?: number
  readonly size?: readonly [number, number]
  readonly faces?: number
  readonly capturedMs?: number
  /** Number of the frame; its place among the views, when absent. */
  readonly frame?: number
}

function observation(view: View, index: number): FrameObservation {
  const { yaw = 0, mouth = 0.05, eyes = 0.26, widthShare = 0.3, size = [640, 480], faces = 1 } = view
  const arrivedMs = (index + 1) * FRAME_MS
  return observed(arrivedMs, {
    frame: view.frame ?? index,
    capturedUs: 1000 * (view.capturedMs ?? arrivedMs),
    width: size[0],
    height: size[1],
    faces,
    face: {
      pose: { yawDeg: yaw, pitchDeg: 0, rollDeg: 0 },
      widthShare,
      eyeOpenness: eyes,
      mouthOpenness: mouth,
    },
  })
}

function play(step: ChallengeStep, views: readonly View[], cues: readonly PlannedCue[] = []) {
  let state = beginStep({ step, limitMs: 8_000, cues }, 0, { yawDeg: 18, pitchDeg: 12 }, NEUTRAL)
  let verdict: Verdict = 'pending'
  let hint = ''
  let frames = 0
  for (const [i, view] of views.entries()) {
    const frame = observation(view, i)
    ;({ state, verdict, hint } = judgeFrame(state, frame))
    frames++
    if (verdict !== 'pending') break
    const cue = dueCue(state, frame.arrivedMs)
    if (cue) state = afterCue(state, cue, frame.arrivedMs)
  }
  return { verdict, hint, frames, measures: measuresOf(state) }
}

const mouth: ChallengeStep = { kind: 'expression', expression: 'mouth-open' }
const blink: ChallengeStep = { kind: 'expression', expression: 'blink' }
const gaze: ChallengeStep = { kind: 'gaze-hold', direction: 'left', targetDeg: 16, at: { x: 0, y: 0.7 } }
const format: ChallengeStep = { kind: 'camera-constraint', width: 480, height: 360, framesPerSecond: 8 }
const nearer: ChallengeStep = { kind: 'distance', nearer: 1.3 }
const times = (count: number, view: View): View[] => Array(count).fill(view)

const CASES: readonly [string, ChallengeStep, readonly View[], Verdict, string][] = [
  ['two frames with an open mouth', mouth, times(2, { mouth: 0.31 }), 'answered', 'well-done'],
  ['one frame is not enough', mouth, [{ mouth: 0.35 }, {}, { mouth: 0.35 }, {}], 'pending', 'open-mouth'],
  ['a smile is no open mouth', mouth, times(9, { mouth: 0.2 }), 'pending', 'open-wider'],
  [
    'a turned photograph opens no mouth',
    mouth,
    times(9, { mouth: 0.34, yaw: 10 }),
    'pending',
    'look-straight',
  ],
  ['a mouth that is not a number', mouth, times(9, { mouth: Number.NaN }), 'pending', 'open-mouth'],
  ['eyes that close and open', blink, [{}, { eyes: 0.15 }, {}], 'answered', 'well-done'],
  ['eyes that stay closed', blink, times(9, { eyes: 0.15 }), 'pending', 'blink'],
  ['open eyes', blink, times(9, {}), 'pending', 'blink'],
  ['a turn that narrows the eyes', blink, [{ eyes: 0.15, yaw: 9 }, {}, {}], 'pending', 'blink'],
  ['a turn with the eyes on the dot', gaze, times(2, { yaw: 17 }), 'answered', 'well-done'],
  ['a turn to the other side', gaze, times(5, { yaw: -17 }), 'pending', 'other-way'],
  [
    'a turn to the other side, twice',
    gaze,
    [...times(3, { yaw: -17 }), {}, ...times(3, { yaw: -17 })],
    'wrong-answer',
    'other-way',
  ],
  ['too small a turn', gaze, times(9, { yaw: 12 }), 'pending', 'turn-further'],
  ['a face that came nearer', nearer, times(10, { widthShare: 0.4 }), 'answered', 'well-done'],
  ['a face that has just come nearer', nearer, times(9, { widthShare: 0.4 }), 'pending', 'hold-still'],
  ['a face that stayed', nearer, times(9, { widthShare: 0.32 }), 'pending', 'come-closer'],
]

test('cases from the table', async (t) => {
  for (const [title, step, views, verdict, hint] of CASES)
    await t.test(title, () => {
      const result = play(step, views)
      assert.deepEqual([result.verdict, result.hint], [verdict, hint])
    })
})

test('no face, no answer: whatever is asked', () => {
  for (const step of [mouth, blink, gaze, format, nearer])
    assert.equal(play(step, times(40, { faces: 0, mouth: 0.5, yaw: 20, widthShare: 0.5 })).verdict, 'pending')
})

test('no sequence of mouths answers without two frames in a row that are open wide and frontal', () => {
  const view = fc.record({
    mouth: fc.double({ min: 0, max: 0.6, noNaN: true }),
    yaw: fc.double({ min: -20, max: 20, noNaN: true }),
    faces: fc.constantFrom(0, 1, 1, 1),
  })
  fc.assert(
    fc.property(fc.array(view, { maxLength: 30 }), (views) => {
      const { verdict, frames } = play(mouth, views)
      const open = (seen: View | undefined) =>
        seen?.faces === 1 && (seen.mouth ?? 0) >= 0.2999 && Math.abs(seen.yaw ?? 0) < 8
      assert.equal(verdict === 'answered', open(views[frames - 1]) && open(views[frames - 2]))
    }),
    { numRuns: 500 },
  )
})

test('the camera is measured by its pictures: size and rate, size alone, neither; and it never fails the step', () => {
  const sized = (everyMs: number, size: readonly [number, number]): View[] =>
    Array.from({ length: 20 }, (_, i) => ({ size, capturedMs: i * everyMs }))
  const cases: [readonly View[], number][] = [
    [sized(125, [480, 360]), 1],
    [sized(125, [360, 480]), 1],
    [sized(60, [480, 360]), 0.5],
    [sized(125, [640, 480]), 0],
  ]
  for (const [views, met] of cases) {
    const { verdict, measures } = play(format, views)
    assert.equal(verdict, 'answered')
    assert.equal(measures.constraintMet, met)
  }
})

test('a frame that is not measured counts with its neighbours, if both have the asked size', () => {
  const half = (everyMs: number, sizes: readonly (readonly [number, number])[]): View[] =>
    sizes.map((size, i) => ({ size, frame: 2 * i, capturedMs: 2 * i * everyMs }))
  const [asked, usual] = [
    [480, 360],
    [640, 480],
  ] as const
  const measuresOf = (views: readonly View[]) => play(format, views).measures.constraintMet
  assert.equal(play(format, half(125, [usual, asked, asked, asked])).frames, 4)
  assert.equal(play(format, half(125, [usual, asked, asked])).verdict, 'pending')
  assert.equal(measuresOf(half(125, [usual, asked, asked, asked])), 1)
  assert.equal(measuresOf(half(60, [usual, asked, asked, asked])), 0.5)
  assert.equal(measuresOf(half(125, [asked, usual, asked, asked, usual, asked, asked])), 0)
})

test('each suspicion has its sign, and an ordinary capture has none', () => {
  const frames = Array.from({ length: 40 }, (_, i) =>
    observation({ capturedMs: i * 100 + ((i * 37) % 11) }, i),
  )
  const sound = { facts: CAMERA_FACTS, frames, steps: [], turns: [] }
  assert.deepEqual(suspicionsOf(sound), [])
  const label: CaptureFacts = { ...CAMERA_FACTS, label: 'OBS Virtual Camera' }
  const met = (constraintMet: number) => ({
    step: format,
    outcome: 'answered' as const,
    measures: { constraintMet },
  })
  const { face: _, ...nobody } = observation({}, 40)
  const cases: [Partial<Parameters<typeof suspicionsOf>[0]>, Suspicion[]][] = [
    [{ facts: label }, ['virtual-camera']],
    [{ facts: undefined }, ['virtual-camera']],
    [{ frames: [...frames, ...frames.slice(3, 4)] }, ['repeated-frames']],
    [{ frames: [...frames, nobody, nobody] }, []],
    [{ frames: Array.from({ length: 40 }, (_, i) => observation({}, i)) }, ['perfect-tempo']],
    [{ steps: [met(0)] }, ['constraint-ignored']],
    [{ steps: [met(0.5)] }, []],
  ]
  for (const [change, expected] of cases) assert.deepEqual(suspicionsOf({ ...sound, ...change }), expected)
})

test('a turn that cannot be measured is asked for again, once for each that could not be, until one can', () => {
  const turn = (change: Partial<TurnObservation> = {}): TurnObservation => ({ ...HEAD, ...change })
  const unseen = (...turns: TurnObservation[]) =>
    suspicionsOf({ facts: CAMERA_FACTS, frames: [], steps: [], turns })
  assert.deepEqual(unseen(), [])
  assert.deepEqual(unseen(turn()), [])
  assert.deepEqual(unseen(turn({ broken: true })), ['turn-unseen'])
  assert.deepEqual(unseen(turn({ corners: 24 })), ['turn-unseen'])
  assert.deepEqual(unseen(turn({ yawChangeDeg: 13 })), ['turn-unseen'])
  assert.deepEqual(unseen(turn({ broken: true }), turn({ corners: 3 })), ['turn-unseen', 'turn-unseen'])
  assert.deepEqual(unseen(turn({ broken: true }), turn()), [])
})

test('a policy says which suspicions add steps, how many at most, and what a virtual camera is to it', () => {
  const { challenge } = POLICIES.standard!
  const suspicious = {
    facts: undefined,
    frames: Array.from({ length: 40 }, (_, i) => observation({}, i % 30)),
    steps: [],
    turns: [],
  }
  const added = (virtualCamera: VirtualCameraPolicy, on: ChallengePolicy['stepUp']['on'], most: number) =>
    furtherSteps({ virtualCamera, challenge: { ...challenge, stepUp: { on, most } } }, suspicious)
  assert.equal(added('step-up', [], 2), 1)
  assert.equal(added('step-up', ['repeated-frames'], 2), 2)
  assert.equal(added('step-up', ['repeated-frames'], 1), 1)
  assert.equal(added('step-up', ['repeated-frames'], 0), 0)
  for (const virtualCamera of ['block', 'signal'] as const) {
    assert.equal(added(virtualCamera, [], 2), 0)
    assert.equal(added(virtualCamera, ['repeated-frames'], 2), 1)
  }
})

test('constant speed and jumps are less natural than how people turn', () => {
  const turn = (share: (t: number) => number, ms = 600): number => {
    const frames = Array.from({ length: 24 }, (_, i) =>
      observation({ yaw: 24 * share(Math.min(1, Math.max(0, (i * 50 - 200) / ms))), capturedMs: i * 50 }, i),
    )
    const movement = movementOf(frames, 'yawDeg')
    return movement === undefined ? Number.NaN : naturalnessOf(movement)
  }
  const smooth = turn((t) => t * t * t * (10 - 15 * t + 6 * t * t))
  const constant = turn((t) => t)
  assert.ok(smooth >= 1, String(smooth))
  assert.ok(constant < 1, String(constant))
  assert.ok(Number.isNaN(turn((t) => t / 4)), 'too short a way says nothing')
})

/** The step judge, by tables: what a head does, and what is made of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ChallengeStep, DIRECTIONS, type Direction } from '@ipse/protocol'
import fc from 'fast-check'
import type { FrameObservation } from '../src/domain/capture-record.ts'
import { beginStep, judgeFrame, measuresOf, neutralOf, type Verdict } from '../src/domain/step-judge.ts'
import { observed, qualityOf } from './observed.ts'

const TARGETS = { yawDeg: 18, pitchDeg: 12 }
const OPEN = { mouthOpenness: 0.04, eyeOpenness: 0.26, widthShare: 0.35 }
const FRAME_MS = 100

interface View {
  readonly yaw?: number
  readonly pitch?: number
  readonly roll?: number
  readonly faces?: number
  readonly presence?: number
  readonly width?: number
  readonly x?: number
  readonly y?: number
  readonly scores?: Partial<Record<string, number>>
}

function observation(view: View, index: number): FrameObservation {
  const {
    yaw = 0,
    pitch = 0,
    roll = 0,
    faces = 1,
    presence = 0.9,
    width = 0.35,
    x = 0.5,
    y = 0.5,
    scores,
  } = view
  return observed((index + 1) * FRAME_MS, {
    faces,
    face: {
      pose: { yawDeg: yaw, pitchDeg: pitch, rollDeg: roll },
      presence,
      widthShare: width,
      centre: { x, y },
      quality: qualityOf(scores),
    },
  })
}

/** Judges frame after frame until there is a verdict; also the hints on the way. */
function play(step: ChallengeStep, views: readonly View[], neutral = { yawDeg: 0, pitchDeg: 0, rollDeg: 0 }) {
  let state = beginStep(
    { step, limitMs: 8_000, frames: 3 },
    0,
    TARGETS,
    step.kind === 'hold' ? undefined : { ...OPEN, ...neutral },
  )
  const hints: string[] = []
  let verdict: Verdict = 'pending'
  let progress = 0
  for (const [i, view] of views.entries()) {
    const judgement = judgeFrame(state, observation(view, i))
    ;({ state, verdict, progress } = judgement)
    assert.ok(progress >= 0 && progress <= 1)
    hints.push(judgement.hint)
    if (verdict !== 'pending') break
  }
  return { verdict, hints, state, frames: hints.length }
}

const turn = (direction: Direction): ChallengeStep => ({
  kind: 'head-pose',
  direction,
  targetDeg: direction === 'left' || direction === 'right' ? 18 : 12,
})

/** The subject's left is the image's right: yaw above zero. */
const POSES: Record<Direction, View> = {
  left: { yaw: 19 },
  right: { yaw: -19 },
  up: { pitch: 13 },
  down: { pitch: -13 },
}

const wrongTurns = ({ state }: ReturnType<typeof play>) => measuresOf(state).wrongTurns

test('every direction is answered by its own pose; three frames of any other are one wrong turn, however long', () => {
  for (const asked of DIRECTIONS)
    for (const shown of DIRECTIONS)
      for (const frames of [3, 60]) {
        const result = play(turn(asked), Array(frames).fill(POSES[shown]))
        assert.deepEqual(
          [result.verdict, wrongTurns(result)],
          asked === shown ? ['answered', 0] : ['pending', 1],
          `${asked} ${shown}`,
        )
      }
})

test('a wrong turn that is corrected still counts; a second one in the same step is the answer', () => {
  const [wrong, right] = [Array(4).fill({ yaw: -19 }), Array(2).fill({ yaw: 19 })]
  const corrected = play(turn('left'), [...wrong, { yaw: -9 }, {}, ...right])
  assert.deepEqual([corrected.verdict, wrongTurns(corrected)], ['answered', 1])
  const twice = play(turn('left'), [...wrong, {}, ...wrong, {}, ...right])
  assert.deepEqual([twice.verdict, wrongTurns(twice)], ['wrong-answer', 2])
  const trembling = play(turn('left'), [...wrong, { yaw: -12 }, ...wrong, { yaw: -8 }, ...wrong])
  assert.deepEqual([trembling.verdict, wrongTurns(trembling)], ['pending', 1])
})

test('to hide the face takes no wrong turn back', () => {
  const wrong = Array(3).fill({ yaw: -19 })
  const hidden = play(turn('left'), [...wrong, ...Array(9).fill({ faces: 0 }), {}, { yaw: 19 }, { yaw: 19 }])
  assert.deepEqual([hidden.verdict, wrongTurns(hidden)], ['answered', 1])
})

test('a turn counts from the own neutral, not from zero', () => {
  const neutral = { yawDeg: 10, pitchDeg: -5, rollDeg: 0 }
  assert.equal(play(turn('left'), Array(5).fill({ yaw: 19, pitch: -5 }), neutral).verdict, 'pending')
  assert.equal(play(turn('left'), Array(5).fill({ yaw: 29, pitch: -5 }), neutral).verdict, 'answered')
  assert.equal(play(turn('right'), Array(5).fill({ yaw: -9, pitch: -5 }), neutral).verdict, 'answered')
})

const CASES: readonly [string, ChallengeStep, readonly View[], Verdict, string][] = [
  [
    'one frame at the target is not an answer',
    turn('left'),
    [{ yaw: 19 }, { yaw: 5 }, { yaw: 19 }, { yaw: 5 }],
    'pending',
    'turn-left',
  ],
  ['half of the way is none', turn('left'), Array(9).fill({ yaw: 12 }), 'pending', 'turn-further'],
  [
    'a slant turn where the other axis is larger is none',
    turn('up'),
    Array(2).fill({ pitch: 13, yaw: 14 }),
    'pending',
    'look-up',
  ],
  [
    'two frames the other way are forgiven',
    turn('left'),
    [{ yaw: -19 }, { yaw: -19 }, {}, { yaw: 19 }, { yaw: 19 }],
    'answered',
    'well-done',
  ],
  ['the other way is pointed out', turn('left'), [{ yaw: -12 }], 'pending', 'other-way'],
  [
    'a lost face breaks the run',
    turn('left'),
    [{ yaw: 19 }, { faces: 0 }, { yaw: 19 }],
    'pending',
    'turn-left',
  ],
  ['two faces are never judged', turn('left'), Array(5).fill({ yaw: 19, faces: 2 }), 'pending', 'one-person'],
  [
    'a mesh that sits nowhere is no face',
    turn('left'),
    Array(5).fill({ yaw: 19, presence: 0.3 }),
    'pending',
    'show-face',
  ],
  [
    'presence that is not a number is no face',
    turn('left'),
    Array(5).fill({ yaw: 19, presence: Number.NaN }),
    'pending',
    'show-face',
  ],
  [
    'an angle that is not a number answers nothing',
    turn('left'),
    Array(5).fill({ yaw: Number.NaN }),
    'pending',
    'turn-left',
  ],
  [
    'back is back after two frames',
    { kind: 'center' },
    [{ yaw: 12 }, { yaw: 5 }, { yaw: 4 }],
    'answered',
    'well-done',
  ],
  ['nearly back is not back', { kind: 'center' }, Array(9).fill({ yaw: 9 }), 'pending', 'look-straight'],
  ['a still, straight face is held', { kind: 'hold' }, Array(4).fill({}), 'answered', 'well-done'],
  [
    'the first frame of a hold has nothing to be still against',
    { kind: 'hold' },
    Array(3).fill({}),
    'pending',
    'hold-still',
  ],
  [
    'a face that moves is not held',
    { kind: 'hold' },
    [{ x: 0.4 }, { x: 0.5 }, { x: 0.6 }, { x: 0.5 }, { x: 0.4 }],
    'pending',
    'hold-still',
  ],
  ['a turned face is not held', { kind: 'hold' }, Array(9).fill({ yaw: 16 }), 'pending', 'look-straight'],
  ['a tilted face is not held', { kind: 'hold' }, Array(9).fill({ roll: 25 }), 'pending', 'look-straight'],
  [
    'a small face shall come closer',
    { kind: 'hold' },
    Array(9).fill({ width: 0.15 }),
    'pending',
    'come-closer',
  ],
  ['a large face shall move back', { kind: 'hold' }, Array(9).fill({ width: 0.8 }), 'pending', 'move-back'],
  [
    'a face at the edge shall come to the middle',
    { kind: 'hold' },
    Array(9).fill({ x: 0.2 }),
    'pending',
    'move-into-oval',
  ],
  [
    'a dark face needs light',
    { kind: 'hold' },
    Array(9).fill({ scores: { underExposurePrevention: 5 } }),
    'pending',
    'more-light',
  ],
  [
    'a bright face needs less',
    { kind: 'hold' },
    Array(9).fill({ scores: { overExposurePrevention: 5 } }),
    'pending',
    'less-light',
  ],
]

test('cases from the table', async (t) => {
  for (const [title, step, views, verdict, hint] of CASES)
    await t.test(title, () => {
      const result = play(step, views)
      assert.equal(result.verdict, verdict)
      assert.equal(result.hints.at(-1), hint)
    })
})

test('the onset is the time at which the asked turn began, and only that one', () => {
  assert.equal(play(turn('left'), [{}, {}, { yaw: 8 }, { yaw: 19 }, { yaw: 19 }]).state.onsetMs, 300)
  assert.equal(play(turn('left'), [{ yaw: 19 }, { yaw: 19 }]).state.onsetMs, 100)
  assert.equal(play(turn('left'), [{ yaw: -10 }, { yaw: 3 }]).state.onsetMs, undefined)
})

test('the neutral is the median of what was held', () => {
  const pose = (yawDeg: number) => ({ yawDeg, pitchDeg: -yawDeg, rollDeg: 0, ...OPEN })
  assert.deepEqual(neutralOf([pose(1), pose(40), pose(2)]), { yawDeg: 2, pitchDeg: -2, rollDeg: 0, ...OPEN })
  assert.equal(neutralOf([]), undefined)
})

test('no head movement whatever answers a step without two frames in a row at its target', () => {
  const view = fc.record({
    yaw: fc.double({ min: -40, max: 40, noNaN: true }),
    pitch: fc.double({ min: -30, max: 30, noNaN: true }),
    faces: fc.constantFrom(0, 1, 1, 1, 2),
  })
  fc.assert(
    fc.property(fc.constantFrom(...DIRECTIONS), fc.array(view, { maxLength: 30 }), (asked, views) => {
      const { verdict, frames } = play(turn(asked), views)
      if (verdict !== 'answered') return
      for (const shown of views.slice(frames - 2, frames)) {
        assert.equal(shown.faces, 1)
        const along = { left: shown.yaw, right: -shown.yaw, up: shown.pitch, down: -shown.pitch }[asked]
        assert.ok(along >= (asked === 'left' || asked === 'right' ? 18 : 12))
      }
    }),
    { numRuns: 500 },
  )
})

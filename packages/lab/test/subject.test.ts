/** What the engine sees in rendered subjects. Circular by nature: the geometry comes from the same kind of mesh. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  addSensorNoise,
  calibrateSubject,
  createActor,
  createActorFeed,
  createClip,
  createFrame,
  createRandom,
  createSubject,
  FIXTURES,
  NEUTRAL,
  renderSubject,
  type Subject,
  type SubjectState,
} from '../src/index.ts'
import { drawSubject } from '../src/subject.ts'
import { meetPeople, type People, type Person } from './people.ts'

let people: People
const persons: Person[] = []

before(async () => {
  people = await meetPeople()
  for (const { name } of FIXTURES) persons.push(await people.person(name))
})
after(() => people.engine.close())

async function look(subject: Subject, state: Partial<SubjectState>, template = false) {
  const frame = createFrame(subject.width, subject.height)
  renderSubject(subject, { ...NEUTRAL, ...state }, frame)
  addSensorNoise(frame, { random: createRandom(5), level: 1 })
  const seen = await people.see(frame, template)
  assert.equal(seen.faces.length, 1, 'exactly one face')
  return { ...seen.mesh!, template: seen.template }
}

describe('every fixture', () => {
  test('is seen as one face at every angle, and its yaw rises with the command', async () => {
    for (const { subject } of persons) {
      let last = Number.NEGATIVE_INFINITY
      for (let yawDeg = -30; yawDeg <= 30; yawDeg += 6) {
        const seen = await look(subject, { yawDeg })
        assert.ok(seen.pose.yawDeg > last, `${seen.pose.yawDeg} after ${last}`)
        last = seen.pose.yawDeg
      }
    }
  })

  test('measures 20° ± 3° at a command of ± 20° on the mean of all', async () => {
    for (const yawDeg of [-20, 20]) {
      let sum = 0
      for (const { subject } of persons) sum += (await look(subject, { yawDeg })).pose.yawDeg
      const mean = sum / persons.length
      assert.ok(Math.abs(mean - yawDeg) < 3, `${mean} for ${yawDeg}`)
    }
  })

  test('measures 20° ± 3° by itself once calibrated, and pitch commands within 3°', async () => {
    for (const { subject: plain } of persons) {
      const subject = await calibrateSubject(plain, async (frame) => (await people.see(frame)).mesh?.pose)
      for (const yawDeg of [-20, 0, 20]) {
        const seen = (await look(subject, { yawDeg })).pose
        assert.ok(Math.abs(seen.yawDeg - yawDeg) < 3, `${seen.yawDeg} for ${yawDeg}`)
      }
      const neutral = (await look(subject, {})).pose.pitchDeg
      for (const pitchDeg of [-12, 12]) {
        const change = (await look(subject, { pitchDeg })).pose.pitchDeg - neutral
        assert.ok(Math.abs(change - pitchDeg) < 3, `${change} for ${pitchDeg}`)
      }
    }
  })

  test('opens the mouth: the mouth aspect ratio rises with the command', async () => {
    for (const { subject } of persons) {
      const [closed, half, open] = [
        await look(subject, {}),
        await look(subject, { mouth: 0.35 }),
        await look(subject, { mouth: 0.7 }),
      ].map((seen) => seen.mouthOpenness)
      assert.ok(half > closed + 0.03, `${closed} ${half}`)
      assert.ok(open > half && open > closed + 0.15, `${closed} ${half} ${open}`)
    }
  })

  test('blinks: the eye aspect ratio falls (how far depends on the face; the mesh compresses it)', async () => {
    for (const { subject } of persons) {
      const open = (await look(subject, {})).eyeOpenness
      const closed = (await look(subject, { blink: 1 })).eyeOpenness
      assert.ok(closed < 0.95 * open, `${closed / open}`)
    }
  })

  test('comes nearer: the face grows with perspective', async () => {
    for (const { subject } of persons) {
      const far = (await look(subject, { near: 0.8 })).outerEyeDistancePx
      const usual = (await look(subject, {})).outerEyeDistancePx
      const near = (await look(subject, { near: 1.4 })).outerEyeDistancePx
      assert.ok(far < 0.9 * usual && near > 1.3 * usual && near < 1.55 * usual)
    }
  })

  test('keeps the identity of its photograph at ± 25° and the first three are different people', async () => {
    const { engine } = people
    for (const { subject, reference } of persons) {
      for (const yawDeg of [-25, 0, 25]) {
        const seen = await look(subject, { yawDeg }, true)
        // A turned head has its own shape, which costs similarity.
        assert.ok(engine.compare(reference, seen.template!).similarity > (yawDeg === 0 ? 0.9 : 0.85))
      }
    }
    const distinct = persons.slice(0, 3)
    for (const a of distinct) {
      for (const b of distinct) {
        if (a !== b) assert.ok(engine.compare(a.reference, b.reference).similarity < 0.1)
      }
    }
  })
})

test('exposure is light: gain .5 is darker, gain 1.6 brighter, pose stays', async () => {
  const { subject } = persons[0]
  const usual = await look(subject, {})
  for (const gain of [0.5, 1.6]) {
    const seen = await look(subject, { gain })
    assert.ok(Math.abs(seen.pose.yawDeg - usual.pose.yawDeg) < 2)
  }
  const brightness = (gain: number) => {
    const frame = createFrame(subject.width, subject.height)
    renderSubject(subject, { ...NEUTRAL, gain }, frame)
    let sum = 0
    for (const value of frame.data) sum += value
    return sum
  }
  assert.ok(brightness(0.5) < brightness(1) && brightness(1) < brightness(1.6))
})

test('the gaze moves the irises and leaves the rest of the picture alone', () => {
  const { subject } = persons[0]
  const frames = [0, 0.15].map((x) => {
    const frame = createFrame(subject.width, subject.height)
    renderSubject(subject, { ...NEUTRAL, gaze: { x, y: 0 } }, frame)
    return frame.data
  })
  let changed = 0
  frames[0].forEach((value, i) => {
    if (value !== frames[1][i]) changed++
  })
  assert.ok(changed > 200 && changed < 6000, `${changed} bytes changed`)
})

test('the sheet of triangles has no hole: every pixel is drawn in every state', () => {
  const states: Partial<SubjectState>[] = [
    {},
    { yawDeg: 30, near: 0.8 },
    { yawDeg: -30, pitchDeg: 12 },
    { pitchDeg: -20, blink: 1 },
    { mouth: 0.02, yawDeg: 15 },
    { mouth: 0.05, rollDeg: -8 },
    { mouth: 1, yawDeg: -20 },
    { near: 1.5, shift: { x: 0.1, y: -0.1 }, gaze: { x: 0.16, y: 0 } },
  ]
  for (const { subject } of persons) {
    for (const state of states) {
      drawSubject(subject, { ...NEUTRAL, ...state })
      const holes = subject.surface.depth.reduce((count, z) => count + (Number.isFinite(z) ? 0 : 1), 0)
      assert.equal(holes, 0, JSON.stringify(state))
    }
  }
})

test('RGB and RGBA renderings agree', () => {
  const { subject } = persons[1]
  const rgb = createFrame(subject.width, subject.height, 3)
  const rgba = createFrame(subject.width, subject.height, 4)
  renderSubject(subject, { ...NEUTRAL, yawDeg: 9 }, rgb)
  renderSubject(subject, { ...NEUTRAL, yawDeg: 9 }, rgba)
  for (let i = 0, j = 0; i < rgb.data.length; i += 3, j += 4) {
    assert.ok(
      rgb.data[i] === rgba.data[j] && rgb.data[i + 2] === rgba.data[j + 2] && rgba.data[j + 3] === 255,
    )
  }
})

test('a whole session is seen: one face in every frame, yaw follows the actor', async () => {
  const { subject, reference } = persons[0]
  const actor = createActor({ seed: 11 })
  const feed = createActorFeed({ subject, actor, seed: 11 })
  const commanded: number[] = []
  const measured: number[] = []
  let lowest = Number.POSITIVE_INFINITY
  const script = [
    { atMs: 800, step: { kind: 'head-pose', direction: 'left', targetDeg: 18 } },
    { atMs: 2400, step: { kind: 'head-pose', direction: 'right', targetDeg: 18 } },
    { atMs: 4000, step: { kind: 'center' } },
  ] as const
  for (const frame of createClip({ feed, fps: 8, durationMs: 5000, script })) {
    const seen = await people.see(frame, true)
    assert.equal(seen.faces.length, 1)
    commanded.push(actor.stateAt(frame.tMs).yawDeg)
    measured.push(seen.mesh!.pose.yawDeg)
    lowest = Math.min(lowest, people.engine.compare(reference, seen.template!).similarity)
  }
  assert.equal(measured.length, 40)
  assert.ok(Math.max(...measured) >= 18, 'the left turn is seen as positive yaw')
  assert.ok(Math.min(...measured) <= -18)
  assert.ok(correlation(commanded, measured) > 0.98)
  assert.ok(lowest > 0.5, 'every frame matches the photograph')
})

test('unusable landmarks and frames of another size are refused', () => {
  const { subject, source } = persons[0]
  assert.throws(() => renderSubject(subject, NEUTRAL, createFrame(64, 48)), /must be 640 × 480/)
  assert.throws(() => createSubject(source.photo, new Float32Array(30)), /468 landmarks/)
  assert.throws(() => createSubject(source.photo, new Float32Array(1404).fill(Number.NaN)), /finite/)
  assert.throws(() => createSubject(source.photo, new Float32Array(1404)), /too small/)
})

function correlation(a: number[], b: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  a.forEach((value, i) => {
    ab += (value - ma) * (b[i] - mb)
    aa += (value - ma) ** 2
    bb += (b[i] - mb) ** 2
  })
  return ab / Math.sqrt(aa * bb)
}

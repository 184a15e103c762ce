import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  createActor,
  createActorFeed,
  createClip,
  createFrame,
  createRecording,
  type Feed,
  type Frame,
  type ScriptedStep,
} from '../src/index.ts'
import { meetPeople, type People, type Person } from './people.ts'

let people: People
let person: Person
before(async () => {
  people = await meetPeople()
  person = await people.person('subject-c')
})
after(() => people.engine.close())

const STATUE = { idle: 0, handHeld: 0, lightDrift: 0, blinks: false }

function render(feed: Feed, tMs: number): Frame['data'] {
  const frame = createFrame(feed.width, feed.height)
  feed.render(tMs, frame)
  return frame.data
}

test('a camera never gives the same frame twice, even when nothing moves; a moment rendered again is the same', () => {
  const { subject } = person
  const feed = createActorFeed({ subject, actor: createActor({ seed: 1, ...STATUE }), seed: 1 })
  assert.notDeepEqual(render(feed, 100), render(feed, 133))
  assert.deepEqual(render(feed, 100), render(feed, 100))
  const clean = createActorFeed({ subject, actor: createActor({ seed: 1, ...STATUE }), seed: 1, noise: 0 })
  assert.deepEqual(render(clean, 100), render(clean, 133))
})

test('an exposure time blurs what moves', () => {
  const script: ScriptedStep[] = [{ atMs: 0, step: { kind: 'head-pose', direction: 'left', targetDeg: 25 } }]
  const sharpness = (exposureMs: number) => {
    const actor = createActor({ seed: 4, ...STATUE })
    const feed = createActorFeed({ subject: person.subject, actor, seed: 4, noise: 0, exposureMs })
    for (const { step, atMs } of script) feed.prompt(step, atMs)
    const data = render(feed, 650)
    let sum = 0
    for (let i = 3; i < data.length; i++) sum += Math.abs(data[i] - data[i - 3])
    return sum
  }
  assert.ok(sharpness(60) < 0.97 * sharpness(0), `${sharpness(60)} and ${sharpness(0)}`)
})

test('a clip has fps × duration frames in buffers of their own and prompts on time', () => {
  const asked: [string, number][] = []
  const feed: Feed = {
    width: 4,
    height: 2,
    prompt: (step, tMs) => asked.push([step.kind, tMs]),
    render: (tMs, out) => out.data.fill(tMs / 10),
  }
  const frames = [
    ...createClip({
      feed,
      fps: 10,
      durationMs: 1000,
      channels: 4,
      script: [
        { atMs: 0, step: { kind: 'hold' } },
        { atMs: 450, step: { kind: 'center' } },
        { atMs: 5000, step: { kind: 'center' } },
      ],
    }),
  ]
  assert.deepEqual(
    frames.map(({ tMs, data }) => [tMs, data[0], data.length]),
    Array.from({ length: 10 }, (_, i) => [i * 100, i * 10, 32]),
  )
  assert.deepEqual(asked, [
    ['hold', 0],
    ['center', 450],
  ])
})

test('a recording plays at its own rate and listens to nobody', () => {
  const asked: number[] = []
  const inner: Feed = {
    width: 1,
    height: 1,
    prompt: (_, tMs) => asked.push(tMs),
    render: (tMs, out) => out.data.fill(tMs / 10),
  }
  const script: ScriptedStep[] = [{ atMs: 7, step: { kind: 'hold' } }]
  const loop = createRecording(inner, { fps: 10, durationMs: 500, script, loop: true })
  loop.prompt({ kind: 'center' }, 99)
  assert.deepEqual(asked, [7])
  assert.deepEqual(
    [0, 99, 100, 499, 500, 1234].map((tMs) => render(loop, tMs)[0]),
    [0, 0, 10, 40, 0, 20],
  )
  const once = createRecording(inner, { fps: 10, durationMs: 500, script: [], loop: false })
  assert.equal(render(once, 9999)[0], 40)
})

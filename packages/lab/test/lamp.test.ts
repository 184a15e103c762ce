import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { LIGHT_SRGB, type LightColour } from '@ipse/protocol'
import { createActor } from '../src/actor.ts'
import { createActorFeed } from '../src/feed.ts'
import { createFrame, type Frame } from '../src/frame.ts'
import { createLamp, type Lit, SCREEN_SHARE, SCREEN_SRGB } from '../src/lamp.ts'
import { toLinear } from '../src/photometry.ts'
import { NEUTRAL, renderSubject, type Subject } from '../src/subject.ts'
import { meetPeople } from './people.ts'

let subject: Subject
before(async () => {
  const { engine, person } = await meetPeople()
  subject = (await person('subject-a')).subject
  await engine.close()
})

/** Mean linear light, red, green and blue, of a square of so many pixels each way. */
function lightAt({ width, data }: Frame, x: number, y: number, half: number): number[] {
  const sums = [0, 0, 0]
  for (let v = Math.round(y) - half; v <= Math.round(y) + half; v++) {
    for (let u = Math.round(x) - half; u <= Math.round(x) + half; u++) {
      for (let c = 0; c < 3; c++) sums[c] += toLinear(data[3 * (v * width + u) + c])
    }
  }
  return sums.map((sum) => sum / (2 * half + 1) ** 2)
}

/** Dark enough that nothing clips in the light of the screen. */
const DIM = { ...NEUTRAL, gain: 0.5 }

/** How much the lamp adds at a mesh point, or in the upper corners, as a share of the room's light. */
function gains(lit: Lit, colour: LightColour, place: number | 'corner'): number[] {
  const [plain, coloured] = [createFrame(640, 480), createFrame(640, 480)]
  renderSubject(subject, DIM, plain)
  createLamp(subject, lit)(DIM, colour, coloured)
  const [x, y] = place === 'corner' ? [14, 14] : subject.scratch.points.subarray(3 * place, 3 * place + 2)
  const [before, after] = [plain, coloured].map((frame) => lightAt(frame, x, y, 7)) as [number[], number[]]
  return after.map((value, c) => value / before[c] - 1)
}

/** Mesh points in the middle of the nose, and on both sides of the face. */
const NOSE = 195
const SIDES = [123, 352]

test('the colours are the ones that the element shows', () => {
  assert.deepEqual(SCREEN_SRGB, LIGHT_SRGB)
})

test('a head takes on the colour where it faces the screen, its sides less, the room hardly', () => {
  const nose = gains('head', 'green', NOSE)
  assert.ok(nose[1] > 0.6 * SCREEN_SHARE * toLinear(224), `nose ${nose}`)
  assert.ok(nose[1] > 3 * nose[0] && nose[1] > 2 * nose[2], `green above red and blue: ${nose}`)
  const sides = SIDES.map((side) => gains('head', 'green', side)[1])
  for (const side of sides) assert.ok(side < 0.85 * nose[1] && side > 0.1 * nose[1], `${side} of ${nose[1]}`)
  assert.ok(gains('head', 'green', 'corner')[1] < 0.15 * nose[1])
})

test('software that relights the picture makes no difference between face and room', () => {
  const [nose, corner] = [NOSE, 'corner' as const].map((place) => gains('picture', 'blue', place))
  for (let c = 0; c < 3; c++) assert.ok(Math.abs(nose[c] - corner[c]) < 0.03, `${nose} against ${corner}`)
  assert.ok(nose[2] > 0.2)
})

test('a dark screen adds next to nothing', () => {
  for (const gain of gains('head', 'dark', NOSE)) assert.ok(Math.abs(gain) < 0.02, `${gain}`)
})

test('a feed is lit when its delay has passed, as long as the step lasts, and only where it has a screen', () => {
  const green = { kind: 'colour-light', colour: 'green' } as const
  const at = (screen: { lit: Lit; delayMs: number } | undefined, tMs: number) => {
    const actor = createActor({ seed: 4 })
    const feed = createActorFeed({ subject, actor, seed: 4, noise: 0, ...(screen ? { screen } : {}) })
    feed.prompt({ kind: 'hold' }, 0)
    feed.prompt(green, 1000)
    feed.prompt({ kind: 'center' }, 2000)
    const frame = createFrame(640, 480)
    feed.render(tMs, frame)
    return frame.data
  }
  const lit = { lit: 'head', delayMs: 100 } as const
  for (const tMs of [500, 1090, 2150]) assert.deepEqual(at(lit, tMs), at(undefined, tMs), `${tMs} ms`)
  for (const tMs of [1110, 2090]) assert.notDeepEqual(at(lit, tMs), at(undefined, tMs), `${tMs} ms`)
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  ATTACK_METHODS,
  attackCatalogue,
  createClip,
  createFrame,
  createSheet,
  type Feed,
  FIXTURES,
  type Frame,
  findInstrument,
  INSTRUMENTS,
  NEUTRAL,
  RECORDED_FPS,
  RECORDED_MS,
  renderSheet,
  renderSubject,
  reshapeDepth,
  type ScriptedStep,
} from '../src/index.ts'
import { meetPeople, type People, type Person } from './people.ts'

let people: People
let victim: Person
let attacker: Person

before(async () => {
  people = await meetPeople()
  victim = await people.person('subject-a')
  attacker = await people.person('subject-b')
})
after(() => people.engine.close())

const TURN_LEFT: readonly ScriptedStep[] = [
  { atMs: 0, step: { kind: 'hold' } },
  { atMs: 1000, step: { kind: 'head-pose', direction: 'left', targetDeg: 18 } },
]

function feedOf(name: string, variant?: string, seed = 3): Feed {
  const materials = { victim: victim.subject, attacker: attacker.subject }
  return findInstrument(name).createFeed(materials, variant === undefined ? { seed } : { variant, seed })
}

function frameAt(feed: Feed, tMs: number): Frame {
  const frame = createFrame(feed.width, feed.height)
  feed.render(tMs, frame)
  return frame
}

/** Yaw before the left turn is asked for and after it should be done. */
async function answer(feed: Feed): Promise<number> {
  for (const { step, atMs } of TURN_LEFT) feed.prompt(step, atMs)
  const before = (await people.see(frameAt(feed, 900))).mesh!.pose.yawDeg
  const after = (await people.see(frameAt(feed, 2600))).mesh!.pose.yawDeg
  return after - before
}

/** Sum over the values of a frame. */
function total(data: Frame['data'], of: (value: number, i: number) => number): number {
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += of(data[i], i)
  return sum
}

test('the catalogue has unique numbers in order, unique names and variants', () => {
  assert.deepEqual(
    INSTRUMENTS.map(({ number }) => number),
    INSTRUMENTS.map((_, i) => i + 1),
  )
  assert.equal(new Set(INSTRUMENTS.map(({ name }) => name)).size, INSTRUMENTS.length)
  for (const { name, recipe, expectation, variants } of INSTRUMENTS) {
    assert.match(name, /^[a-z]+(-[a-z]+)*$/)
    assert.ok(recipe.length > 40 && expectation.length > 20 && variants.length > 0)
    for (const variant of variants) assert.ok(recipe.includes(variant), `${name}: ${variant}`)
  }
})

test('every variant of every instrument shows one face and repeats from its seed', async () => {
  for (const { name, variants } of INSTRUMENTS) {
    for (const variant of variants) {
      const [one, two] = [feedOf(name, variant), feedOf(name, variant)]
      for (const feed of [one, two]) for (const { step, atMs } of TURN_LEFT) feed.prompt(step, atMs)
      const frame = frameAt(one, 2000)
      assert.deepEqual(frameAt(two, 2000).data, frame.data, `${name} ${variant}`)
      assert.equal((await people.see(frame)).faces.length, 1, `${name} ${variant}`)
    }
  }
})

test('the catalogue as data names every instrument, what it is expected to do, and methods that carry it', () => {
  const catalogue = attackCatalogue()
  assert.ok(catalogue.length >= 15)
  assert.deepEqual(structuredClone(catalogue), catalogue)
  assert.deepEqual(
    catalogue.filter(({ expected }) => expected === 'residual').map(({ name }) => name),
    ['reposed-photograph', 'screen-relay', 'morph', 'face-swap'],
  )
  assert.ok(ATTACK_METHODS.length >= 5)
  for (const { name, carries, tamperings } of ATTACK_METHODS) {
    for (const carried of carries === 'all' ? [] : carries) assert.ok(findInstrument(carried), name)
    assert.ok(carries === 'all' || carries.length + tamperings.length > 0, name)
  }
})

test('frames of every variant are rendered; ten a second are asked for', (t) => {
  for (const { name, variants } of INSTRUMENTS) {
    for (const variant of variants) {
      const feed = feedOf(name, variant)
      for (const { step, atMs } of TURN_LEFT) feed.prompt(step, atMs)
      const frame = createFrame(feed.width, feed.height)
      const times = Array.from({ length: 7 }, (_, i) => {
        const began = performance.now()
        feed.render(1400 + 100 * i, frame)
        return performance.now() - began
      })
      assert.ok(new Set(frame.data).size > 50, `${name} ${variant}: a picture`)
      t.diagnostic(`${name} ${variant}: ${times.sort((a, b) => a - b)[3].toFixed(1)} ms`)
    }
  }
})

test('photographs are swapped without anything between them, a library of answers turns as it was filmed', async () => {
  assert.ok((await answer(feedOf('photo-swap', 'cut'))) > 15)
  assert.ok((await answer(feedOf('answer-library', 'refreshed'))) > 15)
  assert.ok((await answer(feedOf('instant-answers', 'teleport'))) > 15)
  for (const variant of ['other-direction', 'one-behind'])
    assert.ok((await answer(feedOf('wrong-sequence', variant))) < 6, variant)
  assert.ok(Math.abs(await answer(feedOf('late-answers'))) < 6)
  assert.ok(Math.abs(await answer(feedOf('frozen-capture', 'at-the-turn'))) < 6)
})

test('a morph looks like both people, a face swap like the victim, another person like the attacker', async () => {
  const { engine } = people
  const likeness = async (name: string, variant?: string) => {
    const template = (await people.see(frameAt(feedOf(name, variant), 500), true)).template!
    return [victim, attacker].map(({ reference }) => engine.compare(reference, template).score)
  }
  const [toVictim, toAttacker] = await likeness('morph', 'half')
  assert.ok(toVictim > -0.1 && toAttacker > -0.1, `morph ${toVictim} ${toAttacker}`)
  const [swapped, own] = await likeness('face-swap', 'skin-and-shape')
  assert.ok(swapped > own, `swap ${swapped} ${own}`)
  const [stranger, self] = await likeness('another-person')
  assert.ok(stranger < 0 && self > 0.3, `${stranger} ${self}`)
})

test('cut-out eyes blink in the holes of the paper, which itself stays as it is', () => {
  const feed = feedOf('cut-out-eyes', 'held')
  const plain = feedOf('printed-photograph', 'held')
  const times = Array.from({ length: 60 }, (_, i) => 100 * i)
  const changed = times.map((tMs) => {
    const [a, b] = [frameAt(feed, tMs), frameAt(plain, tMs)]
    return total(a.data, (value, i) => (value === b.data[i] ? 0 : 1))
  })
  const values = 3 * feed.width * feed.height
  assert.ok(
    Math.max(...changed) < 0.02 * values && Math.min(...changed) > 0,
    `${Math.max(...changed)} of ${total}`,
  )
})

test('another depth changes a turn and leaves the front as it was', () => {
  const other = reshapeDepth(victim.subject, 5)
  const difference = (yawDeg: number) => {
    const [a, b] = [victim.subject, other].map((subject) => {
      const frame = createFrame(subject.width, subject.height)
      renderSubject(subject, { ...NEUTRAL, yawDeg, pitchDeg: 0 }, frame)
      return frame.data
    })
    return total(a, (value, i) => Math.abs(value - b[i])) / a.length
  }
  assert.ok(difference(20) > 0.5)
})

test('unknown variants, unknown names and a missing attacker are refused', () => {
  assert.throws(() => feedOf('ken-burns', 'sideways'), /no variant/)
  assert.throws(() => findInstrument('hologram'), /no instrument/)
  assert.throws(() => findInstrument('spliced-identities').createFeed({ victim: victim.subject }), /attacker/)
})

test('a frozen photograph repeats every frame bit by bit, a shaken one none', () => {
  const distinct = (variant: string) => {
    const frames = [...createClip({ feed: feedOf('still-photograph', variant), fps: 15, durationMs: 1000 })]
    return new Set(frames.map(({ data }) => Buffer.from(data).toString('latin1'))).size
  }
  assert.equal(distinct('frozen'), 1)
  assert.equal(distinct('shaken'), 15)
})

test('a looped recording repeats bit by bit after its length and not within it', () => {
  const feed = feedOf('looped-recording')
  const step = 1000 / RECORDED_FPS
  for (const index of [0, 17, 40]) {
    const frame = frameAt(feed, index * step)
    assert.deepEqual(frameAt(feed, RECORDED_MS + index * step).data, frame.data)
    assert.notDeepEqual(frameAt(feed, (index + 1) * step).data, frame.data)
  }
  const once = feedOf('looped-recording', 'once')
  assert.deepEqual(frameAt(once, RECORDED_MS + 5000).data, frameAt(once, RECORDED_MS - step).data)
})

test('what does not listen does not answer; what follows does, mirrored the other way', async () => {
  for (const [name, variant] of [
    ['still-photograph', 'shaken'],
    ['ken-burns', 'rotating'],
    ['printed-photograph', 'held'],
  ]) {
    const change = await answer(feedOf(name, variant))
    assert.ok(Math.abs(change) < 6, `${name}: ${change}`)
  }
  assert.ok((await answer(feedOf('reposed-photograph'))) > 15)
  assert.ok((await answer(feedOf('screen-relay', 'tablet'))) > 15)
  assert.ok((await answer(feedOf('mirrored-clip', 'following'))) < -15)
})

test('a recording turns left when it was recorded, whatever is asked', async () => {
  const feed = feedOf('looped-recording')
  feed.prompt({ kind: 'head-pose', direction: 'right', targetDeg: 18 }, 1000)
  const { pose } = (await people.see(frameAt(feed, 2900))).mesh!
  assert.ok(pose.yawDeg > 15, `${pose.yawDeg}`)
})

test('prints swung by 40°: the yaw changes by less than 8° on the mean when flat, by less than 15° when bent', async () => {
  const flat: number[] = []
  for (const { name } of FIXTURES) {
    const { subject } = await people.person(name)
    const sheet = createSheet(subject)
    const yawAt = async (yawDeg: number, bendRad: number) => {
      const frame = createFrame(subject.width, subject.height)
      renderSheet(sheet, { ...NEUTRAL, yawDeg }, bendRad, frame)
      return (await people.see(frame)).mesh!.pose.yawDeg
    }
    for (const yawDeg of [-40, 40]) {
      flat.push(Math.abs((await yawAt(yawDeg, 0)) - (await yawAt(0, 0))))
      const bent = (await yawAt(yawDeg, 1.4)) - (await yawAt(0, 1.4))
      assert.ok(Math.abs(bent) < 15, `${name}: bent ${bent}`)
    }
  }
  assert.ok(flat.reduce((sum, change) => sum + change, 0) / flat.length < 8, `${flat}`)
  assert.ok(Math.max(...flat) < 10, `${flat}`)
})

test('spliced identities show the victim first and the attacker at the turn', async () => {
  const { engine } = people
  const feed = feedOf('spliced-identities', 'victim-first')
  for (const { step, atMs } of TURN_LEFT) feed.prompt(step, atMs)
  const likeness = async (tMs: number) => {
    const template = (await people.see(frameAt(feed, tMs), true)).template!
    return (
      engine.compare(victim.reference, template).score - engine.compare(attacker.reference, template).score
    )
  }
  assert.ok((await likeness(500)) > 0.3)
  assert.ok((await likeness(1500)) < -0.3)
})

test('a filmed screen has a bezel, keeps the face and lays a pattern over even areas', async () => {
  const feed = feedOf('screen-replay', 'tablet')
  const frame = frameAt(feed, 400)
  const corner = frame.data.subarray(0, 3)
  assert.ok(Math.max(...corner) < 40, `corner ${[...corner]}`)
  const { engine } = people
  const seen = await people.see(frame, true)
  assert.ok(engine.compare(victim.reference, seen.template!).similarity > 0.5)
})

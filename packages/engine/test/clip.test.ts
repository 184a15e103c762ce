/**
 * Clips: frames of one capture, measured in order, and what is followed through them. The turning head is the
 * laboratory's; it shows plumbing and order, not error rates.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { failed, IpseError } from '@ipse/protocol'
import { createEngine } from '../src/index.ts'
import type { Clip, Engine, TurnEvidence } from '../src/types.ts'
import { jpegOf, lab, subjectOf, type Thing } from './laboratory.ts'
import { photograph } from './photographs.ts'

let engine: Engine
let people: Thing[]
before(async () => {
  engine = await createEngine({ threads: 2 })
  people = await Promise.all([0, 1].map((index) => subjectOf(engine, index)))
})
after(() => engine.close())

function facing(yawDeg: number, gazePerDegree = 0, person = 0): Promise<Uint8Array> {
  const subject = people[person]
  const state = { ...lab.NEUTRAL, yawDeg, gaze: { x: gazePerDegree * yawDeg, y: 0 } }
  return jpegOf(subject, (out) => lab.renderSubject(subject, state, out))
}

const TURN = [0, 0, 2, 6, 11, 16, 20, 22]

async function play(clip: Clip, frames: readonly Promise<Uint8Array>[]) {
  const [first, ...rest] = await Promise.all(frames)
  await clip.measure(first)
  await clip.beginTrack()
  await Promise.all(rest.map((jpeg) => clip.measure(jpeg)))
  return clip.endTrack()
}

function residualOf({ planarity }: TurnEvidence): number {
  assert.ok(planarity.residual.status === 'assessed')
  return planarity.residual.native
}

test('a turning head is followed from its neutral pose and is no plane', async () => {
  const clip = engine.openClip()
  const { turns } = await play(
    clip,
    TURN.map((yaw) => facing(yaw)),
  )
  clip.close()
  assert.equal(turns.length, 1)
  const [turn] = turns
  assert.ok(!turn.broken && turn.frames >= 3 && turn.planarity.survivors >= 25)
  assert.ok(turn.yawChangeDeg > 15, String(turn.yawChangeDeg))
  assert.ok(residualOf(turn) > 0.02)
  assert.ok(turn.coMotion.status === 'assessed' && turn.coMotion.native < 0.3)
  assert.ok(turn.structure.residual.status === 'assessed')
})

test('a head that keeps still, or a track without a face at its begin, has no turns', async () => {
  const clip = engine.openClip()
  const still = await play(
    clip,
    [0, 1, 2, 1, 0, 2].map((yaw) => facing(yaw)),
  )
  assert.deepEqual(still.turns, [])
  assert.deepEqual((await clip.endTrack()).turns, [], 'ended already')
  clip.close()
  const fresh = engine.openClip()
  await fresh.beginTrack()
  await fresh.measure(await facing(20))
  assert.deepEqual(await fresh.endTrack(), {
    turns: [],
    gazeCoupling: { status: 'failure-to-assess', reason: 'no-face' },
  })
  fresh.close()
})

test('another person in the middle of a turn breaks the track, and nothing is measured across it', async () => {
  const clip = engine.openClip()
  const { turns } = await play(clip, [
    ...[0, 8, 14].map((yaw) => facing(yaw)),
    ...[18, 22].map((yaw) => facing(yaw, 0, 1)),
  ])
  clip.close()
  assert.equal(turns[0]?.broken, true)
  assert.deepEqual(turns[0]?.planarity.residual, { status: 'failure-to-assess', reason: 'track-lost' })
})

test('a frame that cannot be read breaks the track like a missing one', async () => {
  const clip = engine.openClip()
  await clip.measure(await facing(0))
  await clip.beginTrack()
  await clip.measure(await facing(10))
  const unreadable = (error: unknown) => error instanceof IpseError && error.code === 'image_unreadable'
  await assert.rejects(clip.measure(new Uint8Array(100)), unreadable)
  await clip.measure(await facing(20))
  const { turns } = await clip.endTrack()
  clip.close()
  assert.equal(turns[0]?.broken, true)
})

test('eyes that stay on the camera couple more than eyes that turn with the head', async () => {
  const coupling = async (perDegree: number): Promise<number> => {
    const clip = engine.openClip()
    const { gazeCoupling } = await play(
      clip,
      [0, 3, 7, 11, 15, 19, 22].map((yaw) => facing(yaw, perDegree)),
    )
    clip.close()
    assert.ok(gazeCoupling.status === 'assessed')
    return gazeCoupling.native
  }
  const [fixed, looking] = [await coupling(0), await coupling(-0.007)]
  assert.ok(looking > fixed + 0.015, `${fixed} and ${looking}`)
})

test('a clip measures what the engine measures, and tells what changed from frame to frame', async () => {
  const clip = engine.openClip()
  const jpeg = photograph('sample5')
  const [alone, first, second] = [
    await engine.measure(jpeg, { picture: true }),
    await clip.measure(jpeg, { picture: true }),
    await clip.measure(jpeg),
  ]
  clip.close()
  assert.deepEqual(first, alone)
  assert.equal(first.change, undefined)
  assert.ok(second.change)
  assert.deepEqual([second.change.noise, second.change.unchangedBlocks], [0, 1])
  assert.ok(first.picture)
  assert.equal(second.picture, undefined)
})

test('a clip knows of its frames whether they were coded before, of a picture that it shrank it does not', async () => {
  const clip = engine.openClip()
  const [once, shrunk] = [
    await clip.measure(await facing(0), { picture: true }),
    await clip.measure(photograph('sample5'), { picture: true }),
  ]
  clip.close()
  const coded = once.picture?.singleCompression
  assert.ok(coded?.status === 'assessed' && coded.native > 0.7, JSON.stringify(coded))
  assert.deepEqual(shrunk.picture?.singleCompression, failed('not-supported'))
})

test('clips side by side keep their own frames; a closed one takes no more', async () => {
  const turned = (sign: number) => {
    const clip = engine.openClip()
    return play(
      clip,
      TURN.map((yaw) => facing(sign * yaw)),
    ).finally(() => clip.close())
  }
  const answers = await Promise.all([turned(1), turned(-1), turned(1)])
  assert.deepEqual(
    answers.map(({ turns }) => Math.sign(turns[0]?.yawChangeDeg ?? 0)),
    [1, -1, 1],
  )
  const closed = engine.openClip()
  closed.close()
  closed.close()
  const gone = (error: unknown) => error instanceof IpseError && error.code === 'engine_unavailable'
  await assert.rejects(closed.measure(await facing(0)), gone)
})

test('a clip that is not closed loses its frames when many newer ones are open, and goes on', async () => {
  const old = engine.openClip()
  const jpeg = await facing(0)
  await old.measure(jpeg)
  await old.beginTrack()
  const newer = Array.from({ length: 70 }, () => engine.openClip())
  for (const clip of newer) await clip.beginTrack()
  assert.equal((await old.measure(jpeg)).change, undefined)
  assert.deepEqual((await old.endTrack()).turns, [])
  for (const clip of [old, ...newer]) clip.close()
})

/** As a capture asks for them: the first is searched, the others are followed. */
async function follow(clip: Clip, frames: readonly Promise<Uint8Array>[]) {
  const [first, ...rest] = await Promise.all(frames)
  const searched = await clip.measure(first)
  const followed = await Promise.all(rest.map((jpeg) => clip.measure(jpeg, { search: false })))
  return { searched, followed }
}

test('a face that is followed through a turn is measured as one that is searched for, and nobody is counted', async () => {
  const yaws = [...TURN, 18, 9, 0]
  const clip = engine.openClip()
  const { followed } = await follow(
    clip,
    yaws.map((yaw) => facing(yaw)),
  )
  clip.close()
  for (const [i, frame] of followed.entries()) {
    const alone = await engine.measure(await facing(yaws[i + 1]))
    assert.deepEqual([frame.faces, frame.quality], [undefined, undefined])
    assert.ok(frame.mesh && alone.mesh)
    const { pose, face } = frame.mesh
    const away = Math.max(
      Math.abs(pose.yawDeg - alone.mesh.pose.yawDeg),
      Math.abs(pose.pitchDeg - alone.mesh.pose.pitchDeg),
    )
    assert.ok(away < 2, `${yaws[i + 1]}°: ${away}° apart`)
    const share = Math.abs(face.box.width / alone.mesh.face.box.width - 1)
    assert.ok(share < 0.2, `${yaws[i + 1]}°: box ${share}`)
  }
})

test('a searched frame finds along the trail whom a search of it alone finds: the same main face, the same others', async () => {
  const clip = engine.openClip()
  const jpeg = photograph('sample1')
  const first = await clip.measure(jpeg)
  const again = await clip.measure(jpeg)
  clip.close()
  assert.ok(first.faces && first.faces.length > 1)
  assert.deepEqual(again.faces?.slice(1), first.faces.slice(1))
  assert.deepEqual(again.mesh?.face.box, first.mesh?.face.box)
  const yaws = [...TURN, 18, 9, 0]
  const turning = engine.openClip()
  for (const yaw of yaws) {
    const jpeg = await facing(yaw)
    const [along, alone] = [await turning.measure(jpeg), await engine.measure(jpeg)]
    assert.ok(along.mesh && alone.mesh)
    assert.deepEqual(along.mesh.face.box, alone.mesh.face.box, `${yaw}°`)
    assert.equal(along.faces?.length, alone.faces.length)
    const { pose } = along.mesh
    assert.ok(Math.abs(pose.yawDeg - alone.mesh.pose.yawDeg) < 2, `${yaw}°: ${pose.yawDeg}`)
  }
  turning.close()
})

test('a frame whose face is gone, or of another size, is searched whatever was asked', async () => {
  const clip = engine.openClip()
  await clip.measure(await facing(0))
  const empty = await jpegOf(people[0], () => {})
  const gone = await clip.measure(empty, { search: false })
  assert.deepEqual([gone.faces, gone.mesh], [[], undefined])
  const back = await clip.measure(await facing(0), { search: false })
  assert.equal(back.faces?.length, 1)
  const crowd = await clip.measure(photograph('sample1'), { search: false })
  assert.deepEqual(crowd.faces, (await engine.measure(photograph('sample1'))).faces)
  assert.ok(crowd.faces && crowd.faces.length > 1, 'somebody else is counted')
  clip.close()
})

test('another face in the place of the followed one breaks the track and shows in its template', async () => {
  const clip = engine.openClip()
  const { template } = await clip.measure(await facing(0), { template: true })
  await clip.beginTrack()
  for (const yaw of [8, 14]) await clip.measure(await facing(yaw), { search: false })
  for (const yaw of [18, 22]) await clip.measure(await facing(yaw, 0, 1), { search: false })
  const { turns } = await clip.endTrack()
  const other = await clip.measure(await facing(0, 0, 1), { search: false, template: true })
  clip.close()
  assert.equal(turns[0]?.broken, true)
  assert.ok(template && other.template)
  assert.ok(engine.compare(template, other.template).score < engine.defaultOperatingPoint.threshold)
})

test('who stays is known by the first network alone, somebody else is looked at by all, and no template is given out', async () => {
  const [own, other] = await Promise.all(
    [0, 1].map(
      async (person) => (await engine.measure(await facing(3, 0, person), { template: true })).template,
    ),
  )
  assert.ok(own && other)
  const clip = engine.openClip()
  const same = await clip.measure(await facing(5), { compareWith: own, search: false })
  const jpeg = await facing(5, 0, 1)
  const changed = await clip.measure(jpeg, { compareWith: own, template: true })
  assert.deepEqual([same.template, changed.template], [undefined, undefined])
  assert.ok(same.likeness?.limit !== undefined && same.likeness.score >= same.likeness.limit)
  assert.equal(
    changed.likeness?.limit,
    undefined,
    'the first network does not say that it is the same person',
  )
  const { template } = await engine.measure(jpeg, { template: true })
  const whole = template && engine.compare(template, own).score
  assert.ok(Math.abs(Number(changed.likeness?.score) - Number(whole)) < 0.02, `${whole}`)
  assert.ok(Number(changed.likeness?.score) < engine.defaultOperatingPoint.threshold)
  assert.equal(
    (await clip.measure(await jpegOf(people[0], () => {}), { compareWith: own })).likeness,
    undefined,
  )
  const foreign = { ...own, modelId: 'another/1' }
  await assert.rejects(clip.measure(await facing(5), { compareWith: foreign }), {
    code: 'reference_unusable',
  })
  clip.close()
})

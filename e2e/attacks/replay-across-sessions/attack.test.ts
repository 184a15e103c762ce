import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_PEOPLE, meetPeople } from '@ipse/cli/attack'
import { createEngine } from '@ipse/engine'
import {
  createActor,
  createActorFeed,
  createFrame,
  createSubject,
  type Feed,
  type ScriptedStep,
} from '@ipse/lab'
import { PLAUSIBLE_FACTS, runCapture } from '@ipse/lab/capture-client'
import { filmFeed, toJpeg } from '@ipse/lab/node'
import type { CreatedSession } from '@ipse/protocol'
import { type FrameObservation, mostInCommon, observe, tracesOf } from '@ipse/server'
import sharp, { type Sharp } from 'sharp'
import { startService } from '../../service.ts'

const people = meetPeople(DEFAULT_PEOPLE.slice(2, 4))

async function feedOf(seed: number): Promise<Feed> {
  const [person] = await people
  assert.ok(person)
  const subject = createSubject(person.photo, person.landmarks, { response: person.response })
  return createActorFeed({ subject, actor: createActor({ seed }), seed })
}

test('pictures of an accepted capture are refused in another session, under a key of its own', async () => {
  await using service = await startService()
  const kept: Uint8Array[] = []
  const live = filmFeed(await feedOf(21))
  let next = 0
  const cameras = [
    async (...given: Parameters<typeof live.frame>) => {
      const picture = await live.frame(...given)
      kept.push(picture)
      return picture
    },
    // The hold may take longer than it did: then the last part comes from another day.
    async (...given: Parameters<typeof live.frame>) => kept[next++] ?? live.frame(...given),
  ]
  const decided = []
  for (const frame of cameras) {
    // A policy without a challenge: nothing else stands against a recording.
    const session: CreatedSession = await service.client.createSession({
      purpose: 'liveness',
      policy: 'passive',
    })
    const origin = new URL(service.url).origin
    await runCapture({ ...session, origin, camera: { frame }, facts: PLAUSIBLE_FACTS })
    const { decision, attempts } = await service.client.getSession(session.id)
    decided.push({ decision, replayed: attempts.at(-1)?.reasons.includes('capture_replayed') })
  }
  assert.deepEqual(decided, [
    { decision: 'accept', replayed: false },
    { decision: 'reject', replayed: true },
  ])
})

/** Where the dot stands, one place after the other, then a turn and an open mouth. */
const PLACES = [-1, 1, 0, -1, 1, -1, 1, 0] as const
const SCRIPT: readonly ScriptedStep[] = [
  { atMs: 0, step: { kind: 'hold' } },
  ...PLACES.map((x, i): ScriptedStep => {
    const y = ([1, -1, 1, 0, -1, 1, 0, 0] as const)[i] ?? 0
    return { atMs: 1500 + 900 * i, step: { kind: 'follow', at: { x, y } } }
  }),
  { atMs: 9000, step: { kind: 'head-pose', direction: 'left', targetDeg: 18 } },
  { atMs: 10_400, step: { kind: 'center' } },
  { atMs: 11_700, step: { kind: 'expression', expression: 'mouth-open' } },
]
const LENGTH_MS = 13_000
const FRAME_MS = 125

interface Change {
  readonly speed?: number
  alter?(picture: Sharp): Sharp
}

const CHANGES: Readonly<Record<string, Change>> = {
  'compressed again': { alter: (picture) => picture.jpeg({ quality: 50 }) },
  'half as large': { alter: (picture) => picture.resize(320).jpeg({ quality: 80 }) },
  'played faster': { speed: 1.3 },
  'cut at the edges': {
    alter: (picture) => picture.extract({ left: 60, top: 40, width: 544, height: 408 }).jpeg({ quality: 80 }),
  },
}

test('the motion of a recording is found again however it was changed; another capture is not taken for it', async () => {
  const engine = await createEngine()
  try {
    const film = async (seed: number, { speed = 1, alter }: Change, offsetMs: number) => {
      const feed = await feedOf(seed)
      for (const { step, atMs } of SCRIPT) feed.prompt(step, atMs)
      const picture = createFrame(feed.width, feed.height)
      const frames: FrameObservation[] = []
      for (let tMs = offsetMs; tMs * speed < LENGTH_MS; tMs += FRAME_MS) {
        feed.render(tMs * speed, picture)
        const original = await toJpeg(picture)
        const jpeg = alter === undefined ? original : await alter(sharp(original)).toBuffer()
        const measured = await engine.measure(jpeg)
        const { width, height } = measured
        const header = { frame: frames.length, capturedUs: Math.round(1000 * tMs), step: 0, width, height }
        frames.push(observe(measured, jpeg, header, { step: 0, arrivedMs: tMs }))
      }
      return tracesOf(frames)
    }
    const hits = (await film(1, {}, 0)).flatMap(({ kept }) =>
      kept.map((mac) => ({ sessionId: 'ses_1', mac })),
    )
    const inCommon = async (seed: number, change: Change) => {
      const found = mostInCommon(await film(seed, change, 40), hits, (word) => [word])
      return 'missing' in found ? Number.NaN : found.sameSegments
    }
    for (const [name, change] of Object.entries(CHANGES)) {
      const same = await inCommon(1, change)
      assert.ok(same >= 5, `${name}: ${same} segments`)
    }
    const other = await inCommon(2, {})
    assert.ok(other < 5, `the same person on another day, asked the same: ${other} segments`)
  } finally {
    await engine.close()
  }
})

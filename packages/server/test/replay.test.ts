/** Replay across sessions: what a recording cannot shed, what people do not repeat, and what is kept of either. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CreatedSession, IpseError } from '@ipse/protocol'
import type { FrameObservation } from '../src/domain/capture-record.ts'
import { type Hit, mostInCommon, type Trace, tracesOf } from '../src/domain/replay/traces.ts'
import { createKeyring, openKeys, type Store } from '../src/index.ts'
import type { Camera, Shot } from './capture-client.ts'
import { createPerson, type Fixture, startFixture, systemRandom } from './fixture.ts'

/** Numbers from 0 to 1 that depend on the seed alone. */
function numbers(seed: number): () => number {
  let at = 0
  return () => {
    const hash = Math.sin(seed * 127.1 + ++at * 311.7) * 43758.5453
    return hash - Math.floor(hash)
  }
}

interface Motion {
  at(tS: number): Readonly<Record<'yaw' | 'pitch' | 'roll' | 'x' | 'y' | 'near' | 'mouth', number>>
}

/** Everybody is asked the same at the same times; when and how far they go, and how they sway, is their own. */
function motionOf(person: number): Motion {
  const random = numbers(person)
  const wander = (deviation: number) => {
    const waves = [0.15, 0.4, 0.7].map((hertz) => ({
      perS: 2 * Math.PI * hertz * (0.7 + 0.6 * random()),
      phase: 2 * Math.PI * random(),
    }))
    return (tS: number) =>
      waves.reduce((sum, { perS, phase }) => sum + deviation * Math.sin(perS * tS + phase), 0)
  }
  const moves = (goals: readonly number[], everyS: number, spread: number) => {
    const drawn = goals.map((to, i) => ({
      startS: i * everyS + 0.25 + 0.2 * random(),
      by: to + spread * random() - (i === 0 ? 0 : (goals[i - 1] ?? 0)),
    }))
    return (tS: number) =>
      drawn.reduce((sum, { startS, by }) => {
        const t = Math.max(0, Math.min(1, (tS - startS) / 0.6))
        return sum + by * t * t * (3 - 2 * t)
      }, 0)
  }
  const yaw = moves([14, -14, 14, 0, -14, 14, 0, 22, 0, -20, 0], 1.1, 3)
  const pitch = moves([0, 9, -9, 9, -9, 0, 9, 0, 0, 0, 0], 1.1, 2)
  const mouth = moves([0, 0, 0, 0.4, 0, 0, 0, 0, 0.4, 0, 0], 1.1, 0.02)
  const own = { yaw: wander(0.6), roll: wander(0.5), x: wander(0.01), y: wander(0.008), near: wander(0.005) }
  return {
    at: (tS) => ({
      yaw: yaw(tS) + own.yaw(tS),
      pitch: pitch(tS),
      roll: own.roll(tS),
      x: own.x(tS) - 0.001 * yaw(tS),
      y: own.y(tS),
      near: 1 + own.near(tS),
      mouth: 0.04 + mouth(tS),
    }),
  }
}

interface Filming {
  readonly seed: number
  readonly speed?: number
  readonly mirrored?: boolean
  /** Share of the picture that is left. */
  readonly crop?: number
  /** Size of the picture, pixels. */
  readonly width?: number
  readonly drop?: number
  readonly fromS?: number
  readonly toS?: number
}

/** A motion as the engine measures it eight times a second, with the noise of a JPEG. */
function film(motion: Motion, wish: Filming): FrameObservation[] {
  const { seed, speed = 1, mirrored = false, crop = 1, width = 640, drop = 0, fromS = 0, toS = 13 } = wish
  const random = numbers(seed + 0.5)
  const noise = (deviation: number) => (random() + random() + random() - 1.5) * 2 * deviation
  const frames: FrameObservation[] = []
  for (let tS = random() / 8; fromS + tS * speed < toS; tS += 0.11 + 0.03 * random()) {
    if (random() < drop) continue
    const { yaw, pitch, roll, x, y, near, mouth } = motion.at(fromS + tS * speed)
    const side = mirrored ? -1 : 1
    const share = (0.35 * near) / crop
    frames.push({
      frame: frames.length,
      step: 0,
      arrivedMs: 1000 * tS,
      capturedUs: Math.round(1e6 * tS),
      digest: `${seed} ${frames.length}`,
      width,
      height: 0.75 * width,
      thumbnail: new Uint8Array(1024),
      faces: 1,
      face: {
        pose: {
          yawDeg: side * yaw + noise(0.35),
          pitchDeg: pitch + noise(0.4),
          rollDeg: side * roll + noise(0.2),
        },
        presence: 0.9,
        widthShare: share + noise(0.003),
        centre: {
          x: 0.5 + (side * x + noise(0.0014) + 0.03 * (1 - crop)) / crop,
          y: 0.5 + (y + noise(0.0012)) / crop,
        },
        eyeOpenness: 0.26,
        mouthOpenness: mouth + noise(0.005),
        outerEyeDistancePx: width * share * 0.5 * Math.cos((yaw * Math.PI) / 180) * (1 + noise(0.005)),
        quality: {} as never,
      },
    })
  }
  return frames
}

const plain = (word: string) => [word]

/** Segments that two captures have in common, and how many there were. */
function compare(earlier: readonly FrameObservation[], later: readonly FrameObservation[]) {
  return compareTraces(tracesOf(earlier), tracesOf(later))
}

function compareTraces(earlier: readonly Trace[], later: readonly Trace[]) {
  const hits = earlier.flatMap(({ kept }) => kept.map((mac): Hit => ({ sessionId: 'ses_1', mac })))
  const found = mostInCommon(later, hits, plain)
  if ('missing' in found) throw new Error(found.missing)
  return found
}

const WAYS: Readonly<Record<string, Omit<Filming, 'seed'>>> = {
  'compressed again': {},
  slower: { speed: 0.7 },
  faster: { speed: 1.4 },
  mirrored: { mirrored: true },
  cropped: { crop: 0.8 },
  smaller: { width: 320 },
  larger: { width: 960 },
  'with frames dropped': { drop: 0.3 },
  'all of it': { speed: 1.15, mirrored: true, crop: 0.85, width: 480, drop: 0.1 },
}

test('the same motion is found again however the recording was changed', () => {
  for (const [way, wish] of Object.entries(WAYS))
    for (let person = 1; person <= 4; person++) {
      const motion = motionOf(person)
      const { sameSegments, segments } = compare(
        film(motion, { seed: person }),
        film(motion, { seed: 100 + person, ...wish }),
      )
      assert.ok(sameSegments >= 5, `${way}, person ${person}: ${sameSegments} of ${segments}`)
    }
})

test('a part of a recording is found too', () => {
  for (let person = 1; person <= 4; person++) {
    const motion = motionOf(person)
    const part = film(motion, { seed: 100 + person, fromS: 1, toS: 9 })
    const { sameSegments, segments } = compare(film(motion, { seed: person }), part)
    assert.ok(sameSegments >= 3, `person ${person}: ${sameSegments} of ${segments}`)
  }
})

test('two captures under the same plan do not have enough in common, whoever moves', () => {
  const captures = Array.from({ length: 30 }, (_, i) => tracesOf(film(motionOf(i + 1), { seed: i + 1 })))
  const most = captures.flatMap((earlier, i) =>
    captures.slice(i + 1).map((later) => compareTraces(earlier, later).sameSegments),
  )
  assert.ok(Math.max(...most) < 12, `${Math.max(...most)} segments`)
  assert.ok(most.filter((same) => same >= 5).length <= 0.01 * most.length)
})

test('what one session leaves is bounded, and says nothing without the key', async () => {
  const motion = motionOf(1)
  const busy: Motion = { at: (tS) => ({ ...motion.at(tS), yaw: 15 * Math.sin(9 * tS) }) }
  const traces = tracesOf(film(busy, { seed: 1, toS: 120 }))
  const kept = traces.flatMap((trace) => trace.kept)
  assert.ok(kept.length > 200 && kept.length <= 4 * 60 + 24, `${kept.length} words`)
  const keyring = await createKeyring(systemRandom.bytes, 1)
  const keys = await openKeys(keyring)
  const [mac = ''] = keys.traceMacs('shop', kept[0] ?? '', 0)
  assert.match(mac, /^[\w-]{16}$/)
  assert.notDeepEqual(keys.traceMacs('other', kept[0] ?? '', 0), [mac], 'tenants cannot be joined')
  const [older] = keyring.encryption
  const newer = { id: 'kek-new', secret: Buffer.alloc(32, 7).toString('base64url') }
  const rotated = await openKeys({ ...keyring, encryption: older ? [newer, older] : [] })
  assert.deepEqual(rotated.traceMacs('shop', kept[0] ?? '', 0).slice(1), [mac], 'found after a rotation')
})

test('nothing can be told of frames without a face, nor of clocks that run backwards', () => {
  const frames = film(motionOf(1), { seed: 1 })
  assert.deepEqual(tracesOf(frames.map(({ face: _, ...frame }) => frame)), [])
  const backwards = frames.map((frame) => ({ ...frame, capturedUs: -frame.capturedUs }))
  assert.equal(tracesOf(backwards).filter(({ of }) => of === 'motion').length, 0)
})

/** Keeps what somebody shows, and shows it again. */
function recorded(fixture: Fixture) {
  const person = createPerson(fixture.clock)
  const shots: Shot[] = []
  const live: Camera = {
    ...person,
    async frame() {
      const shot = await person.frame()
      shots.push(shot)
      return shot
    },
  }
  let next = 0
  const again: Camera = {
    async frame() {
      // The hold may take longer this time: the recording goes on.
      const shot = shots[next++]
      if (shot === undefined) return person.frame()
      fixture.clock.advance(100)
      return { ...shot, capturedUs: fixture.clock.monotonicMs() * 1000 + ((next * 7919) % 9001) }
    },
  }
  return { live, again }
}

const passive = (fixture: Fixture): Promise<CreatedSession> =>
  fixture.createSession({ purpose: 'liveness', policy: 'passive' })

test('pictures of an earlier session are refused in another one, for that reason alone', async () => {
  await using fixture = await startFixture()
  const { live, again } = recorded(fixture)
  const first = await passive(fixture)
  await fixture.capture(first, live)
  assert.equal((await fixture.readSession(first.id)).decision, 'accept')
  const second = await passive(fixture)
  const { outcome } = await fixture.capture(second, again)
  assert.deepEqual(
    outcome,
    { type: 'outcome', outcome: 'fail', attemptsLeft: 0 },
    'the device is not told why',
  )
  const { decision, reasons } = await fixture.readSession(second.id)
  assert.deepEqual([decision, reasons], ['reject', ['capture_replayed']])
})

test('a new capture of the same person passes after it', async () => {
  await using fixture = await startFixture()
  for (let day = 0; day < 3; day++) {
    const session = await fixture.createSession({ purpose: 'liveness' })
    await fixture.capture(session, createPerson(fixture.clock))
    assert.equal((await fixture.readSession(session.id)).decision, 'accept')
  }
})

test('when its time is over, a capture is forgotten', async () => {
  await using fixture = await startFixture({ named: { 'retention.replayDays': '1' } })
  const { live, again } = recorded(fixture)
  await fixture.capture(await passive(fixture), live)
  fixture.clock.advance(86_400_000)
  const session = await passive(fixture)
  await fixture.capture(session, again)
  const { decision, reasons } = await fixture.readSession(session.id)
  assert.deepEqual([decision, reasons], ['accept', []])
})

test('an index that does not answer leads to another attempt, never to a pass', async () => {
  const wrapStore = (store: Store): Store => ({
    ...store,
    leaveTraces: () => Promise.reject(new IpseError('storage_unavailable')),
  })
  await using fixture = await startFixture({ wrapStore })
  const session = await fixture.createSession({ purpose: 'liveness' })
  const { outcome } = await fixture.capture(session, createPerson(fixture.clock))
  assert.equal(outcome?.outcome, 'retry')
  assert.deepEqual((await fixture.readSession(session.id)).attempts.at(-1)?.reasons, ['evidence_missing'])
})

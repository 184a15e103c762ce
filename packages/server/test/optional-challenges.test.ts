/** Policies that show colours and ask people to come closer, from session to receipt: what is accepted and what is not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CaptureFacts,
  type ChallengeStep,
  LIGHT_SRGB,
  type LightColour,
  type Policy,
  type Session,
  type SignalName,
} from '@ipse/protocol'
import { POLICIES } from '../src/domain/policies/index.ts'
import { CAMERA_FACTS, type Camera } from './capture-client.ts'
import { createPerson, createTestClock, startFixture, type TestClock } from './fixture.ts'
import type { Script } from './scripted-engine.ts'

const STANDARD = POLICIES.standard as Policy
/** The rules do not name the colours: what they demand is added. */
const POLICY: Policy = {
  ...STANDARD,
  name: 'colours-and-distance',
  challenge: { ...STANDARD.challenge, colourLight: true, distance: true },
}
const AGREED = { ...CAMERA_FACTS, colours: 'agreed' } as const

interface Look {
  /** The screen's light on the face, and on the surround, as shares of the room's. */
  readonly face?: number
  readonly surround?: number
  /** On the cheekbones, as a share of the middle of the face. */
  readonly sides?: number
}

/** A person in a room, lit by the screen a little later than it changes, who comes closer when asked. */
function createLitPerson(clock: TestClock, { face = 0.1, surround = 0.01, sides = 0.6 }: Look) {
  const shown: { readonly atMs: number; readonly colour: LightColour }[] = []
  const kinds: ChallengeStep['kind'][] = []
  let nearer = 1
  let goal = 1
  let startMs = 0
  const change = (script: Script, frame: number): Script => {
    const nowMs = clock.monotonicMs()
    if (nowMs >= startMs) nearer += 0.4 * (goal - nearer)
    const colour = shown.findLast(({ atMs }) => atMs + 150 <= nowMs)?.colour
    const screen = colour === undefined ? [0, 0, 0] : LIGHT_SRGB[colour].map((value) => (value / 255) ** 2.2)
    const patch = (share: number, number: number) =>
      [0.4, 0.3, 0.2].map((albedo, part) => {
        const grain = 1 + 0.003 * Math.sin(frame * 12.9 + number * 78.2 + part * 3.1)
        return 0.5 * albedo * grain * (1 + share * (screen[part] ?? 0))
      }) as [number, number, number]
    const light = {
      forehead: patch(face, 1),
      nose: patch(face, 2),
      rightCheek: patch(face, 3),
      leftCheek: patch(face, 4),
      rightSide: patch(sides * face, 5),
      leftSide: patch(sides * face, 6),
      surround: patch(surround, 7),
    }
    return { ...script, light, widthShare: 0.35 * nearer }
  }
  const person = createPerson(clock, { change })
  const camera: Camera = {
    ...person,
    onStep(step, index) {
      if (kinds.at(-1) !== step.kind) kinds.push(step.kind)
      if (step.kind === 'colour-light') shown.push({ atMs: clock.monotonicMs(), colour: step.colour })
      goal = step.kind === 'distance' ? step.nearer * 1.05 : 1
      startMs = clock.monotonicMs() + 300
      person.onStep?.(step, index)
    },
  }
  return { camera, kinds, shown }
}

/** Each in a service of its own: two captures of one scripted camera are one recording shown twice. */
async function attempt(look: Look, facts: CaptureFacts = AGREED, policy = POLICY.name) {
  const clock = createTestClock()
  const policies = { ...POLICIES, [POLICY.name]: POLICY }
  await using fixture = await startFixture({ more: { policies, clock } })
  const session = await fixture.createSession({ purpose: 'liveness', policy })
  const person = createLitPerson(clock, look)
  const { outcome, error } = await fixture.capture(session, person.camera, { facts })
  return { ...person, outcome, error, session: await fixture.readSession(session.id) }
}

function read(session: Session, signal: SignalName): number | string {
  const measurement = session.evidence?.find((line) => line.signal === signal)?.measurement
  if (measurement === undefined) return 'absent'
  return measurement.status === 'assessed' ? measurement.native : measurement.reason
}

test('a person who is lit by the screen and comes closer is accepted', async () => {
  const { outcome, error, session, shown, kinds } = await attempt({})
  assert.deepEqual([outcome?.outcome, error, session.reasons], ['pass', undefined, []])
  assert.equal(shown.length, 10)
  assert.ok(kinds.includes('distance'))
  assert.ok(Number(read(session, 'colour-light')) > 0.95)
  assert.ok(Number(read(session, 'colour-relief')) > 0.8)
  assert.ok(Math.abs(Number(read(session, 'distance')) - 1) < 0.2, `a bowl: ${read(session, 'distance')}`)
  assert.equal(read(session, 'pulse'), 'too-few-frames')
})

test('a face that does not take on the colours is asked to try again, and told only about its screen', async () => {
  const { outcome, session } = await attempt({ face: 0, surround: 0 })
  assert.deepEqual(outcome, { type: 'outcome', outcome: 'retry', attemptsLeft: 2, hint: 'brighter-screen' })
  assert.equal(session.decision, undefined)
})

test('a picture that is relit as a whole goes to a person', async () => {
  const { outcome, session } = await attempt({ face: 0.1, surround: 0.1, sides: 1 })
  assert.deepEqual([outcome?.outcome, session.decision], ['fail', 'review'])
  assert.ok(session.reasons?.includes('light_not_answered'))
  assert.ok(Math.abs(Number(read(session, 'colour-relief'))) < 0.2)
})

test('who declines the colours, or does not say, sees none and is never accepted: a person looks', async () => {
  for (const facts of [{ ...CAMERA_FACTS, colours: 'declined' } as const, CAMERA_FACTS]) {
    const { outcome, session, shown } = await attempt({}, facts)
    assert.deepEqual([outcome?.outcome, session.decision], ['fail', 'review'])
    assert.ok(session.reasons?.includes('colours_declined'))
    assert.equal(shown.length, 0)
    assert.equal(read(session, 'challenge-response'), 1, 'everything else was asked and answered')
  }
})

test('a policy without colours asks nobody about them', async () => {
  const { outcome, session, shown } = await attempt({}, CAMERA_FACTS, STANDARD.name)
  assert.equal(outcome?.outcome, 'pass')
  assert.equal(shown.length, 0)
  assert.equal(read(session, 'colours-shown'), 'not-supported')
})

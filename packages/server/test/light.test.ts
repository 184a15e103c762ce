/** Coloured light: what faces, recordings and relit pictures make of the colours of the screen, as synthetic light. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assessed,
  type ChallengeStep,
  LIGHT_COLOURS,
  LIGHT_SRGB,
  type LightColour,
  type PlannedCue,
} from '@ipse/protocol'
import fc from 'fast-check'
import type {
  CaptureRecord,
  FrameObservation,
  LightObservation,
  StepMeasures,
} from '../src/domain/capture-record.ts'
import { showsColours, withoutColours } from '../src/domain/challenge-plan.ts'
import {
  COLOUR_MS,
  countColourOrders,
  colourLight as kind,
  LEAST_AGREEMENT,
  LEAST_COLOUR_MS,
  LEAST_SNR,
} from '../src/domain/challenges/colour-light.ts'
import { createDraw } from '../src/domain/challenges/draw.ts'
import { responseTo, type SeenLight, type ShownColour } from '../src/domain/challenges/light-response.ts'
import { decide } from '../src/domain/decide.ts'
import { POLICIES, resolvePolicy } from '../src/domain/policies/index.ts'
import { colourLight, colourRelief, coloursShown } from '../src/domain/signals/colour-light.ts'
import {
  afterCue,
  beginStep,
  dueCue,
  judgeFrame,
  measuresOf,
  type Verdict,
} from '../src/domain/step-judge.ts'
import { observed } from './observed.ts'

/** A small generator (mulberry32): the same numbers in every run. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

interface Scene {
  readonly seed?: number
  /** Light of the screen on the middle of the face as a share of the room's. */
  readonly screen?: number
  /** Of that, what falls on the cheekbones, and on the surround. */
  readonly sides?: number
  readonly surround?: number
  /** Deviation of a patch's mean from frame to frame, as a share. */
  readonly noise?: number
  readonly lagMs?: number
  /** Exposure over time. */
  readonly exposure?: (ms: number) => number
  /** Room's light, relative. */
  readonly room?: readonly [number, number, number]
  /** Colours that the picture really answers; those shown when absent. */
  readonly answered?: readonly LightColour[]
}

const SKIN = [0.45, 0.28, 0.2] as const
const FRAME_MS = 110

function drawn(seed: number): LightColour[] {
  const random = createRandom(seed)
  const draw = createDraw((length) => Uint8Array.from({ length }, () => Math.floor(256 * random())))
  const [planned] = kind.draw(POLICIES.standard!.challenge, draw, [])
  assert.ok(planned?.step.kind === 'colour-light')
  return [
    planned.step.colour,
    ...(planned.cues ?? []).flatMap((cue) => ('colour' in cue ? [cue.colour] : [])),
  ]
}

/** What the patches show when the screen has a colour, by linear light. */
function lit(
  colour: LightColour | undefined,
  scene: Scene,
  ms: number,
  random: () => number,
): LightObservation {
  const { screen = 0.1, sides = 0.6, surround = 0.1, noise = 0.003, room = [1, 1, 1] } = scene
  const exposure = scene.exposure?.(ms) ?? 1
  const light = colour === undefined ? [0, 0, 0] : LIGHT_SRGB[colour].map((value) => (value / 255) ** 2.2)
  const patch = (share: number, albedo: readonly number[] = SKIN) =>
    [0, 1, 2].map((part) => {
      const grain = 1 + noise * 3.46 * (random() - 0.5)
      return (
        (albedo[part] ?? 0) *
        exposure *
        grain *
        ((room[part] ?? 0) + share * screen * (light[part] ?? 0)) *
        0.6
      )
    }) as [number, number, number]
  return {
    forehead: patch(1),
    nose: patch(1),
    rightCheek: patch(0.9),
    leftCheek: patch(0.9),
    rightSide: patch(sides),
    leftSide: patch(sides),
    surround: patch(surround, [0.3, 0.32, 0.35]),
  }
}

function film(colours: readonly LightColour[], scene: Scene): { shown: ShownColour[]; seen: SeenLight[] } {
  const random = createRandom(scene.seed ?? 1)
  const { lagMs = 220, answered = colours } = scene
  const shown = colours.map((colour, i) => ({ atMs: 1000 + i * COLOUR_MS, colour }))
  const seen: SeenLight[] = []
  for (let atMs = 1000; atMs < 1000 + colours.length * COLOUR_MS + lagMs; atMs += FRAME_MS) {
    const index = Math.floor((atMs - 1000 - lagMs) / COLOUR_MS)
    const colour = index < 0 ? undefined : answered[Math.min(index, answered.length - 1)]
    seen.push({ atMs, light: lit(colour, scene, atMs - 1000, random) })
  }
  return { shown, seen }
}

function respond(colours: readonly LightColour[], scene: Scene) {
  const { shown, seen } = film(colours, scene)
  return responseTo(shown, seen)
}

const passes = (response: ReturnType<typeof respond>) =>
  response !== undefined && response.snr >= LEAST_SNR && response.agreement >= LEAST_AGREEMENT

test('a head takes on the colours: agreement, lag, a darker surround and its own shape are measured', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.integer({ min: 100, max: 480 }), (seed, lagMs) => {
      const response = respond(drawn(seed), { seed, lagMs })
      assert.ok(passes(response), JSON.stringify(response))
      assert.ok(Math.abs((response?.lagMs ?? 0) - lagMs) <= FRAME_MS + 20, `${response?.lagMs} for ${lagMs}`)
      assert.ok(Math.abs((response?.surroundShare ?? 1) - 0.1) < 0.1, String(response?.surroundShare))
      assert.ok((response?.shape ?? 0) > 0.2, String(response?.shape))
    }),
    { numRuns: 60, seed: 20261121 },
  )
})

test('exposure does not matter, nor a room of another colour or a slow change of the white balance', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.double({ min: 0.5, max: 1.5, noNaN: true }), (seed, swing) => {
      const exposure = (ms: number) => 1 + 0.4 * swing * Math.sin(ms / 300)
      const steady = respond(drawn(seed), { seed })
      const swinging = respond(drawn(seed), { seed, exposure })
      assert.ok(Math.abs((steady?.agreement ?? 0) - (swinging?.agreement ?? 9)) < 1e-9)
      assert.ok(passes(respond(drawn(seed), { seed, room: [1.15, 1, 0.85] })))
    }),
    { numRuns: 30, seed: 20261121 },
  )
})

test('a face that does not answer is not measured, however the noise falls', () => {
  let passed = 0
  for (let seed = 1; seed <= 400; seed++) if (passes(respond(drawn(seed), { seed, screen: 0 }))) passed++
  assert.equal(passed, 0)
})

test('the answer to another drawing passes less than once in thirty times', () => {
  let passed = 0
  for (let seed = 1; seed <= 400; seed++)
    if (passes(respond(drawn(seed), { seed, answered: drawn(seed + 10_000) }))) passed++
  assert.ok(passed <= 13, String(passed))
})

test('an answer later than is looked for is none', () => {
  let passed = 0
  for (let seed = 1; seed <= 100; seed++) if (passes(respond(drawn(seed), { seed, lagMs: 1_000 }))) passed++
  assert.ok(passed <= 5, String(passed))
})

test('a picture that is relit as a whole shows no relief and no shape', () => {
  const response = respond(drawn(7), { sides: 1, surround: 1 })
  assert.ok(passes(response), 'its colours agree')
  assert.ok(Math.abs((response?.surroundShare ?? 0) - 1) < 0.1)
  assert.ok(Math.abs(response?.shape ?? 1) < 0.15)
})

test('too few frames, too little of the face and greys alone are not measured', () => {
  const { shown, seen } = film(drawn(3), {})
  assert.equal(responseTo(shown, seen.slice(0, 11)), undefined)
  assert.equal(responseTo(shown, []), undefined)
  const covered = seen.map(({ atMs, light: { forehead } }) => ({ atMs, light: forehead ? { forehead } : {} }))
  assert.equal(responseTo(shown, covered), undefined)
  const greys = shown.map(({ atMs }, i): ShownColour => ({ atMs, colour: i % 2 ? 'white' : 'dark' }))
  assert.equal(responseTo(greys, seen), undefined)
  const wordless = seen.map(({ atMs, light: { surround: _, ...light } }) => ({ atMs, light }))
  assert.equal(responseTo(shown, wordless)?.surroundShare, undefined)
})

test('every colour is drawn twice, none twice in a row, and none is a saturated red', () => {
  const sequences = new Set<string>()
  for (let seed = 1; seed <= 300; seed++) {
    const colours = drawn(seed)
    assert.deepEqual(colours.toSorted(), [...LIGHT_COLOURS, ...LIGHT_COLOURS].sort())
    assert.ok(colours.every((colour, i) => colour !== colours[i - 1]))
    sequences.add(colours.join())
  }
  assert.ok(sequences.size > 280, String(sequences.size))
  assert.equal(countColourOrders(), 120 * 96)
  // WCAG 2.3.1: R / (R + G + B) of at least 0.8.
  for (const [red, green, blue] of Object.values(LIGHT_SRGB)) assert.ok(red / (red + green + blue) < 0.8)
})

const STEP: ChallengeStep = { kind: 'colour-light', colour: 'white' }

function frameOf(light: LightObservation | undefined, arrivedMs: number): FrameObservation {
  return observed(arrivedMs, { step: 1, ...(light === undefined ? {} : { light }) })
}

/** Plays the step: frames show the colour that was revealed `lagMs` before, as the scene has it. */
function playStep(scene: Scene, seed = 5, arrivals?: readonly number[]) {
  const colours = drawn(seed)
  const cues = colours.slice(1).map((colour, i): PlannedCue => ({ afterMs: (i + 1) * COLOUR_MS, colour }))
  const step = { ...STEP, colour: colours[0] ?? 'white' }
  const random = createRandom(seed)
  let state = beginStep({ step, limitMs: 12_000, cues }, 0, { yawDeg: 18, pitchDeg: 12 })
  let verdict: Verdict = 'pending'
  let hint = ''
  const changes: { readonly atMs: number; readonly colour: LightColour }[] = [
    { atMs: 0, colour: step.colour },
  ]
  const times = arrivals ?? Array.from({ length: 110 }, (_, i) => (i + 1) * FRAME_MS)
  for (const arrivedMs of times) {
    const colour = changes.findLast(({ atMs }) => atMs + (scene.lagMs ?? 220) <= arrivedMs)?.colour
    const frame = frameOf(lit(colour, scene, arrivedMs, random), arrivedMs)
    ;({ state, verdict, hint } = judgeFrame(state, frame))
    if (verdict !== 'pending') break
    const cue = dueCue(state, arrivedMs)
    if (!cue) continue
    state = afterCue(state, cue, arrivedMs)
    if ('colour' in cue) changes.push({ atMs: arrivedMs, colour: cue.colour })
  }
  return { verdict, hint, changes, measures: measuresOf(state) }
}

test('the step is answered by a lit face; a face without an answer is told to turn the screen brighter', () => {
  const answered = playStep({})
  assert.deepEqual([answered.verdict, answered.hint], ['answered', 'well-done'])
  assert.equal(answered.changes.length, 2 * LIGHT_COLOURS.length)
  assert.ok((answered.measures.light?.agreement ?? 0) >= LEAST_AGREEMENT)
  const dark = playStep({ screen: 0 })
  assert.deepEqual([dark.verdict, dark.hint], ['not-answered', 'brighter-screen'])
})

test('colours never change faster than three times a second, however frames arrive', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 20, maxLength: 200 })
  fc.assert(
    fc.property(gaps, (waits) => {
      let ms = 0
      const arrivals = waits.map((wait) => {
        ms += wait
        return ms
      })
      const { changes } = playStep({}, 5, arrivals)
      for (const [i, { atMs }] of changes.entries())
        assert.ok(i === 0 || atMs - (changes[i - 1]?.atMs ?? 0) >= LEAST_COLOUR_MS)
    }),
  )
  assert.ok(1000 / LEAST_COLOUR_MS < 3)
})

const RESPONSE = { snr: 3, agreement: 0.97, lagMs: 200, surroundShare: 0.1, shape: 0.4 }

function recordOf(light: StepMeasures['light'] | 'unasked', facts?: CaptureRecord['facts']): CaptureRecord {
  const steps =
    light === 'unasked' ? [] : [{ step: STEP, outcome: 'answered', measures: light ? { light } : {} }]
  return { frames: [], turns: [], facts, steps } as unknown as CaptureRecord
}

test('signals: what was measured is assessed, what was too weak or not seen is not', () => {
  const read = (signal: typeof colourLight, record: CaptureRecord) => {
    const { measurement } = signal(record)
    return measurement.status === 'assessed' ? measurement.native : measurement.reason
  }
  assert.equal(read(colourLight, recordOf(RESPONSE)), 0.97)
  assert.equal(read(colourRelief, recordOf(RESPONSE)), 0.9)
  assert.equal(read(colourLight, recordOf({ ...RESPONSE, snr: 1.4 })), 'light-too-weak')
  assert.equal(read(colourLight, recordOf(undefined)), 'too-few-frames')
  assert.equal(read(colourLight, recordOf('unasked')), 'not-supported')
  const { surroundShare: _, ...noSurround } = RESPONSE
  assert.ok(Math.abs(Number(read(colourRelief, recordOf(noSurround))) - 0.33) < 0.01, 'cheekbones are enough')
  const { shape: _shape, ...neither } = noSurround
  assert.equal(read(colourRelief, recordOf(neither)), 'too-few-points')
  assert.equal(read(coloursShown, recordOf(RESPONSE)), 1)
  assert.equal(read(coloursShown, recordOf('unasked', { colours: 'declined' })), 0)
  assert.equal(read(coloursShown, recordOf('unasked', { colours: 'agreed' })), 'not-answered')
  assert.equal(read(coloursShown, recordOf('unasked')), 'not-supported')
})

test('whoever declines the colours is never accepted and never rejected for it: a person looks', () => {
  const plain = { ...POLICIES.standard!, rules: [] }
  const policy = resolvePolicy({ ...plain, challenge: { ...plain.challenge, colourLight: true } }, [])
  const answered = { name: 'challenge-response' as const, measurement: assessed(1, 1), samples: 5 }
  const decisionOn = (record: CaptureRecord) => {
    const signals = [coloursShown(record), colourLight(record), colourRelief(record)]
    const asking = {
      ...policy,
      rules: [
        ...policy.rules.filter(({ signal }) => signals.some(({ name }) => name === signal)),
        {
          signal: 'challenge-response' as const,
          atLeast: 1,
          otherwise: 'retry' as const,
          reason: 'challenge_not_answered' as const,
          missing: 'retry' as const,
        },
      ],
    }
    return decide(asking, [...signals, answered], 'liveness')
  }
  assert.equal(decisionOn(recordOf(RESPONSE)).decision, 'accept')
  const declined = decisionOn(recordOf('unasked', { colours: 'declined' }))
  assert.equal(declined.decision, 'review')
  assert.ok(declined.reasons.includes('colours_declined'))
  assert.equal(decisionOn(recordOf({ ...RESPONSE, snr: 0.5 })).decision, 'retry')
  assert.equal(decisionOn(recordOf({ ...RESPONSE, surroundShare: 1, shape: 0 })).decision, 'review')
  assert.equal(decisionOn(recordOf({ ...RESPONSE, agreement: 0.2 })).decision, 'retry')
})

test('a plan without its colours is otherwise the same', () => {
  const hold = { step: { kind: 'hold' as const }, limitMs: 1 }
  const plan = { version: 'challenge/2' as const, steps: [hold, { step: STEP, limitMs: 1 }] }
  assert.equal(showsColours(plan), true)
  assert.deepEqual(withoutColours(plan), { ...plan, steps: [hold] })
  assert.equal(showsColours(withoutColours(plan)), false)
})

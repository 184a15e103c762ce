/** Which frames of a path are looked at: nobody can tell in advance, and the promises of docs/evaluation.md are kept. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { ClipFrame, Template } from '@ipse/engine'
import { createAttention } from '../src/capture/attention.ts'
import { POLICIES, resolvePolicy } from '../src/domain/policies/index.ts'
import { beginStep, type Judgement, type StepState } from '../src/domain/step-judge.ts'
import { createScriptedEngine, scriptedImage } from './scripted-engine.ts'

const engine = createScriptedEngine()
const POLICY = resolvePolicy(POLICIES.standard!, engine.operatingPoints)
const PATHS = 600
/** Frames of a path: six seconds at eight a second. */
const FRAMES = 48

/** The same bytes every time: a test must not depend on luck. */
function drawnFrom(seed: number) {
  let [count, pool] = [0, Buffer.alloc(0)]
  return (length: number): Uint8Array => {
    while (pool.length < length)
      pool = Buffer.concat([pool, createHash('sha256').update(`${seed} ${count++}`).digest()])
    const bytes = pool.subarray(0, length)
    pool = pool.subarray(length)
    return bytes
  }
}

const picture = (faces = 1) => engine.measure(scriptedImage({ faces }), { template: true })
const { template, ...seen } = await picture()
const probe = template as Template
const step = { kind: 'follow', at: { x: 0, y: 0 } } as const
const state = beginStep({ step, limitMs: 10_000 }, 0, { yawDeg: 18, pitchDeg: 12 })
const judgement: Judgement = { state, verdict: 'pending', hint: 'follow-dot', progress: 0, good: true }

interface Look {
  readonly frame: number
  readonly searched: boolean
  readonly compared: boolean
}

/** One path: the frames that were measured, and how. */
function follow(seed: number, crowd?: ClipFrame): Look[] {
  const attention = createAttention(drawnFrom(seed), POLICY, 'liveness')
  attention.beginStep(0)
  if (crowd) attention.count(crowd)
  const looks: Look[] = []
  for (let frame = 0; frame < FRAMES; frame++) {
    if (attention.letsGo()) continue
    const { compareWith, search, template: whole } = attention.optionsFor(state, frame, probe)
    assert.equal(whole, false, 'templates are taken of the hold only')
    const compared = compareWith === probe
    const kept = attention.saw(
      state,
      { ...seen, ...(compared ? { likeness: { score: 1 } } : {}) } as ClipFrame,
      judgement,
    )
    assert.equal(kept, compared)
    looks.push({ frame, searched: search === true, compared })
  }
  return looks
}

const paths = Array.from({ length: PATHS }, (_, seed) => follow(seed))

test('every path is compared twice and more, at places that cannot be told in advance', () => {
  const firsts = new Map<number, number>()
  for (const looks of paths) {
    const compared = looks.filter((look) => look.compared).map(({ frame }) => frame)
    assert.ok(compared.length >= 2, `compared ${compared}`)
    const [first = 0] = compared
    firsts.set(first, (firsts.get(first) ?? 0) + 1)
    // Eight frames of rest, twelve to be drawn in, and perhaps one that is let go.
    const gaps = compared.map((frame, i) => frame - (compared[i - 1] ?? 0))
    assert.ok(Math.max(...gaps) <= 21, `gaps ${gaps}`)
  }
  assert.ok(Math.max(...firsts.values()) < PATHS / 4, 'no place is likely')
  assert.ok(firsts.size > 10, `${firsts.size} places`)
})

test('a second face is missed no more often than five sixths a measured frame, wherever it begins', () => {
  for (const begin of [0, 4, 9, 20])
    for (const length of [1, 5, 10]) {
      const missed = paths.filter((looks) =>
        looks.slice(begin, begin + length).every(({ searched }) => !searched),
      ).length
      const expected = PATHS * (5 / 6) ** length
      assert.ok(missed < expected + 3 * Math.sqrt(expected), `${missed} from ${begin}, ${length} frames`)
    }
})

test('once two faces were seen every frame is measured and searched, and comparisons go on', async () => {
  const looks = follow(7, await picture(2))
  assert.equal(looks.length, FRAMES)
  assert.ok(looks.every(({ searched }) => searched))
  const compared = looks.filter((look) => look.compared).map(({ frame }) => frame)
  assert.ok(new Set(compared.map((frame, i) => frame - (compared[i - 1] ?? 0))).size > 1, `${compared}`)
})

test('who is only seen to be alive leaves three templates of the hold, who is compared five', () => {
  const count = (purpose: 'liveness' | 'verification' | 'enrolment') => {
    const attention = createAttention(drawnFrom(1), POLICY, purpose)
    let hold: StepState = beginStep({ step: { kind: 'hold' }, limitMs: 10_000, frames: 12 }, 0, state.targets)
    let [templates, textures] = [0, 0]
    for (let frame = 0; frame < 12; frame++) {
      const options = attention.optionsFor(hold, frame, undefined)
      if (options.texture) textures++
      const shown = { ...seen, ...(options.template ? { template: probe } : {}) }
      if (attention.saw(hold, shown, { ...judgement, state: hold })) templates++
      hold = {
        ...hold,
        held: [...hold.held, { ...seen.mesh!.pose, mouthOpenness: 0, eyeOpenness: 0.26, widthShare: 0.35 }],
      }
    }
    return [templates, textures]
  }
  assert.deepEqual(
    [count('liveness'), count('verification'), count('enrolment')],
    [
      [3, 6],
      [5, 6],
      [5, 6],
    ],
  )
})

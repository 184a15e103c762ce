/** What is drawn for a capture, and how much of it nobody can foresee. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { ChallengePolicy, Policy } from '@ipse/protocol'
import fc from 'fast-check'
import { visibleEntropyBits } from '../src/domain/challenge-entropy.ts'
import { askedDirections, drawFurther, drawPlan, isYaw, partsOf } from '../src/domain/challenge-plan.ts'
import { type Bytes, createDraw } from '../src/domain/challenges/draw.ts'
import { countPaths, drawPlaces, VISITS } from '../src/domain/challenges/follow-path.ts'
import { POLICIES } from '../src/domain/policies/index.ts'

const csprng: Bytes = (length) => new Uint8Array(randomBytes(length))
const policies = Object.values(POLICIES)

/** Bytes from a seed: only their evenness matters here. */
function seeded(seed: number): Bytes {
  let state = seed >>> 0
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state >>> 24
    })
}

const anyPolicy = fc.constantFrom(...policies)
const anySeed = fc.integer({ min: 0, max: 0xffffffff })

test('every plan begins with the hold and has every part that the policy asks for, whatever is drawn', () => {
  fc.assert(
    fc.property(anyPolicy, anySeed, ({ challenge }, seed) => {
      const kinds = drawPlan(challenge, seeded(seed)).steps.map(({ step }) => step.kind)
      assert.equal(kinds[0], 'hold')
      assert.deepEqual(
        kinds
          .slice(1)
          .filter((kind) => kind !== 'center')
          .toSorted(),
        partsOf(challenge).toSorted(),
      )
      // Every turn has its way back.
      for (const [i, kind] of kinds.entries())
        if (kind === 'head-pose' || kind === 'gaze-hold') assert.equal(kinds[i + 1], 'center')
    }),
  )
})

test('a hold takes the frames of the policy and a few more, so that nobody knows when the next step comes', () => {
  const { challenge } = POLICIES.standard as Policy
  const lengths = new Set(
    Array.from({ length: 200 }, () => drawPlan(challenge, csprng).steps[0]?.frames ?? 0),
  )
  const { holdFrames, holdSpread } = challenge
  assert.deepEqual(
    [...lengths].toSorted((a, b) => a - b),
    Array.from({ length: holdSpread + 1 }, (_, i) => holdFrames + i),
  )
})

test('no direction comes twice in a row, the first is to a side, and all orders are as likely', () => {
  const { challenge } = POLICIES.standard as Policy
  const three: ChallengePolicy = { ...challenge, headPoseSteps: 3, follows: 0, expressions: [] }
  const bytes = seeded(1)
  const counts = new Map<string, number>()
  const draws = 18 * 200
  for (let i = 0; i < draws; i++) {
    const order = askedDirections(drawPlan(three, bytes))
    assert.ok(order[0] && isYaw(order[0]))
    assert.ok(order.every((direction, at) => at === 0 || direction !== order[at - 1]))
    counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1)
  }
  assert.equal(counts.size, 18)
  // 200 expected each; six standard deviations are 85.
  for (const [order, count] of counts) assert.ok(Math.abs(count - 200) < 85, `${order}: ${count}`)
})

test('standard, high and demo have at least twenty bits that an onlooker can see; the others say less by their assurance', () => {
  for (const { name, challenge, assurance } of policies) {
    const bits = visibleEntropyBits(challenge)
    if (assurance === undefined) assert.ok(bits >= 20, `${name}: ${bits}`)
    else assert.ok(bits < 20, `${name}: ${bits}`)
  }
})

test('the bits are those of a count of all challenges, where there are few enough to draw them all', () => {
  const { challenge } = POLICIES.accessible as Policy
  const seen = new Set(
    Array.from({ length: 5_000 }, () =>
      JSON.stringify(drawPlan(challenge, csprng).steps.map(({ step }) => step)),
    ),
  )
  assert.equal(Math.log2(seen.size).toFixed(6), visibleEntropyBits(challenge).toFixed(6))
})

test('paths visit both sides and both heights, never a place twice in a row, and are as many as counted', () => {
  const draw = createDraw(csprng)
  const paths = Array.from({ length: 500 }, () => drawPlaces(draw))
  for (const places of paths) {
    assert.equal(places.length, VISITS)
    assert.ok(places.every((place, i) => place !== places[i - 1]))
    for (const axis of ['x', 'y'] as const)
      for (const side of [-1, 1]) assert.ok(places.some((place) => place[axis] === side))
  }
  // Of 8 · 7⁶ sequences some miss a side: the share that is drawn again is the one that was counted out.
  const all = 8 * 7 ** (VISITS - 1)
  assert.ok(countPaths() < all && countPaths() > 0.8 * all, String(countPaths()))
})

test('cues come in order, three to five a second, and lead back to the middle', () => {
  for (let i = 0; i < 50; i++) {
    const { steps } = drawPlan((POLICIES.standard as Policy).challenge, csprng)
    const cues = steps.flatMap((planned) => planned.cues ?? [])
    for (const [at, { afterMs }] of cues.entries()) {
      const gap = afterMs - (cues[at - 1]?.afterMs ?? 0)
      assert.ok(gap > 100 && gap <= 430, String(gap))
    }
    const seconds = (cues.at(-1)?.afterMs ?? 0) / 1000
    assert.ok(cues.length / seconds >= 3 && cues.length / seconds <= 5, String(cues.length / seconds))
    assert.deepEqual({ ...cues.at(-1), afterMs: 0 }, { at: { x: 0, y: 0 }, afterMs: 0 })
  }
})

test('what suspicion adds is a turn to a side', () => {
  fc.assert(
    fc.property(anySeed, (seed) => {
      const { challenge } = POLICIES.standard as Policy
      const { steps } = drawPlan(challenge, seeded(seed))
      const [further] = drawFurther(challenge, steps, seeded(seed + 1))
      assert.ok(further?.step.kind === 'head-pose')
      assert.ok(isYaw(further.step.direction))
    }),
  )
})

test('shipped policies ask for no coloured light, no approach and no blink', () => {
  for (const { challenge } of policies) {
    assert.equal(challenge.colourLight, false)
    assert.equal(challenge.distance, false)
    assert.ok(!challenge.expressions.includes('blink'))
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Direction } from '@ipse/protocol'
import fc from 'fast-check'
import { type ActorOptions, type ActorStep, createActor } from '../src/actor.ts'
import { poseSigns } from '../src/directions.ts'
import { travelled, turnDuration } from '../src/motion.ts'
import { createRandom } from '../src/random.ts'

const still = { idle: 0, handHeld: 0, lightDrift: 0, blinks: false } satisfies Partial<ActorOptions>
const seed = fc.integer({ min: 0, max: 0xffffffff })
const direction = fc.constantFrom<Direction>('left', 'right', 'up', 'down')

test('nothing moves before 250 ms have passed and the target is reached within 450 + 870 ms', () => {
  fc.assert(
    fc.property(seed, direction, fc.integer({ min: 10, max: 20 }), (seed, direction, targetDeg) => {
      const actor = createActor({ seed, ...still })
      actor.prompt({ kind: 'head-pose', direction, targetDeg }, 1000)
      const signs = poseSigns(direction)
      const along = (tMs: number) => {
        const state = actor.stateAt(tMs)
        return signs.yaw * state.yawDeg + signs.pitch * state.pitchDeg
      }
      assert.equal(along(1249), 0)
      assert.ok(along(1000 + 450 + 870) >= targetDeg, 'not there yet')
      assert.equal(along(1000 + 450 + 870), along(9000), 'does not hold')
    }),
  )
})

test('a turn goes one way only and never faster than people', () => {
  fc.assert(
    fc.property(seed, fc.constantFrom<Direction>('left', 'right'), (seed, direction) => {
      const actor = createActor({ seed, ...still })
      actor.prompt({ kind: 'head-pose', direction, targetDeg: 25 }, 0)
      let last = 0
      for (let t = 10; t < 2000; t += 10) {
        const angle = Math.abs(actor.stateAt(t).yawDeg)
        assert.ok(angle >= last - 1e-9, 'turned back')
        assert.ok((angle - last) / 0.01 < 170, `${(angle - last) / 0.01} degrees per second`)
        last = angle
      }
    }),
  )
})

test('two prompts that overlap join without a jump', () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 100, max: 900 }), (seed, gap) => {
      const actor = createActor({ seed, ...still })
      actor.prompt({ kind: 'head-pose', direction: 'left', targetDeg: 20 }, 0)
      actor.prompt({ kind: 'head-pose', direction: 'right', targetDeg: 20 }, gap)
      let last = actor.stateAt(0).yawDeg
      for (let t = 5; t < 3000; t += 5) {
        const angle = actor.stateAt(t).yawDeg
        assert.ok(Math.abs(angle - last) < 1.8, `jumped ${angle - last} degrees in 5 ms`)
        last = angle
      }
      assert.ok(last < -20)
    }),
  )
})

test('speed is bell-shaped: peak 1.35 to 2.2 times the mean, a little before the middle', () => {
  let [peak, at] = [0, 0]
  for (let i = 0; i < 1000; i++) {
    const speed = (travelled((i + 1) / 1000) - travelled(i / 1000)) * 1000
    if (speed > peak) [peak, at] = [speed, i / 1000]
  }
  assert.ok(peak > 1.35 && peak < 2.2, `peak ${peak}`)
  assert.ok(at > 0.38 && at < 0.5, `at ${at}`)
})

test('very wide turns take longer than narrow ones may', () => {
  const random = createRandom(1)
  assert.ok(turnDuration(random, [420, 870], 60) >= 700)
  for (let i = 0; i < 100; i++) {
    const duration = turnDuration(random, [420, 870], 20)
    assert.ok(duration >= 420 && duration <= 870)
  }
})

test('the same seed and prompts give the same states, another seed gives others', () => {
  const play = (seed: number) => {
    const actor = createActor({ seed })
    const steps: ActorStep[] = [
      { kind: 'hold' },
      { kind: 'head-pose', direction: 'left', targetDeg: 18 },
      { kind: 'mouth-open' },
      { kind: 'approach', near: 1.3 },
      { kind: 'center' },
    ]
    for (const [i, step] of steps.entries()) actor.prompt(step, i * 1500)
    return Array.from({ length: 100 }, (_, i) => actor.stateAt(i * 100))
  }
  fc.assert(
    fc.property(seed, (seed) => {
      assert.deepEqual(play(seed), play(seed))
      assert.notDeepEqual(play(seed), play((seed + 1) >>> 0))
    }),
    { numRuns: 20 },
  )
})

test('the order in which times are asked for does not matter', () => {
  const times = Array.from({ length: 60 }, (_, i) => i * 137)
  const forward = createActor({ seed: 5 })
  const backward = createActor({ seed: 5 })
  const states = times.map((t) => forward.stateAt(t))
  assert.deepEqual(
    times
      .toReversed()
      .map((t) => backward.stateAt(t))
      .toReversed(),
    states,
  )
})

test('mouth and distance answer their prompts and return', () => {
  const actor = createActor({ seed: 3, ...still })
  actor.prompt({ kind: 'mouth-open' }, 0)
  assert.ok(actor.stateAt(2000).mouth > 0.5)
  actor.prompt({ kind: 'approach', near: 1.4 }, 2000)
  assert.equal(actor.stateAt(6000).mouth, 0)
  assert.ok(Math.abs(actor.stateAt(6000).near - 1.4) < 1e-9)
})

test('idle motion stays small and never stands still', () => {
  fc.assert(
    fc.property(seed, (seed) => {
      const actor = createActor({ seed })
      for (let t = 0; t < 20000; t += 66) {
        const [a, b] = [actor.stateAt(t), actor.stateAt(t + 66)]
        assert.ok(Math.abs(a.yawDeg) < 3 && Math.abs(a.pitchDeg) < 3 && Math.abs(a.rollDeg) < 3)
        assert.ok(Math.abs(a.shift.x) < 0.02 && Math.abs(a.shift.y) < 0.02)
        assert.notDeepEqual(a, b)
      }
    }),
    { numRuns: 20 },
  )
})

test('people blink several times in half a minute, for a quarter of a second at most', () => {
  fc.assert(
    fc.property(seed, (seed) => {
      const actor = createActor({ seed })
      let [blinks, closedMs, open] = [0, 0, true]
      for (let t = 0; t < 30000; t += 10) {
        const closed = actor.stateAt(t).blink > 0.5
        if (closed && open) blinks++
        if (closed) closedMs += 10
        open = !closed
      }
      assert.ok(blinks >= 4 && blinks <= 16, `${blinks} blinks`)
      assert.ok(closedMs / blinks < 260)
    }),
    { numRuns: 30 },
  )
})

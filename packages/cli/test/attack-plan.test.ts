import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ATTACK_METHODS, INSTRUMENTS } from '@ipse/lab'
import { type PlanOptions, planBonaFide, planCells } from '../src/attack/plan.ts'

const OPTIONS: PlanOptions = {
  presentations: 12,
  browserPresentations: 2,
  bonaFide: 9,
  people: 4,
  seed: 1,
}

test('the matrix has at least five methods, fifteen instruments, and every instrument over the protocol', () => {
  const cells = planCells(OPTIONS)
  assert.ok(new Set(cells.map(({ method }) => method.name)).size >= 5)
  assert.ok(new Set(cells.map(({ instrument }) => instrument)).size >= 15)
  const direct = cells.filter(({ method }) => method.name === 'direct-client')
  assert.deepEqual(
    direct.map(({ instrument }) => instrument),
    INSTRUMENTS.map(({ name }) => name),
  )
})

test('a cell has as many jobs as were asked for; variants and people take turns, nobody attacks as himself', () => {
  for (const { method, jobs, variants, instrument } of planCells(OPTIONS)) {
    assert.equal(jobs.length, method.needs === 'browser' ? 2 : 12)
    for (const { victim, attacker } of jobs) {
      assert.ok(victim >= 0 && victim < 4 && attacker >= 0 && attacker < 4)
      assert.notEqual(victim, attacker)
    }
    if (method.needs === 'none')
      assert.deepEqual(new Set(jobs.map(({ variant }) => variant)), new Set(variants), instrument)
    assert.equal(new Set(jobs.map(({ seed }) => seed)).size, jobs.length)
  }
  const direct = planCells({ ...OPTIONS, presentations: 60 })[0]!
  assert.equal(new Set(direct.jobs.map(({ victim }) => victim)).size, 4)
  assert.deepEqual(
    planBonaFide(OPTIONS).map(({ victim }) => victim),
    [0, 1, 2, 3, 0, 1, 2, 3, 0],
  )
})

test('the same seed plans the same jobs, another seed others', () => {
  assert.deepEqual(planCells(OPTIONS), planCells(OPTIONS))
  assert.notDeepEqual(planCells(OPTIONS), planCells({ ...OPTIONS, seed: 2 }))
})

test('names narrow the matrix; unknown names and an empty matrix are refused', () => {
  const only = planCells({ ...OPTIONS, methods: ['mitm-edit'], instruments: ['edited-step', 'photo-swap'] })
  assert.deepEqual(
    only.map(({ instrument }) => instrument),
    ['edited-step'],
  )
  for (const wrong of [
    { methods: ['telepathy'] },
    { instruments: ['hologram'] },
    { methods: ['resubmission'], instruments: ['photo-swap'] },
  ])
    assert.throws(() => planCells({ ...OPTIONS, ...wrong }), { code: 'invalid_request' })
})

test('whatever tampers with a capture must be stopped', () => {
  const tamperings = ATTACK_METHODS.flatMap(({ tamperings }) => tamperings.map(({ name }) => name))
  assert.ok(tamperings.length >= 10)
  for (const { instrument, expected } of planCells(OPTIONS))
    if (tamperings.includes(instrument)) assert.equal(expected, 'stopped', instrument)
})

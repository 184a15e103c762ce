import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clopperPearson } from '@ipse/server/intervals'
import fc from 'fast-check'
import { attackPage } from '../src/attack/html-report.ts'
import { planCells } from '../src/attack/plan.ts'
import type { Presentation } from '../src/attack/presentation.ts'
import { type AttackReport, bonaFideOf, rateOf, reportOf, rowOf } from '../src/attack/results.ts'
import { textReport } from '../src/attack/text-report.ts'

const cells = planCells({
  presentations: 10,
  browserPresentations: 1,
  bonaFide: 4,
  people: 3,
  seed: 1,
  methods: ['direct-client', 'mitm-edit'],
})
const REST = {
  cpuSecondsPerSession: 0.5,
  clientCpuSecondsPerSession: 0.4,
  estimatedSeconds: 55,
  wallSeconds: 60,
  end: 'complete' as const,
  leftOut: [{ method: 'canvas-hook', why: 'no <Chromium> & "nothing"' }],
  setting: {
    policy: 'standard',
    seed: 1,
    parallel: 4,
    attempts: 1,
    people: ['a', 'b'],
    calibratedWith: [],
    date: '2026-11-21T07:00:00Z',
  },
}

function outcome(
  job: Presentation['job'],
  accepted: boolean,
  more: Partial<Presentation> = {},
): Presentation {
  const reasons = accepted ? [] : ['challenge_not_answered']
  return {
    job,
    accepted,
    responded: true,
    reasons,
    evidence: { match: 0.4 },
    against: accepted ? [] : ['challenge-response'],
    insufficient: [],
    asked: ['hold', 'head-pose'],
    frames: 80,
    seconds: 9,
    ...more,
  }
}

function report(accepts: (instrument: string) => boolean): AttackReport {
  const all = cells.flatMap(({ jobs, instrument }) => jobs.map((job) => outcome(job, accepts(instrument))))
  const honest = cells[0]!.jobs.map((job, i) => outcome(job, i > 0))
  return reportOf(
    cells.map((cell) => rowOf(cell, all)),
    bonaFideOf(honest, honest.length, ['a', 'b', 'c']),
    REST,
  )
}

test('rates carry Clopper-Pearson intervals, and presentations without an answer do not count', () => {
  const [cell] = cells
  fc.assert(
    fc.property(fc.array(fc.record({ accepted: fc.boolean(), responded: fc.boolean() })), (ends) => {
      const all = ends.map((end) => outcome(cell!.jobs[0]!, end.accepted, { responded: end.responded }))
      const { presentations, accepted, lower95, upper95 } = rateOf(all)
      const judged = ends.filter(({ responded }) => responded)
      assert.equal(presentations, judged.length)
      assert.equal(accepted, judged.filter((end) => end.accepted).length)
      assert.deepEqual({ lower: lower95, upper: upper95 }, clopperPearson(accepted, presentations))
    }),
  )
  const none = rateOf(Array.from({ length: 150 }, () => outcome(cell!.jobs[0]!, false)))
  assert.ok(none.upper95 > 0.024 && none.upper95 < 0.0244)
})

test('a known gap may be the worst; only what must be stopped is unexpected', () => {
  const gaps = report((instrument) => instrument === 'face-swap')
  assert.deepEqual([gaps.worst?.instrument, gaps.worst?.expected], ['face-swap', 'residual'])
  assert.equal(gaps.worstUnexpected?.rate, 0)
  assert.deepEqual(gaps.unexpected, [])
  const broken = report((instrument) => instrument === 'edited-step')
  assert.deepEqual(broken.unexpected, ['mitm-edit/edited-step'])
  assert.equal(broken.worst?.instrument, 'edited-step')
})

test('rows tell reasons, evidence and variants; the members that scripts read are there', () => {
  const { matrix, bonaFide, worst, cpuSecondsPerSession } = report(() => false)
  const row = matrix.find(({ instrument }) => instrument === 'screen-replay')!
  assert.deepEqual(row.reasons, { challenge_not_answered: 10 })
  assert.deepEqual(row.signals, {
    'challenge-response': { failed: 1, insufficient: 0, assessed: 0, lower: null, median: null, upper: null },
    match: { failed: 0, insufficient: 0, assessed: 10, lower: 0.4, median: 0.4, upper: 0.4 },
  })
  assert.deepEqual(
    row.variants.map(({ name }) => name),
    ['tablet', 'phone', 'monitor'],
  )
  assert.equal(
    row.variants.reduce((sum, { presentations }) => sum + presentations, 0),
    10,
  )
  assert.deepEqual([bonaFide.sessions, bonaFide.accepted], [10, 9])
  assert.equal(typeof cpuSecondsPerSession, 'number')
  for (const member of ['method', 'instrument', 'presentations', 'accepted', 'upper95'] as const)
    assert.ok(member in row && worst)
})

test('the page needs nothing from anywhere else, runs nothing and escapes what it is given', () => {
  const page = attackPage(report((instrument) => instrument === 'photo-swap'))
  assert.doesNotMatch(page, /<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|https?:/i)
  assert.doesNotMatch(page, /NaN|undefined|Infinity/)
  assert.ok(page.includes('no &lt;Chromium&gt; &amp; &quot;nothing&quot;'))
  for (const { instrument } of cells) assert.ok(page.includes(`>${instrument}<`), instrument)
  assert.equal(page.match(/<svg/g)?.length, 3)
})

test('text and page say the worst first, and that nobody was accepted when nobody was', () => {
  const honest = cells[0]!.jobs.map((job) => outcome(job, false))
  const nobody: AttackReport = {
    ...report(() => false),
    bonaFide: bonaFideOf(honest, honest.length, ['a', 'b', 'c']),
  }
  for (const text of [textReport(nobody), attackPage(nobody)]) {
    assert.match(text, /Worst instrument/)
    assert.match(text, /Nobody was accepted at all/)
  }
})

import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { boundRun, estimateSeconds } from '../src/attack/bounds.ts'
import { planBonaFide } from '../src/attack/plan.ts'
import type { Job, Presentation } from '../src/attack/presentation.ts'
import { queueOf, sideBySide } from '../src/attack/side-by-side.ts'

const jobs = (count: number): Job[] =>
  planBonaFide({ presentations: 1, browserPresentations: 1, bonaFide: count, people: 2, seed: 1 })
const presentationOf = (job: Job): Presentation => ({
  job,
  accepted: false,
  responded: true,
  reasons: [],
  evidence: {},
  against: [],
  insufficient: [],
  asked: [],
  frames: 1,
  seconds: 1,
})

test('an estimate is the time of the lanes, or of the cores where they take longer', () => {
  const pace = { secondsPerSession: 12, asked: [] }
  assert.equal(estimateSeconds(jobs(100), { ...pace, cpuPerSession: null }, 10), 120)
  assert.equal(estimateSeconds(jobs(100), { ...pace, cpuPerSession: 0.001 }, 10), 120)
  const cores = availableParallelism()
  assert.equal(estimateSeconds(jobs(100), { ...pace, cpuPerSession: 4 * cores }, 100), 400)
  const short = jobs(100).map((job) => ({ ...job, instrument: 'edited-record' }))
  assert.ok(estimateSeconds(short, { ...pace, cpuPerSession: null }, 10) < 20)
})

test('lanes share a queue: every job is done once; after the stop none begins, those that began are kept', async () => {
  const stop = new AbortController()
  const all = jobs(30)
  const done: Presentation[] = []
  const queue = queueOf(all, stop.signal)
  const perform = async (job: Job) => {
    if (job === all[11]) stop.abort()
    await Promise.resolve()
    return presentationOf(job)
  }
  await Promise.all([1, 3].map((lanes) => sideBySide(queue, lanes, perform, (one) => done.push(one))))
  assert.deepEqual(
    done.map(({ job }) => all.indexOf(job)).toSorted((a, b) => a - b),
    Array.from({ length: 12 }, (_, i) => i),
  )
})

test('an interrupt ends a run and leaves nothing behind', () => {
  const listeners = process.listenerCount('SIGINT')
  {
    using bounds = boundRun(60)
    assert.deepEqual([bounds.stop.aborted, bounds.end()], [false, 'complete'])
    process.emit('SIGINT')
    process.emit('SIGINT')
    assert.deepEqual([bounds.stop.aborted, bounds.end()], [true, 'interrupted'])
  }
  assert.equal(process.listenerCount('SIGINT'), listeners)
})

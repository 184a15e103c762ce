/** The figures of a soak on data whose figures are known. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { percentilesOf, type Sample, slopeOf, soakPlot } from './soak-figures.ts'

const MB = 1024 * 1024

/** One sample a minute for an hour; `rss` in MB by the minute. */
const hour = (rss: (minute: number) => number): Sample[] =>
  Array.from({ length: 61 }, (_, minute) => {
    return { atS: minute * 60, rss: rss(minute) * MB, heapUsed: 50 * MB, external: 5 * MB, cpuS: minute }
  })

test('a straight line has its slope and no width; what only shakes has none, within its interval', () => {
  const line = slopeOf(
    hour((minute) => 100 + minute / 10),
    'rss',
  )
  assert.ok(Math.abs(line.mbPerHour - 6) < 1e-9 && Math.abs(line.meanMb - 103) < 1e-9)
  assert.ok(line.interval[1] - line.interval[0] < 1e-6)
  const shaken = slopeOf(
    hour((minute) => 100 + (minute % 2)),
    'rss',
  )
  assert.ok(shaken.interval[0] < 0 && shaken.interval[1] > 0)
  const leaking = slopeOf(
    hour((minute) => 100 + minute / 10 + (minute % 2)),
    'rss',
  )
  assert.ok(leaking.interval[0] > 0, 'a leak of 6 MB an hour is seen through the shaking')
  assert.equal(
    slopeOf(
      hour(() => 100),
      'heapUsed',
    ).mbPerHour,
    0,
  )
})

test('percentiles are by operation', () => {
  const times = Array.from({ length: 100 }, (_, i) => ({ name: i % 2 === 0 ? 'a' : 'b', ms: i }))
  const { a, b } = percentilesOf(times)
  assert.deepEqual([a?.n, a?.p50, a?.p99, a?.max], [50, 50, 98, 98])
  assert.deepEqual([b?.n, b?.max], [50, 99])
})

test('the picture has a line for each kind of memory', () => {
  const svg = soakPlot(hour(() => 100))
  assert.equal(svg.match(/<polyline/g)?.length, 3)
  assert.ok(!svg.includes('NaN'))
})

/**
 * A soak: one node over SQLite under steady, bounded load, its memory sampled after a collection of garbage, its answers timed.
 * The engine is the scripted one, so that what grows is the service and not a network. Slopes by least squares with a 95 %
 * interval, over the samples after the first tenth, in which caches fill and code is compiled.
 *   node tools/soak.ts [--minutes 60] [--rate 10] [--every 15] [--svg FILE]
 * --rate: deeds of clients a second (requests, whole captures, …); --every: seconds between samples. Prints one JSON document.
 */
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { randomFrom } from '../packages/server/test/fuzz/random.ts'
import { createLoad } from '../packages/server/test/under-load/clients.ts'
import { newLedger } from '../packages/server/test/under-load/ledger.ts'
import { createNodes, newInstallation } from '../packages/server/test/under-load/nodes.ts'
import { percentilesOf, type Sample, slopeOf, soakPlot } from './soak-figures.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '10' },
    every: { type: 'string', default: '15' },
    svg: { type: 'string' },
  },
})
const [minutes, rate, every] = [Number(values.minutes), Number(values.rate), Number(values.every)]
/** Deeds at the same time; when all are busy, the next one waits and comes late. */
const WORKERS = 6

using installation = await newInstallation()
await using nodes = createNodes(installation, {}, ['--expose-gc'])
const node = await nodes.start()
const ledger = newLedger()
const times: { readonly atS: number; readonly name: string; readonly ms: number }[] = []
const begun = performance.now()
const elapsedS = () => (performance.now() - begun) / 1000
const load = createLoad({
  installation,
  clock: nodes.clock,
  node: () => node,
  ledger,
  random: randomFrom(1),
  heard: (name, ms) => times.push({ atS: elapsedS(), name, ms }),
})

const endS = minutes * 60
let next = 0
async function work(): Promise<void> {
  for (;;) {
    const dueS = next++ / rate
    if (dueS >= endS) return
    await pause(Math.max(0, (dueS - elapsedS()) * 1000))
    await load.step()
  }
}

const samples: Sample[] = []
async function watch(): Promise<void> {
  for (let at = 0; at * every <= endS; at++) {
    await pause(Math.max(0, (at * every - elapsedS()) * 1000))
    const { rss, heapUsed, external, cpuUs } = await node.memory()
    const sample = { atS: elapsedS(), rss, heapUsed, external, cpuS: cpuUs / 1e6 }
    samples.push(sample)
    // What is cut short leaves its samples.
    console.error(JSON.stringify(sample))
  }
}

await Promise.all([watch(), ...Array.from({ length: WORKERS }, work)])
const { counts } = load
const steady = samples.filter(({ atS }) => atS > endS / 10)
const [first, last] = [samples[0], samples.at(-1)]
const slope = (member: 'rss' | 'heapUsed' | 'external') => slopeOf(steady, member)
const report = {
  minutes,
  rate,
  deeds: next,
  requests: times.length,
  captures: counts.captures,
  answers: Object.fromEntries([...counts.answers].toSorted()),
  failures: counts.failures,
  broken: counts.broken,
  losses: ledger.losses,
  clockHours: (nodes.clock.now() - installation.begin) / 3_600_000,
  cpuShare: ((last?.cpuS ?? 0) - (first?.cpuS ?? 0)) / elapsedS(),
  memory: {
    samples: samples.length,
    first,
    last,
    rss: slope('rss'),
    heapUsed: slope('heapUsed'),
    external: slope('external'),
  },
  latencyMs: {
    begin: percentilesOf(times.filter(({ atS }) => atS > endS / 10 && atS <= endS / 5)),
    end: percentilesOf(times.filter(({ atS }) => atS > endS * 0.9)),
  },
}
if (values.svg !== undefined) writeFileSync(values.svg, soakPlot(samples))
console.log(JSON.stringify(report, null, 2))
process.exitCode = counts.failures.length + counts.broken + ledger.losses.length === 0 ? 0 : 1

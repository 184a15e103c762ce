/** A run from the first enrolment to the report. */
import { randomBytes } from 'node:crypto'
import { IpseClient } from '@ipse/client'
import { IpseError } from '@ipse/protocol'
import { note } from '../command.ts'
import { boundRun, estimateSeconds, mostPeople, type Pace } from './bounds.ts'
import { hireCrew } from './crew.ts'
import { openBrowserMethods } from './methods/browser-methods.ts'
import { meetPeople, type Person, servedForCalibration } from './people.ts'
import { type Cell, type PlanOptions, planBonaFide, planCells, planEnrolments } from './plan.ts'
import type { Job, Presentation } from './presentation.ts'
import { type AttackReport, bonaFideOf, type LeftOut, reportOf, rowOf } from './results.ts'
import { serverCpuSeconds } from './server-cpu.ts'
import { type Queue, queueOf, showProgress, sideBySide, time } from './side-by-side.ts'
import { subjectOf, type TargetOptions } from './target.ts'

export interface RunOptions extends Omit<PlanOptions, 'people'> {
  readonly url: string
  readonly apiKey: string
  readonly policy: string
  readonly subjects: readonly string[]
  readonly parallel: number
  /** Captures of one session, where the service asks to try again. */
  readonly attempts: number
  /** The run ends after so many minutes, finished or not. */
  readonly minutes?: number
}

/** Browsers at the same time, and the places of other sessions that each takes: it keeps about half a core busy. */
const BROWSERS = 2
const BROWSER_PLACES = 2
/** An enrolment may fail as any capture may; a person who cannot enrol cannot be attacked. */
const ENROLMENT_ATTEMPTS = 3

/** @throws IpseError when the service cannot be used, or a person cannot enrol */
export async function runAttacks(options: RunOptions): Promise<AttackReport> {
  const began = performance.now()
  planCells({ ...options, people: 2 }) // Names that are wrong are found before anything starts.
  note('Measuring the photographs of the simulated people …')
  const people = await meetPeople(options.subjects)
  const plan: PlanOptions = { ...options, people: people.length }
  const cells = planCells(plan)
  const names = people.map(({ name }) => name)
  const { url, apiKey, policy, attempts } = options
  const target: TargetOptions = { url, apiKey, policy, attempts, run: randomBytes(4).toString('hex'), names }
  try {
    return await present(options, plan, cells, people, target, began)
  } finally {
    await forget(target)
  }
}

async function present(
  options: RunOptions,
  plan: PlanOptions,
  cells: readonly Cell[],
  people: readonly Person[],
  target: TargetOptions,
  began: number,
): Promise<AttackReport> {
  const { parallel } = options
  using bounds = boundRun(options.minutes)
  await using crew = hireCrew({ ...target, people }, parallel)
  const pace = await enrol(planEnrolments(plan), parallel, crew.perform, target)
  const browsers = await openBrowserMethods(cells, target, people)
  await using _browsers = browsers
  const leftOut = [...browsers.leftOut, ...unasked(cells, pace.asked, target.policy)]
  const carried = cells.filter(
    ({ method, instrument }) =>
      !leftOut.some((left) => left.method === method.name && (left.instrument ?? instrument) === instrument),
  )
  const [slow, quick] = [true, false].map((browser) =>
    shuffled(
      carried.filter(({ method }) => (method.needs === 'browser') === browser).flatMap(({ jobs }) => jobs),
      options.seed,
    ),
  ) as [Job[], Job[]]
  const honest = planBonaFide(plan)
  const all = [...honest, ...quick, ...slow]
  const estimatedSeconds = estimateSeconds(all, pace, parallel)
  note(
    `About ${time(estimatedSeconds)} for ${all.length} sessions, ${parallel} side by side${options.minutes === undefined ? '' : `; at most ${options.minutes} min`}.`,
  )
  const results: Presentation[] = []
  const honestResults: Presentation[] = []
  const before = await cpuSeconds(target.url)
  const total = showProgress(all.length, 'presentations')
  const keep = (into: Presentation[]) => (presentation: Presentation) => {
    into.push(presentation)
    total.step(presentation)
  }
  const queues = [honest, quick, slow].map((jobs) => queueOf(jobs, bounds.stop))
  const [honestQueue, quickQueue, slowQueue] = queues as [Queue, Queue, Queue]
  await sideBySide(honestQueue, Math.min(parallel, mostPeople()), crew.perform, keep(honestResults))
  // Browsers take the places of several other sessions, and give them back when they are done.
  const browserLanes = slow.length === 0 ? 0 : Math.min(BROWSERS, Math.ceil(parallel / BROWSER_PLACES))
  const given = Math.min(parallel - 1, browserLanes * BROWSER_PLACES)
  const perform = async (lanes: number) => sideBySide(quickQueue, lanes, crew.perform, keep(results))
  await Promise.all([
    perform(parallel - given),
    sideBySide(slowQueue, browserLanes, browsers.perform, keep(results)).then(() => perform(given)),
  ])
  const after = await cpuSeconds(target.url)
  const sessions = results.length + honestResults.length
  const each = (part: 'service' | 'clients') =>
    before[part] === null || after[part] === null || sessions === 0
      ? null
      : (after[part] - before[part]) / sessions
  return reportOf(
    carried.map((cell) => rowOf(cell, results)),
    bonaFideOf(honestResults, honest.length, target.names),
    {
      cpuSecondsPerSession: each('service'),
      clientCpuSecondsPerSession: each('clients'),
      estimatedSeconds,
      wallSeconds: (performance.now() - began) / 1000,
      end: bounds.end(),
      leftOut,
      setting: {
        policy: target.policy,
        seed: options.seed,
        parallel,
        attempts: options.attempts,
        people: target.names,
        calibratedWith: servedForCalibration(target.names),
        date: new Date().toISOString(),
      },
    },
  )
}

/** Instruments that are about a step which the policy did not ask of anybody who enrolled. */
function unasked(cells: readonly Cell[], asked: readonly string[], policy: string): LeftOut[] {
  return cells.flatMap(({ method, instrument, needs }) =>
    needs === undefined || asked.includes(needs)
      ? []
      : [{ method: method.name, instrument, why: `policy ${policy} does not ask for ${needs}` }],
  )
}

/** CPU used so far: by the service, where it tells, and by this process, browsers not included. */
async function cpuSeconds(url: string): Promise<{ service: number | null; clients: number }> {
  const { user, system } = process.cpuUsage()
  return { service: (await serverCpuSeconds(url)) ?? null, clients: (user + system) / 1e6 }
}

async function enrol(
  jobs: readonly Job[],
  parallel: number,
  perform: (job: Job) => Promise<Presentation>,
  { names, url }: TargetOptions,
): Promise<Pace> {
  note(`Enrolling ${names.join(', ')} …`)
  const before = await cpuSeconds(url)
  const seconds: number[] = []
  const kinds = new Set<string>()
  await sideBySide(
    queueOf(jobs),
    parallel,
    async (job) => {
      const reasons: string[] = []
      for (let attempt = 0; attempt < ENROLMENT_ATTEMPTS; attempt++) {
        const presentation = await perform({ ...job, seed: job.seed + attempt })
        seconds.push(presentation.seconds)
        for (const kind of presentation.asked) kinds.add(kind)
        if (presentation.accepted) return presentation
        reasons.push(presentation.reasons.join(', '))
      }
      throw new IpseError(
        'reference_not_found',
        `${names[job.victim]} could not enrol (${reasons.join('; ')}): the run needs every person; choose others with --subjects`,
      )
    },
    () => {},
  )
  const after = await cpuSeconds(url)
  const used =
    before.service === null || after.service === null
      ? null
      : after.service - before.service + after.clients - before.clients
  return {
    secondsPerSession: seconds.reduce((sum, value) => sum + value, 0) / seconds.length,
    cpuPerSession: used === null ? null : used / seconds.length,
    asked: [...kinds],
  }
}

/** Whatever the service kept of the simulated people is erased, where the key may do that. */
async function forget(target: TargetOptions): Promise<void> {
  const client = new IpseClient({ baseUrl: target.url, apiKey: target.apiKey, retries: 0 })
  for (const person of target.names.keys()) {
    const subject = subjectOf(target, person)
    await client.deleteSubject(subject).catch((error: unknown) => {
      const code = error instanceof IpseError ? error.code : 'internal'
      if (code !== 'not_found') note(`${subject} was not erased (${code}): the key needs subject:delete`)
    })
  }
}

/** All methods and instruments mixed, so that no cell is measured on a busier machine than the others. */
function shuffled(jobs: readonly Job[], seed: number): Job[] {
  return jobs
    .map((job, i) => ({ job, at: Math.imul(job.seed ^ (seed + i), 0x9e3779b1) >>> 0 }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ job }) => job)
}

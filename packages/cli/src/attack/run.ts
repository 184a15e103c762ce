/** A run from the first enrolment to the report. */
import { randomBytes } from 'node:crypto'
import { IpseClient } from '@ipse/client'
import { IpseError } from '@ipse/protocol'
import { note } from '../command.ts'
import { hireCrew } from './crew.ts'
import { openBrowserMethods } from './methods/browser-methods.ts'
import { meetPeople, type Person, servedForCalibration } from './people.ts'
import { type Cell, type PlanOptions, planBonaFide, planCells, planEnrolments } from './plan.ts'
import type { Job, Presentation } from './presentation.ts'
import { type AttackReport, bonaFideOf, type LeftOut, reportOf, rowOf } from './results.ts'
import { serverCpuSeconds } from './server-cpu.ts'
import { showProgress, sideBySide } from './side-by-side.ts'
import { subjectOf, type TargetOptions } from './target.ts'

export interface RunOptions extends Omit<PlanOptions, 'people'> {
  readonly url: string
  readonly apiKey: string
  readonly policy: string
  readonly subjects: readonly string[]
  readonly parallel: number
  /** Captures of one session, where the service asks to try again. */
  readonly attempts: number
}

/** Browsers at the same time: each keeps about half a core busy. */
const BROWSERS = 2
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
  await using crew = hireCrew({ ...target, people }, options.parallel)
  await enrol(planEnrolments(plan), options.parallel, crew.perform, target)

  const browsers = await openBrowserMethods(cells, target, people)
  await using _browsers = browsers
  const [slow, quick] = [true, false].map((browser) =>
    shuffled(
      cells
        .filter(({ method }) => (method.needs === 'browser') === browser)
        .filter(({ method }) => !browsers.leftOut.some((left) => left.method === method.name))
        .flatMap(({ jobs }) => jobs),
      options.seed,
    ),
  ) as [Job[], Job[]]
  const honest = planBonaFide(plan)
  const results: Presentation[] = []
  const honestResults: Presentation[] = []
  const before = await serverCpuSeconds(target.url)
  const total = showProgress(slow.length + quick.length + honest.length, 'presentations')
  const keep = (into: Presentation[]) => (presentation: Presentation) => {
    into.push(presentation)
    total.step(presentation)
  }
  await sideBySide(honest, options.parallel, crew.perform, keep(honestResults))
  await sideBySide(quick, options.parallel, crew.perform, keep(results))
  await sideBySide(slow, Math.min(BROWSERS, options.parallel), browsers.perform, keep(results))
  const after = await serverCpuSeconds(target.url)
  const sessions = results.length + honestResults.length
  const leftOut: readonly LeftOut[] = browsers.leftOut
  return reportOf(
    cells
      .filter(({ method }) => !leftOut.some((left) => left.method === method.name))
      .map((cell) => rowOf(cell, results)),
    bonaFideOf(honestResults, target.names),
    {
      cpuSecondsPerSession:
        before === undefined || after === undefined || sessions === 0 ? null : (after - before) / sessions,
      wallSeconds: (performance.now() - began) / 1000,
      leftOut,
      setting: {
        policy: target.policy,
        seed: options.seed,
        parallel: options.parallel,
        attempts: options.attempts,
        people: target.names,
        calibratedWith: servedForCalibration(target.names),
        date: new Date().toISOString(),
      },
    },
  )
}

async function enrol(
  jobs: readonly Job[],
  parallel: number,
  perform: (job: Job) => Promise<Presentation>,
  { names }: TargetOptions,
): Promise<void> {
  note(`Enrolling ${names.join(', ')} …`)
  await sideBySide(
    jobs,
    parallel,
    async (job) => {
      const reasons: string[] = []
      for (let attempt = 0; attempt < ENROLMENT_ATTEMPTS; attempt++) {
        const presentation = await perform({ ...job, seed: job.seed + attempt })
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

/** What is presented: every method with every instrument that it carries, variants and people taking turns. */
import { ATTACK_METHODS, type AttackMethod, deriveSeed, findInstrument, INSTRUMENTS } from '@ipse/lab'
import { IpseError } from '@ipse/protocol'
import { BONA_FIDE, ENROLMENT, type Job } from './presentation.ts'

export interface PlanOptions {
  /** Of each instrument by each method that needs no browser. */
  readonly presentations: number
  /** Of each instrument by each method that needs one: they are slow, and carry what was measured already. */
  readonly browserPresentations: number
  readonly bonaFide: number
  readonly people: number
  readonly seed: number
  /** Names; all when absent. */
  readonly methods?: readonly string[]
  readonly instruments?: readonly string[]
}

export interface Cell {
  readonly method: AttackMethod
  readonly instrument: string
  readonly variants: readonly string[]
  readonly expected: 'stopped' | 'residual'
  /** Kind of step that it is about; without such a step it says nothing. */
  readonly needs?: string
  readonly jobs: readonly Job[]
}

/** The cells of the matrix. @throws IpseError `invalid_request` for unknown names and an empty matrix */
export function planCells(options: PlanOptions): Cell[] {
  const { methods, instruments } = options
  const tamperings = ATTACK_METHODS.flatMap((method) => method.tamperings.map(({ name }) => name))
  known(
    '--methods',
    methods,
    ATTACK_METHODS.map(({ name }) => name),
  )
  known('--instruments', instruments, [...INSTRUMENTS.map(({ name }) => name), ...tamperings])
  const cells = ATTACK_METHODS.filter(({ name }) => methods?.includes(name) ?? true).flatMap((method) => {
    const carried = method.carries === 'all' ? INSTRUMENTS.map(({ name }) => name) : method.carries
    return [...carried, ...method.tamperings.map(({ name }) => name)]
      .filter((name) => instruments?.includes(name) ?? true)
      .map((name) => cellOf(method, name, options))
  })
  if (cells.length === 0)
    throw new IpseError('invalid_request', 'none of these methods carries any of these instruments')
  return cells
}

function cellOf(method: AttackMethod, name: string, options: PlanOptions): Cell {
  const tampering = method.tamperings.some((candidate) => candidate.name === name)
  const { variants, expected, needs } = tampering
    ? { variants: [''], expected: 'stopped' as const, needs: undefined }
    : findInstrument(name)
  const count = method.needs === 'browser' ? options.browserPresentations : options.presentations
  const jobs = Array.from({ length: count }, (_, i): Job => {
    const seed = seedOf(options.seed, `${method.name}/${name}`, i)
    const victim = (i + (seed >>> 8)) % options.people
    return {
      method: method.name,
      instrument: name,
      variant: variants[i % variants.length]!,
      victim,
      attacker: (victim + 1 + (Math.floor(i / variants.length) % (options.people - 1))) % options.people,
      seed,
    }
  })
  return { method, instrument: name, variants, expected, ...(needs ? { needs } : {}), jobs }
}

/** One enrolment of every person. */
export function planEnrolments({ people, seed }: PlanOptions): Job[] {
  return honest(ENROLMENT, people, people, seed)
}

/** Honest sessions; every person takes a turn. */
export function planBonaFide({ bonaFide, people, seed }: PlanOptions): Job[] {
  return honest(BONA_FIDE, bonaFide, people, seed)
}

function honest(method: string, count: number, people: number, seed: number): Job[] {
  return Array.from({ length: count }, (_, i) => ({
    method,
    instrument: method,
    variant: '',
    victim: i % people,
    attacker: (i + 1) % people,
    seed: seedOf(seed, method, i),
  }))
}

function seedOf(seed: number, name: string, index: number): number {
  let part = 0
  for (const letter of name) part = (Math.imul(part, 31) + letter.charCodeAt(0)) >>> 0
  return deriveSeed(deriveSeed(seed, part % 1_000_003), index)
}

function known(flag: string, given: readonly string[] | undefined, names: readonly string[]): void {
  const wrong = given?.filter((name) => !names.includes(name)) ?? []
  if (wrong.length > 0)
    throw new IpseError(
      'invalid_request',
      `${flag}: unknown ${wrong.join(', ')}; known are ${[...new Set(names)].join(', ')}`,
    )
}

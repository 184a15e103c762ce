/**
 * Fits the weights of the signal `weak-signs` (docs/decisions/0010-fusion.md): simulated people against photographs that
 * software moves, three turns each, in two of which the eyes are asked to stay on a dot. Logistic regression, classes
 * balanced, coefficients of at least 0, and the same with one person left out at a time. About five minutes.
 *
 *   node bench/evidence/fusion.ts
 */
import { createEngine, type Engine, type TrackEvidence } from '@ipse/engine'
import {
  calibrateSubject,
  createActor,
  createActorFeed,
  createFrame,
  createSubject,
  type Feed,
  FIXTURES,
  findInstrument,
  HELD_OUT,
  type Subject,
} from '@ipse/lab'
import { loadFixture, toJpeg } from '@ipse/lab/node'
import type { ChallengeStep } from '@ipse/protocol'
import { observeTurns } from '@ipse/server'
import { type PuppetTraits, puppetTraits } from '../../packages/server/src/domain/signals/puppet.ts'

const DOT = { x: 0, y: 0 }
const STEPS: readonly ChallengeStep[] = [
  { kind: 'head-pose', direction: 'left', targetDeg: 18 },
  { kind: 'gaze-hold', direction: 'right', targetDeg: 18, at: DOT },
  { kind: 'gaze-hold', direction: 'left', targetDeg: 18, at: DOT },
]
const PUPPETS = ['careful', 'plain', 'pasted', 'other-depth', 'elusive'] as const
/** A face swap is drawn over a live head: shown beside the others, never fitted. */
const SHOWN = ['person', ...PUPPETS, 'face-swap'] as const
type Species = (typeof SHOWN)[number]

interface Row {
  readonly species: Species
  readonly person: string
  readonly x: readonly number[]
}

async function meet(engine: Engine): Promise<{ name: string; subject: Subject }[]> {
  const seen = async (jpeg: Uint8Array) => (await engine.measure(jpeg)).mesh
  const people = []
  for (const fixture of [...HELD_OUT, ...FIXTURES]) {
    const { photo, landmarks } = await loadFixture(fixture, async (jpeg) => (await seen(jpeg))?.landmarks)
    const subject = createSubject(photo, landmarks)
    const measure = async (frame: Parameters<typeof toJpeg>[0]) => (await seen(await toJpeg(frame)))?.pose
    people.push({ name: fixture.name, subject: await calibrateSubject(subject, measure) })
  }
  return people
}

function feedOf(species: Species, victim: Subject, attacker: Subject, seed: number): Feed {
  if (species === 'face-swap') return findInstrument(species).createFeed({ victim, attacker }, { seed })
  if (species !== 'person')
    return findInstrument('reposed-photograph').createFeed({ victim }, { variant: species, seed })
  const fixation = 0.3 + 0.15 * (seed % 5)
  return createActorFeed({ subject: victim, actor: createActor({ seed, fixation }), seed })
}

/** Turns at ten frames a second, each from the neutral pose. */
async function film(engine: Engine, feed: Feed): Promise<PuppetTraits | undefined> {
  const frame = createFrame(feed.width, feed.height)
  const clip = engine.openClip()
  const found: (readonly [TrackEvidence, ChallengeStep])[] = []
  let t = 0
  const show = async (forMs: number, seen: boolean) => {
    for (const end = t + forMs; t < end; t += 100) {
      feed.render(t, frame)
      if (seen) await clip.measure(await toJpeg(frame))
    }
  }
  feed.prompt({ kind: 'hold' }, 0)
  await show(600, true)
  for (const step of STEPS) {
    await clip.beginTrack()
    feed.prompt(step, t)
    await show(1200, true)
    found.push([await clip.endTrack(), step])
    feed.prompt({ kind: 'center' }, t)
    await show(1100, false)
    await show(100, true)
  }
  clip.close()
  return puppetTraits(found.flatMap(([evidence, step], i) => observeTurns(evidence, i, step.kind)))
}

interface Model {
  readonly base: number
  readonly weights: readonly number[]
}

function oddsOf({ base, weights }: Model, x: readonly number[]): number {
  return weights.reduce((sum, weight, k) => sum + weight * (x[k] ?? 0), base)
}

/** Projected gradient descent with a little decay. */
function fit(rows: readonly Row[]): Model {
  const people = rows.filter(({ species }) => species === 'person').length
  let model: Model = { base: 0, weights: [0, 0, 0] }
  for (let round = 0; round < 20_000; round++) {
    const slope = [0, 0, 0, 0]
    for (const { species, x } of rows) {
      const person = species === 'person'
      const share = 0.5 / (person ? people : rows.length - people)
      const error = share * (1 / (1 + Math.exp(-oddsOf(model, x))) - (person ? 1 : 0))
      for (const [k, value] of [...x, 1].entries()) slope[k] = (slope[k] ?? 0) + error * value
    }
    model = {
      base: model.base - 0.5 * (slope[3] ?? 0),
      weights: model.weights.map((weight, k) =>
        Math.max(0, weight - 0.5 * ((slope[k] ?? 0) + 0.01 * weight)),
      ),
    }
  }
  return model
}

const engine = await createEngine({ threads: 1 })
const people = await meet(engine)
const rows: Row[] = []
for (const species of [...SHOWN, 'person' as const])
  for (const [i, { name, subject }] of people.entries()) {
    const attacker = people[(i + 1) % people.length]?.subject ?? subject
    const seed = 100 * (rows.length + 1) + i
    const traits = await film(engine, feedOf(species, subject, attacker, seed))
    if (traits) rows.push({ species, person: name, x: [traits.structure, traits.gaze, 1 - traits.explained] })
    process.stderr.write(`${species} ${name}\n`)
  }
await engine.close()

const fitted = rows.filter(({ species }) => species !== 'face-swap')
const { base, weights } = fit(fitted)
const rounded = [base, ...weights].map((value) => value.toFixed(2))
process.stdout.write(`base, structure, gaze, unexplained: ${rounded.join(', ')}; ${fitted.length} rows\n`)
const leftOut = people.flatMap(({ name }) => {
  const model = fit(fitted.filter(({ person }) => person !== name))
  return rows.filter(({ person }) => person === name).map((row) => ({ ...row, odds: oddsOf(model, row.x) }))
})
for (const species of SHOWN) {
  const of = leftOut.filter((row) => row.species === species)
  const odds = of.map((row) => row.odds).sort((a, b) => a - b)
  const passing = odds.filter((value) => value >= 0).length
  const middle = odds[odds.length >> 1]?.toFixed(2)
  process.stdout.write(`${species}: ${passing} of ${of.length} at 0 or more, median ${middle}\n`)
}

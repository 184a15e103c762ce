/**
 * Protected templates of real faces: scores under one key are those of the bare templates, and copies under different keys
 * tell nothing (ISO/IEC 24745, 30136). Measured on the photographs that the engine's packages bring along, and printed.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import { createEngine, type Template } from '@ipse/engine'
import { FIXTURES, HELD_OUT } from '@ipse/lab'
import { loadFixture } from '@ipse/lab/node'
import { createTransform } from '@ipse/server'
import sharp from 'sharp'
import { dSys, meanAndDeviation } from '../../server/test/unlinkability.ts'

const engine = await createEngine({ threads: 1 })
after(() => engine.close())

const locate = async (jpeg: Uint8Array) => (await engine.measure(jpeg)).mesh?.landmarks

async function templateOf(jpeg: Uint8Array): Promise<Template> {
  const { template } = await engine.measure(jpeg, { template: true })
  return template ?? assert.fail('no face')
}

/** Ten people, each from a portrait and from a smaller, darker, more coarsely coded copy of it. */
const people = await Promise.all(
  [...FIXTURES, ...HELD_OUT].map(async (fixture) => {
    const { portrait } = await loadFixture(fixture, locate)
    const { width = 0 } = await sharp(portrait).metadata()
    const copy = sharp(portrait)
      .resize(Math.round(width * 0.6))
      .modulate({ brightness: 0.8 })
    const again = new Uint8Array(await copy.jpeg({ quality: 60 }).toBuffer())
    return { first: await templateOf(portrait), again: await templateOf(again) }
  }),
)

const keyOf = (name: string) => new Uint8Array(createHash('sha256').update(name).digest())
const turned = ({ modelId, vector }: Template, key: string): Template => ({
  modelId,
  vector: createTransform(keyOf(key), engine.templateParts).protect(vector),
})
const bareScore = (a: Template, b: Template) => engine.compare(a, b).score

test('the fused score of two protected templates is that of the bare ones', (context) => {
  const changes = people.flatMap(({ first }, i) =>
    people.map(({ again }, j) => {
      const key = `one ${i} ${j}`
      return Math.abs(bareScore(first, again) - bareScore(turned(first, key), turned(again, key)))
    }),
  )
  const most = Math.max(...changes)
  context.diagnostic(
    `largest change of a fused score: ${most.toExponential(1)} in ${changes.length} comparisons`,
  )
  // Operating points are given to four decimals.
  assert.ok(most < 1e-5, `${most}`)
})

test('whether two protected copies are of one person does not show', (context) => {
  const copies = 150
  const scores: Record<'mated' | 'nonMated', number[]> = { mated: [], nonMated: [] }
  for (const [i, { first }] of people.entries())
    for (let copy = 0; copy < copies; copy++) {
      const j = (i + 1 + (copy % (people.length - 1))) % people.length
      const mine = turned(first, `a ${i} ${copy}`)
      scores.mated.push(bareScore(mine, turned(people[i]?.again ?? first, `b ${i} ${copy}`)))
      scores.nonMated.push(bareScore(mine, turned(people[j]?.again ?? first, `c ${i} ${copy}`)))
    }
  // Few scores, so few bins: what chance gives two samples of this size is measured on the other side.
  const linkable = dSys(scores.mated, scores.nonMated, 10)
  const half = scores.nonMated.length / 2
  const chance = dSys(scores.nonMated.slice(0, half), scores.nonMated.slice(half), 10)
  const [mated, nonMated] = [meanAndDeviation(scores.mated), meanAndDeviation(scores.nonMated)]
  const bare = people.map(({ first, again }) => bareScore(first, again))
  const threshold = engine.defaultOperatingPoint.threshold
  context.diagnostic(
    `under different keys: mated ${mated.mean.toFixed(3)} ± ${mated.deviation.toFixed(3)}, non-mated ` +
      `${nonMated.mean.toFixed(3)} ± ${nonMated.deviation.toFixed(3)}, D_sys ${linkable.toFixed(3)} ` +
      `(${scores.mated.length} + ${scores.nonMated.length} scores; two halves of the non-mated ones: ${chance.toFixed(3)})`,
  )
  context.diagnostic(
    `bare, the lowest mated score is ${Math.min(...bare).toFixed(3)}; the threshold is ${threshold.toFixed(3)}`,
  )
  assert.ok(Math.min(...bare) > threshold, 'the control: bare copies do match')
  assert.equal(scores.mated.filter((score) => score >= threshold).length, 0, 'none matches across keys')
  assert.ok(linkable <= Math.max(0.05, 2 * chance), `${linkable}`)
})

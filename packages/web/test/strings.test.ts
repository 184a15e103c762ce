/** Every language says everything, and nothing that nobody asks for. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DIRECTIONS, ERRORS, EXPRESSIONS, GUIDANCE, OUTCOMES, STEP_KINDS } from '@ipse/protocol'
import { STEP_VIEWS, stepText } from '../src/challenge/index.ts'
import { fill, LANGUAGES, pickLanguage } from '../src/strings/index.ts'
import { PROBLEM_OF, PROBLEMS, type StepText } from '../src/strings/strings.ts'
import { SDK, VERSION } from '../src/version.ts'

const sorted = (list: Iterable<string>) => [...list].sort()

/** Every sentence with the path of its keys. */
function sentences(value: object, path = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, member]) =>
    typeof member === 'string'
      ? [[`${path}${key}`, member] as [string, string]]
      : sentences(member, `${path}${key}.`),
  )
}

const STEP_TEXTS: StepText[] = [
  stepText({ kind: 'hold' }),
  stepText({ kind: 'center' }),
  ...DIRECTIONS.map((direction) => stepText({ kind: 'head-pose', direction, targetDeg: 12 })),
  stepText({ kind: 'follow', at: { x: 0, y: 0 } }),
  ...EXPRESSIONS.map((expression) => stepText({ kind: 'expression', expression })),
  ...DIRECTIONS.map((direction) =>
    stepText({ kind: 'gaze-hold', direction, targetDeg: 16, at: { x: 0, y: 0.7 } }),
  ),
  stepText({ kind: 'camera-constraint', width: 480, height: 360, framesPerSecond: 7 }),
  stepText({ kind: 'distance', nearer: 1.3 }),
  stepText({ kind: 'colour-light', colour: 'blue' }),
]

describe('strings', () => {
  it('know every error code, and no other', () => {
    assert.deepEqual(sorted(Object.keys(PROBLEM_OF)), sorted(Object.keys(ERRORS)))
    assert.deepEqual(sorted(new Set(Object.values(PROBLEM_OF))), sorted(PROBLEMS))
  })

  it('know every kind of step, and no other', () => {
    assert.deepEqual(sorted(Object.keys(STEP_VIEWS)), sorted(STEP_KINDS))
  })

  for (const [code, strings] of Object.entries(LANGUAGES)) {
    it(`${code}: has one sentence for every hint, step, outcome and problem, and no other`, () => {
      assert.deepEqual(sorted(Object.keys(strings.guidance)), sorted(GUIDANCE))
      assert.deepEqual(sorted(Object.keys(strings.steps)), sorted(STEP_TEXTS))
      assert.deepEqual(sorted(Object.keys(strings.outcomes)), sorted(OUTCOMES))
      assert.deepEqual(sorted(Object.keys(strings.problems)), sorted(PROBLEMS))
    })

    it(`${code}: has the keys and places of English, and no empty sentence`, () => {
      const places = (text: string) => sorted(text.match(/\{\w+\}/g) ?? [])
      const english = new Map(sentences(LANGUAGES.en!))
      const own = sentences(strings)
      assert.deepEqual(sorted(own.map(([key]) => key)), sorted(english.keys()))
      for (const [key, text] of own) {
        assert.ok(text.trim().length > 0, key)
        assert.deepEqual(places(text), places(english.get(key)!), key)
      }
    })

    it(`${code}: says each direction differently`, () => {
      assert.equal(new Set(Object.values(strings.steps)).size, STEP_TEXTS.length)
    })
  }

  it('are chosen by the first language that is there', () => {
    assert.equal(pickLanguage(['', undefined, 'de-AT']).code, 'de')
    assert.equal(pickLanguage(['xx', 'fr-CA', 'de']).code, 'fr')
    assert.equal(pickLanguage(['__proto__', 'constructor', null]).code, 'en')
  })

  it('fill their places', () => {
    assert.equal(fill('Step {step} of {steps}', { step: 2, steps: 7 }), 'Step 2 of 7')
  })
})

describe('the version', () => {
  it('is the package’s own', () => {
    const file = join(import.meta.dirname, '../package.json')
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
    assert.equal(VERSION, version)
    assert.equal(SDK, `ipse-web/${version}`)
  })
})

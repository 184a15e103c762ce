/** ISO/IEC 30107-3 rates against numbers worked out by hand, and claims that so few samples cannot carry. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clopperPearson, minimumTrials } from '@ipse/server/intervals'
import { calibrate, errorsAllowed, ratesOf } from '../src/calibrate/operating-point.ts'
import { split } from '../src/calibrate/split.ts'
import { padPlot } from '../src/eval/pad-plot.ts'
import { reportPad, type ScoredSample } from '../src/eval/pad-report.ts'
import { errorTable, targetTable } from '../src/eval/pad-tables.ts'
import { parseSamples } from '../src/eval/samples.ts'
import { textTable } from '../src/eval/tables.ts'

/** Scores, undefined for a non-response. */
function of(species: string | undefined, scores: readonly (number | undefined)[]): ScoredSample[] {
  return scores.map((score) => ({
    ...(species === undefined ? {} : { species }),
    ...(score === undefined ? {} : { score }),
  }))
}
const ramp = (count: number, from: number, to: number) =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1))
const near = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-9, `${actual} is not ${expected}`)

test('rates are counted by species over responses; a non-response is never bona fide and never an error', () => {
  const report = reportPad(
    [
      // Bona fide from .5 on: .2 is refused, one does not answer.
      ...of(undefined, [0.9, 0.8, 0.5, 0.2, undefined]),
      // Two of eight pass, two do not answer: 2/8, not 2/10.
      ...of('print', [0.7, 0.5, 0.4, 0.1, 0.1, 0.1, 0.1, 0.1, undefined, undefined]),
      ...of('screen', [0.49, 0.3, 0.1]),
    ],
    0.5,
  )
  const { bonaFide, species, worst } = report
  assert.deepEqual(
    [bonaFide.n, bonaFide.responses, bonaFide.errors, bonaFide.bpcer, bonaFide.bpnrr],
    [5, 4, 1, 0.25, 0.2],
  )
  assert.deepEqual(
    species.map(({ name, n, responses, apcer, apnrr }) => [name, n, responses, apcer, apnrr]),
    [
      ['print', 10, 8, 0.25, 0.2],
      ['screen', 3, 3, 0, 0],
    ],
  )
  assert.equal(worst?.name, 'print')
  // Clopper–Pearson 2 of 8: .0319 to .6509 (Clopper & Pearson 1934, table); 0 of 3: 1 − .025^(1/3).
  near(Math.round((species[0]?.lower95 ?? 0) * 1e4) / 1e4, 0.0319)
  near(Math.round((species[0]?.upper95 ?? 0) * 1e4) / 1e4, 0.6509)
  near(species[1]?.upper95, 1 - 0.025 ** (1 / 3))
  // Of 4 × 8 pairs bona fide is above in 8 + 8 + 6.5 + 5 of them.
  near(species[0]?.auc, 27.5 / 32)
})

test('a species without any response is the worst: nothing is known about it', () => {
  const { species, worst, at } = reportPad(
    [...of(undefined, [1]), ...of('mask', [undefined]), ...of('print', [0.9, 0.1])],
    0.5,
  )
  assert.deepEqual(
    species.map(({ name }) => name),
    ['mask', 'print'],
  )
  assert.ok(Number.isNaN(worst?.apcer) && worst?.upper95 === 1)
  assert.equal(JSON.parse(JSON.stringify(worst)).apcer, null)
  for (const { claim, found } of at) assert.ok(!claim.supported && found === undefined)
})

test('bona fide errors at an attack rate are claimed when, and only when, every species carries that rate', () => {
  assert.deepEqual([0.1, 0.05, 0.01].map(minimumTrials), [29, 59, 299])
  const bonaFide = of(undefined, ramp(100, 30, 129))
  const enough = [...of('print', ramp(59, 0, 58)), ...of('screen', ramp(60, -59, 0))]
  const { at } = reportPad([...bonaFide, ...enough], 50)
  assert.deepEqual(
    at.map(({ target, claim }) => [target, claim]),
    [
      [0.1, { supported: true }],
      [0.05, { supported: true }],
      [
        0.01,
        {
          supported: false,
          needs: 299,
          short: [
            { name: 'print', has: 59 },
            { name: 'screen', has: 60 },
          ],
        },
      ],
    ],
  )
  // Of 59 prints 5 may pass at 10 %, those from 54 on, and 2 at 5 %, from 57 on; people begin at 30.
  const [ten, five, one] = at
  assert.ok(ten?.found && five?.found && one?.found === undefined)
  assert.equal(ten.found.threshold, 54)
  near(ten.found.bpcer, 0.24)
  near(five.found.bpcer, 0.27)
  const { upper } = clopperPearson(24, 100)
  near(ten.found.interval.upper, upper)
  const short = reportPad([...bonaFide, ...enough.slice(0, -2)], 0.5)
  assert.deepEqual(short.at[1]?.claim, {
    supported: false,
    needs: 59,
    short: [{ name: 'screen', has: 58 }],
  })
  assert.match(textTable(targetTable(short)), /1 % +not claimed .* no: 59 of 299 print, 58 of 299 screen/)
  const nobody = reportPad(enough, 0.5)
  assert.deepEqual(nobody.at[0]?.claim, {
    supported: false,
    needs: 1,
    short: [{ name: 'bona fide', has: 0 }],
  })
})

test('rates of the worst species never fall when the threshold does', () => {
  const samples = [...of(undefined, ramp(20, 0, 1)), ...of('a', ramp(30, -0.5, 0.5)), ...of('b', [0.7, 0.2])]
  let before = 0
  for (const threshold of ramp(30, 1.1, -1)) {
    const { worst, bonaFide } = reportPad(samples, threshold)
    assert.ok((worst?.apcer ?? Number.NaN) >= before)
    before = worst?.apcer ?? 0
    assert.ok(bonaFide.bpcer >= 0 && bonaFide.bpcer <= 1)
  }
})

test('plot and tables show every species and no foreign markup', () => {
  const report = reportPad([...of(undefined, [1, 0.4]), ...of('<b>', [0.6, 0.1]), ...of('x', [0])], 0.5)
  const svg = padPlot(report, 'T <i>')
  assert.ok(!/<b>|<i>|NaN|undefined|Infinity/.test(svg))
  assert.equal(svg.match(/class="curve[ "]/g)?.length, 4, 'two curves and their legend')
  assert.match(textTable(errorTable(report)), /<b> +2 +0 % +APCER +50 %/)
  for (const samples of [of(undefined, [1]), of('x', [undefined]), []])
    assert.ok(!/NaN|undefined|Infinity/.test(padPlot(reportPad(samples, 0), 't')))
})

test('lists of samples are refused with the line', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['path,label\nx,attack\n', /path, label, species/],
    ['path,label,species\n', /no samples/],
    ['path,label,species\na,bona-fide,\n\n,attack,print\n', /line 4: path is empty/],
    ['path,label,species\na,live,\n', /line 2: label must be bona-fide or attack, not "live"/],
    ['path,label,species\na,attack,\n', /line 2: an attack names its species/],
    ['path,label,species\na,bona-fide,\n./a,attack,x\n', /line 3: this sample is in line 2 already/],
    [`path,label,species\na,attack,${'x'.repeat(81)}\n`, /line 2: a name has more/],
  ]
  for (const [csv, message] of cases)
    assert.throws(() => parseSamples('/set/pad.csv', csv), { code: 'invalid_request', message })
  const { samples, subjects } = parseSamples(
    '/set/pad.csv',
    'subject,species,label,path\np1,,bona-fide,a.jpg\n,print,attack,b\n',
  )
  assert.equal(subjects, false)
  assert.deepEqual(samples, [
    { path: '/set/a.jpg', line: 2, subject: 'p1' },
    { path: '/set/b', line: 3, species: 'print' },
  ])
})

test('a threshold is chosen so that the samples show the rate at one-sided 95 %', () => {
  // 0 of 29, 1 of 46: Hanley & Lippman-Hand 1983; n such that .9^n + n·.1·.9^(n−1) ≤ .05.
  assert.deepEqual(
    [29, 45, 46, 59].map((attacks) => errorsAllowed(attacks, 0.1)),
    [0, 0, 1, 1],
  )
  assert.equal(errorsAllowed(58, 0.05), 0)
  const samples = [
    ...of(undefined, ramp(100, 1, 2)),
    ...of('print', [...ramp(45, 0, 0.44), 1.3]),
    ...of('screen', ramp(29, 0, 0.9)),
  ]
  const found = calibrate(samples, 0.1, 0.15)
  assert.ok('threshold' in found && 'report' in found)
  // One print may pass, no screen: the lowest score above .44 that is above .9 as well is the first person's.
  assert.equal(found.threshold, 1)
  assert.deepEqual(ratesOf(found.report)?.species.print, {
    n: 46,
    rate: 1 / 46,
    upper95: clopperPearson(1, 46).upper,
  })
  assert.equal(found.report.bonaFide.bpcer, 0)
})

test('too few samples, or a score that refuses too many people, give no threshold', () => {
  const people = of(undefined, ramp(50, 0, 1))
  assert.deepEqual(calibrate([...people, ...of('print', ramp(28, -1, 0))], 0.1, 0.15), {
    refused: 'too-few-samples',
    claim: { supported: false, needs: 29, short: [{ name: 'print', has: 28 }] },
  })
  const overlapping = calibrate([...people, ...of('print', ramp(29, 0, 0.5))], 0.1, 0.15)
  assert.ok('bpcer' in overlapping && overlapping.refused === 'no-separation')
  near(overlapping.bpcer, 25 / 50)
  const hopeless = calibrate([...people, ...of('print', ramp(29, 1, 5))], 0.1, 0.99)
  assert.ok('bpcer' in hopeless && hopeless.threshold === Number.POSITIVE_INFINITY && hopeless.bpcer === 1)
})

test('held out samples share no subject with the others, and are the same every time', () => {
  const samples = Array.from({ length: 60 }, (_, i) => ({
    sample: {
      path: `/p${i}`,
      line: i + 2,
      subject: `s${i % 10}`,
      ...(i % 3 === 0 ? {} : { species: `k${i % 3}` }),
    },
  }))
  const people = (list: readonly (typeof samples)[number][]) =>
    new Set(list.map(({ sample }) => sample.subject))
  const { chosen, heldOut } = split(samples, 0.3, true)
  assert.equal(people(heldOut).size, 3)
  for (const subject of people(heldOut)) assert.ok(!people(chosen).has(subject))
  assert.equal(chosen.length + heldOut.length, 60)
  assert.deepEqual(people(split(samples.toReversed(), 0.3, true).heldOut), people(heldOut))
  const plain = split(samples, 0.25, false)
  for (const species of [undefined, 'k1', 'k2'])
    assert.equal(plain.heldOut.filter(({ sample }) => sample.species === species).length, 5)
  assert.deepEqual(split(samples, 0, true).heldOut, [])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import { escapeXml, percent } from '../src/eval/det-plot.ts'
import { htmlReport } from '../src/eval/html-report.ts'
import { matchPlot } from '../src/eval/match-plot.ts'
import { reportMatch } from '../src/eval/match-report.ts'
import { parsePairs } from '../src/eval/pairs.ts'
import { claimTable, pointTable, textTable } from '../src/eval/tables.ts'

const point = (fmr: number, threshold: number) => ({
  fmr,
  threshold,
  fnmr: 0.1,
  dataset: 'd',
  mated: 10,
  nonMated: 5000,
  date: '2026-11-21',
})
/** Deterministic scores: 60 mated around 1, 400 non-mated around 0, one overlap each way. */
const trials = [
  ...Array.from({ length: 60 }, (_, i) => ({
    score: i === 0 ? -0.2 : 1 + i / 100,
    mated: true,
    weight: 1,
    a: i,
    b: i + 60,
  })),
  ...Array.from({ length: 400 }, (_, i) => ({
    score: i === 0 ? 1.2 : -i / 400,
    mated: false,
    weight: 1,
    a: i % 60,
    b: (i * 7) % 120,
  })),
]
const report = reportMatch(trials, 120, [point(0.01, 0.5), point(0.001, 2)], point(0.01, 0.5))

test('pairs are read with their columns in any order, a byte order mark and empty lines', () => {
  const text = '\uFEFFmated,b,a,note\n1, y.jpg ,x.jpg,n\n\nfalse,x.jpg,/abs/z.jpg,\nTRUE,x.jpg,y.jpg,\n'
  const { images, pairs } = parsePairs('/set/pairs.csv', text)
  assert.deepEqual(images, ['/set/x.jpg', '/set/y.jpg', '/abs/z.jpg'])
  assert.deepEqual(pairs, [
    { a: 0, b: 1, mated: true },
    { a: 2, b: 0, mated: false },
    { a: 1, b: 0, mated: true },
  ])
})

test('lists that are not pairs are refused with the place', () => {
  const cases: [string, RegExp][] = [
    ['', /columns a, b, mated/],
    ['a,b\nx,y\n', /columns a, b, mated/],
    ['a,b,mated\n', /no pairs/],
    ['a,b,mated\nx,y,maybe\n', /pair 1: mated must be 1 or 0, not "maybe"/],
    ['a,b,mated\nx,y,1\n,y,1\n', /pair 2 lacks a file name/],
    ['a,b,mated\nx,y\n', /Invalid Record Length/],
    ['a,b,mated\nx,"y,1\n', /Quote Not Closed/],
    ['a,b,mated\nx,y,constructor\n', /mated must be/],
  ]
  for (const [text, message] of cases)
    assert.throws(
      () => parsePairs('p.csv', text),
      (error: IpseError) => {
        assert.ok(error instanceof IpseError)
        assert.equal(error.code, 'invalid_request')
        assert.match(error.message, message)
        return true
      },
    )
})

test('a report counts errors at the points fixed beforehand, with exact intervals', () => {
  const [first, second] = report.operatingPoints
  assert.deepEqual(
    [first?.fmr.errors, first?.fmr.trials, first?.fnmr.errors, first?.fnmr.trials],
    [1, 400, 1, 60],
  )
  assert.equal(first?.default, true)
  assert.deepEqual([second?.fmr.errors, second?.fnmr.errors, second?.default], [0, 60, false])
  assert.ok(second && Math.abs(second.fmr.upper - (1 - 0.025 ** (1 / 400))) < 1e-12)
})

test('rates that so few pairs cannot show are marked and not claimed', () => {
  assert.deepEqual(
    report.at.map(({ target, carried, minimumNonMated }) => [target, carried, minimumNonMated]),
    [
      [0.1, true, 29],
      [0.01, true, 299],
      [0.001, false, 2995],
      [0.0001, false, 29_956],
    ],
  )
  assert.match(textTable(claimTable(report)), /0\.1 % .* no: 400 of 2995 non-mated pairs/)
  assert.match(textTable(pointTable(report)), /1 % \(default\)/)
  for (const { target, fmr } of report.at) assert.ok(fmr.value <= target)
})

test('the plot is one well-formed SVG with the curve, the points and no foreign markup', () => {
  const svg = matchPlot(report, '<script>alert(1)</script> & "x"')
  assert.ok(!svg.includes('<script'))
  assert.match(svg, /&lt;script&gt;alert\(1\)&lt;\/script&gt; &amp; &quot;x&quot;/)
  assert.equal(svg.match(/class="point/g)?.length, 2)
  assert.equal(svg.match(/class="point default"/g)?.length, 1)
  assert.match(svg, /class="unknown"/)
  assert.ok(!/NaN|Infinity|undefined/.test(svg))
  const open = svg.match(/<(svg|text|style|title|circle|rect)(\s[^>]*[^/])?>/g)?.length
  assert.equal(open, svg.match(/<\/(svg|text|style|title|circle|rect)>/g)?.length)
})

test('the staircase never leaves the frame and never goes back', () => {
  const [, path = ''] = /class="curve" d="([^"]+)"/.exec(matchPlot(report, 't')) ?? []
  let x = 0
  for (const [, letter, value] of path.matchAll(/([MHV])([\d.]+)/g)) {
    assert.ok(Number(value) >= 64 && Number(value) <= 614, value)
    if (letter === 'H') {
      assert.ok(Number(value) >= x)
      x = Number(value)
    }
  }
})

test('the page holds plot and tables and no script', () => {
  const html = htmlReport({
    title: 'Title <b>',
    notes: ['note <i>'],
    plot: matchPlot(report, 't'),
    tables: [],
  })
  assert.ok(html.includes('<svg') && html.includes('Title &lt;b&gt;') && html.includes('note &lt;i&gt;'))
  assert.ok(!/<script|<b>|<i>/.test(html))
})

test('percentages are short and never invented', () => {
  assert.deepEqual(
    [0.0001, 0.05, 1, 0, Number.NaN].map((rate) => percent(rate)),
    ['0.01 %', '5 %', '100 %', '0 %', 'unknown'],
  )
  assert.equal(escapeXml('a\u0000b'), 'a b')
})

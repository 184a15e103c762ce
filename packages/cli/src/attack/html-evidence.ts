/** What spoke against each instrument: shares of signals as a grid, distributions beside those of bona fide sessions. */
import type { SignalName } from '@ipse/protocol'
import { escapeXml, percent } from '../eval/det-plot.ts'
import type { BonaFide, Row, SignalSummary, Summary } from './results.ts'

/** What is left against a head that obeys: how known gaps read beside bona fide sessions. */
const GAP_SIGNALS: readonly SignalName[] = [
  'puppet',
  'weak-signs',
  'sensor-noise',
  'co-motion',
  'motion-naturalness',
  'micro-motion',
  'capture-device',
  'match',
]

const number = (value: number | null) => (value === null ? '–' : String(Number(value.toPrecision(3))))
const share = (value: number) => (value > 0 ? percent(value) : '')

/** Instruments down, signals across: how often each signal was below what a rule demands, or missing. */
export function evidenceGrid(rows: readonly Row[], bonaFide: BonaFide): string {
  const judged = rows.filter(({ presentations }) => presentations > 0)
  const spoke = (summary: Summary, name: string) => {
    const signal = summary.signals[name]
    return signal ? signal.failed + signal.insufficient : 0
  }
  const names = [...new Set([...judged, bonaFide].flatMap(({ signals }) => Object.keys(signals)))]
    .filter((name) => [...judged, bonaFide].some((summary) => spoke(summary, name) > 0))
    .sort()
  if (names.length === 0 || judged.length === 0)
    return '<p class="quiet">No signal failed and none was missing: refused before the evidence, or accepted.</p>'
  const line = (label: string, summary: Summary, tone: string) =>
    `<tr class="${tone}"><th scope="row">${label}</th>${names
      .map((name) => gridCell(label, name, summary.signals[name]))
      .join('')}</tr>`
  return `<div class="wide"><table class="grid-of-signals"><thead><tr><td></td>${names
    .map((name) => `<th scope="col"><span>${escapeXml(name)}</span></th>`)
    .join('')}</tr></thead><tbody>${line('bona fide', bonaFide, 'honest')}${judged
    .map((row) => line(escapeXml(row.instrument), row, row.expected === 'residual' ? 'known' : ''))
    .join('')}</tbody></table></div>`
}

function gridCell(label: string, name: string, signal: SignalSummary | undefined): string {
  const { failed = 0, insufficient = 0 } = signal ?? {}
  const strength = (value: number) => `${Math.round(100 * value)}%`
  const said = `${label}, ${name}: failed ${percent(failed)}, could not be assessed ${percent(insufficient)}`
  return `<td title="${escapeXml(said)}"><i style="height:${strength(failed)}"></i><u style="height:${strength(insufficient)}"></u></td>`
}

/** Quartiles of the signals that are left against instruments that are known gaps. */
export function gapTable(rows: readonly Row[], bonaFide: BonaFide): string {
  const gaps = rows.filter(({ expected, presentations }) => expected === 'residual' && presentations > 0)
  if (gaps.length === 0) return ''
  const parts = GAP_SIGNALS.filter((name) =>
    [bonaFide, ...gaps].some(({ signals }) => signals[name]?.assessed),
  )
  const tables = parts.map((name) => {
    const all: [string, Summary][] = [
      ['bona fide', bonaFide],
      ...gaps.map((row): [string, Summary] => [
        row.method === 'direct-client' ? row.instrument : `${row.instrument} by ${row.method}`,
        row,
      ]),
    ]
    const scale = scaleOf(all.map(([, { signals }]) => signals[name]))
    const lines = all.map(
      ([label, { signals }], i) =>
        `<tr class="${i === 0 ? 'honest' : 'known'}"><th scope="row">${escapeXml(label)}</th><td>${box(signals[name], scale)}</td><td>${quartiles(signals[name])}</td></tr>`,
    )
    return `<table class="boxes"><caption><code>${escapeXml(name)}</code></caption><tbody>${lines.join('')}</tbody></table>`
  })
  return `<section><h2>Known gaps beside bona fide sessions</h2><p class="quiet">Native measure of each signal: the middle half of the sessions, its median marked; higher is more bona fide. Where the boxes overlap, the signal cannot tell them apart.</p><div class="gaps">${tables.join('')}</div></section>`
}

/** Every signal of one cell beside bona fide sessions. */
export function evidenceTable(row: Row, bonaFide: BonaFide): string {
  const names = [...new Set([...Object.keys(row.signals), ...Object.keys(bonaFide.signals)])].sort()
  const lines = names.map((name) => {
    const [here, honest] = [row.signals[name], bonaFide.signals[name]]
    const scale = scaleOf([here, honest])
    return `<tr><td><code>${escapeXml(name)}</code></td><td>${share(here?.failed ?? 0)}</td><td>${share(here?.insufficient ?? 0)}</td><td>${number(here?.median ?? null)}</td><td>${number(honest?.median ?? null)}</td><td><span class="pair">${box(here, scale)}<span class="honest">${box(honest, scale)}</span></span></td></tr>`
  })
  return `<table><thead><tr><th>signal</th><th>failed</th><th>missing</th><th>median</th><th>bona fide</th><th>middle half</th></tr></thead><tbody>${lines.join('')}</tbody></table>`
}

interface Scale {
  readonly from: number
  readonly span: number
}

function scaleOf(signals: readonly (SignalSummary | undefined)[]): Scale {
  const values = signals.flatMap((signal) => [signal?.lower ?? [], signal?.upper ?? []].flat())
  const [from, to] = [Math.min(...values), Math.max(...values)]
  return { from, span: to > from ? to - from : 1 }
}

/** The middle half as a bar with its median, on the scale of the table. */
function box(signal: SignalSummary | undefined, { from, span }: Scale): string {
  if (signal?.lower == null || signal.upper === null || signal.median === null)
    return '<span class="box"></span>'
  const at = (value: number) => (100 * (value - from)) / span
  const left = at(signal.lower)
  return `<span class="box"><i style="left:${left.toFixed(1)}%;width:${Math.max(1, at(signal.upper) - left).toFixed(1)}%"></i><b style="left:${at(signal.median).toFixed(1)}%"></b></span>`
}

function quartiles(signal: SignalSummary | undefined): string {
  if (signal === undefined || signal.assessed === 0) return 'not assessed'
  return `${number(signal.lower)} · <b>${number(signal.median)}</b> · ${number(signal.upper)}`
}

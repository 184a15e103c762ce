/**
 * DET plot as SVG: one error rate over the other on normal-deviate axes (Martin et al., "The DET curve in assessment of
 * detection task performance", 1997). Plain numbers in, text out; colours follow the reader's light or dark scheme.
 */
import type { RatePoint } from './metrics.ts'
import { probit } from './probit.ts'

const WIDTH = 640
const HEIGHT = 640
const MARGIN = { left: 78, right: 26, top: 64, bottom: 66 }
/** Rates that get a line; the axes run from the first to the last. */
const TICKS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6]
const LEAST = TICKS[0]!
const MOST = TICKS.at(-1)!

/** A staircase of the plot. */
export interface DetCurve {
  /** In the legend, where there are several curves. */
  readonly label: string
  readonly points: readonly RatePoint[]
}

export interface DetMarker {
  readonly x: number
  readonly y: number
  readonly kind: 'eer' | 'point' | 'default'
  readonly title: string
}

export interface DetPlot {
  /** A line above the plot; may be anybody's text. */
  readonly title: string
  readonly summary: string
  /** What the markers are, after the summary; may be empty. */
  readonly key: string
  readonly axes: { readonly x: string; readonly y: string }
  readonly curves: readonly DetCurve[]
  readonly markers: readonly DetMarker[]
  /** Where the data end: the smallest rate above zero that they can show, and why. */
  readonly resolution?: { readonly rate: number; readonly title: string }
}

/** Curves beyond these repeat the colours with dashes. */
const COLOURS = 6

const STYLE = `
  svg { background: #fff; color: #1c2430; font: 13px system-ui, sans-serif }
  .grid { stroke: currentColor; stroke-opacity: .14; fill: none }
  .frame { stroke: currentColor; stroke-opacity: .6; fill: none }
  .equal { stroke: currentColor; stroke-opacity: .35; stroke-dasharray: 5 5 }
  .curve { stroke: #1257d0; stroke-width: 2.25; fill: none; stroke-linejoin: round }
  .c1 { stroke: #b3261e } .c2 { stroke: #1c7a4a } .c3 { stroke: #a86400 } .c4 { stroke: #7b3fb5 } .c5 { stroke: #0a7f8c }
  .dashed { stroke-dasharray: 6 4 }
  .unknown { fill: currentColor; fill-opacity: .06 }
  .point { fill: #fff; stroke: #b3261e; stroke-width: 2 }
  .default { fill: #b3261e }
  .eer { fill: #1257d0 }
  text { fill: currentColor }
  .small { font-size: 11px; opacity: .75 }
  .title { font-size: 16px; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    svg { background: #12161d; color: #e6eaf0 } .point { fill: #12161d } .curve { stroke: #7fb0ff }
    .c1 { stroke: #ff8a80 } .c2 { stroke: #5cc890 } .c3 { stroke: #f0b35a } .c4 { stroke: #c8a2ff } .c5 { stroke: #5fd3df } .eer { fill: #7fb0ff }
    .point { stroke: #ff8a80 } .default { fill: #ff8a80 }
  }`

function position(rate: number): number {
  return (probit(Math.min(MOST, Math.max(LEAST, rate))) - probit(LEAST)) / (probit(MOST) - probit(LEAST))
}
const atX = (fmr: number) => MARGIN.left + position(fmr) * (WIDTH - MARGIN.left - MARGIN.right)
const atY = (fnmr: number) => HEIGHT - MARGIN.bottom - position(fnmr) * (HEIGHT - MARGIN.top - MARGIN.bottom)
const px = (value: number) => value.toFixed(1)

/** 0.0005 → "0.05 %". */
export function percent(rate: number, digits = 2): string {
  return Number.isFinite(rate) ? `${Number((rate * 100).toPrecision(digits))} %` : 'unknown'
}

function axes({ x: xTitle, y: yTitle }: DetPlot['axes']): string[] {
  const [left, right] = [MARGIN.left, WIDTH - MARGIN.right]
  const [top, bottom] = [MARGIN.top, HEIGHT - MARGIN.bottom]
  const lines = TICKS.flatMap((rate) => {
    const [x, y] = [px(atX(rate)), px(atY(rate))]
    return [
      `<path class="grid" d="M${x} ${top}V${bottom}M${left} ${y}H${right}"/>`,
      `<text class="small" x="${x}" y="${bottom + 18}" text-anchor="middle">${percent(rate).replace(' %', '')}</text>`,
      `<text class="small" x="${left - 8}" y="${Number(y) + 4}" text-anchor="end">${percent(rate).replace(' %', '')}</text>`,
    ]
  })
  return [
    ...lines,
    `<path class="equal" d="M${left} ${bottom}L${right} ${top}"/>`,
    `<rect class="frame" x="${left}" y="${top}" width="${right - left}" height="${bottom - top}"/>`,
    `<text x="${(left + right) / 2}" y="${HEIGHT - 22}" text-anchor="middle">${xTitle}</text>`,
    `<text transform="translate(22 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${yTitle}</text>`,
  ]
}

/** The empirical curve is a staircase: between two thresholds nothing was measured, so nothing is interpolated. */
function staircase(curve: readonly RatePoint[]): string {
  let path = ''
  let last: { x: string; y: string } | undefined
  for (const { fmr, fnmr } of curve) {
    if (Number.isNaN(fmr) || Number.isNaN(fnmr)) continue
    const here = { x: px(atX(fmr)), y: px(atY(fnmr)) }
    if (last === undefined) path = `M${here.x} ${here.y}`
    else {
      if (here.y !== last.y) path += `V${here.y}`
      if (here.x !== last.x) path += `H${here.x}`
    }
    last = here
  }
  return path
}

/** Below one error in all trials the plot shows where the data end. */
function unknownArea(resolution: DetPlot['resolution']): string[] {
  if (resolution === undefined || !(resolution.rate > LEAST)) return []
  const [left, edge] = [MARGIN.left, atX(resolution.rate)]
  const height = HEIGHT - MARGIN.top - MARGIN.bottom
  return [
    `<rect class="unknown" x="${left}" y="${MARGIN.top}" width="${px(edge - left)}" height="${height}"><title>${escapeXml(resolution.title)}</title></rect>`,
  ]
}

function drawMarker({ x, y, kind, title }: DetMarker): string {
  const look = { eer: 'eer', point: 'point', default: 'point default' }[kind]
  return `<circle class="${look}" cx="${px(atX(x))}" cy="${px(atY(y))}" r="${kind === 'eer' ? 4 : 5}"><title>${escapeXml(title)}</title></circle>`
}

function look(index: number): string {
  const colour = index % COLOURS
  return `curve${colour === 0 ? '' : ` c${colour}`}${index < COLOURS ? '' : ' dashed'}`
}

/** Names of the curves in the upper right corner, where good curves do not come. */
function legend(curves: readonly DetCurve[]): string[] {
  if (curves.length < 2) return []
  const right = WIDTH - MARGIN.right - 12
  return curves.flatMap(({ label }, i) => {
    const y = MARGIN.top + 20 + 18 * i
    return [
      `<path class="${look(i)}" d="M${right - 26} ${y - 4}H${right}"/>`,
      `<text class="small" x="${right - 34}" y="${y}" text-anchor="end">${escapeXml(label)}</text>`,
    ]
  })
}

export function detPlot({ title, summary, key, axes: names, curves, markers, resolution }: DetPlot): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="DET curve. ${escapeXml(summary)}">`,
    `<style>${STYLE}</style>`,
    `<text class="title" x="${MARGIN.left}" y="28">${escapeXml(title)}</text>`,
    `<text class="small" x="${MARGIN.left}" y="48">${escapeXml([summary, key].filter(Boolean).join(' · '))}</text>`,
    ...unknownArea(resolution),
    ...axes(names),
    ...curves.map(({ points }, i) => `<path class="${look(i)}" d="${staircase(points)}"/>`),
    ...legend(curves),
    ...markers.filter(({ x, y }) => Number.isFinite(x + y)).map(drawMarker),
    '</svg>',
    '',
  ].join('\n')
}

export function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (letter) => entities[letter] ?? '').replace(/\p{Cc}/gu, ' ')
}

/**
 * DET plot as SVG: FNMR over FMR on normal-deviate axes (Martin et al., "The DET curve in assessment of detection task
 * performance", 1997). Plain numbers in, text out; colours follow the reader's light or dark scheme.
 */
import type { AtPoint, MatchReport } from './match-report.ts'
import type { RatePoint } from './metrics.ts'
import { probit } from './probit.ts'

const WIDTH = 640
const HEIGHT = 640
const MARGIN = { left: 78, right: 26, top: 64, bottom: 66 }
/** Rates that get a line; the axes run from the first to the last. */
const TICKS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6]
const LEAST = TICKS[0]!
const MOST = TICKS.at(-1)!

const STYLE = `
  svg { background: #fff; color: #1c2430; font: 13px system-ui, sans-serif }
  .grid { stroke: currentColor; stroke-opacity: .14; fill: none }
  .frame { stroke: currentColor; stroke-opacity: .6; fill: none }
  .equal { stroke: currentColor; stroke-opacity: .35; stroke-dasharray: 5 5 }
  .curve { stroke: #1257d0; stroke-width: 2.25; fill: none; stroke-linejoin: round }
  .unknown { fill: currentColor; fill-opacity: .06 }
  .point { fill: #fff; stroke: #b3261e; stroke-width: 2 }
  .default { fill: #b3261e }
  .eer { fill: #1257d0 }
  text { fill: currentColor }
  .small { font-size: 11px; opacity: .75 }
  .title { font-size: 16px; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    svg { background: #12161d; color: #e6eaf0 } .point { fill: #12161d } .curve { stroke: #7fb0ff } .eer { fill: #7fb0ff }
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

function axes(): string[] {
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
    `<text x="${(left + right) / 2}" y="${HEIGHT - 22}" text-anchor="middle">False match rate, %</text>`,
    `<text transform="translate(22 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">False non-match rate, %</text>`,
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

/** Below one false match in all trials the plot shows where the data end. */
function unknownArea(nonMated: number): string[] {
  if (nonMated < 1 || 1 / nonMated <= LEAST) return []
  const [left, edge] = [MARGIN.left, atX(1 / nonMated)]
  const height = HEIGHT - MARGIN.top - MARGIN.bottom
  return [
    `<rect class="unknown" x="${left}" y="${MARGIN.top}" width="${px(edge - left)}" height="${height}"><title>fewer than one false match in ${nonMated} comparisons</title></rect>`,
  ]
}

function marker({ fmr, fnmr, claimed, default: isDefault }: AtPoint): string {
  const [x, y] = [px(atX(fmr.value)), px(atY(fnmr.value))]
  const title = `operating point FMR ${claimed}: measured FMR ${percent(fmr.value)}, FNMR ${percent(fnmr.value)}`
  return `<circle class="point${isDefault ? ' default' : ''}" cx="${x}" cy="${y}" r="5"><title>${title}</title></circle>`
}

/** @param title a line above the plot; may be anybody's text */
export function detPlot(report: MatchReport, title: string): string {
  const { mated, nonMated, eer, curve, operatingPoints, auc } = report
  const summary = `${mated} mated, ${nonMated} non-mated · EER ${percent(eer)} · AUC ${auc.toFixed(4)}`
  const eerAt = Number.isFinite(eer)
    ? [
        `<circle class="eer" cx="${px(atX(eer))}" cy="${px(atY(eer))}" r="4"><title>EER ${percent(eer)}</title></circle>`,
      ]
    : []
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="DET curve. ${escapeXml(summary)}">`,
    `<style>${STYLE}</style>`,
    `<text class="title" x="${MARGIN.left}" y="28">${escapeXml(title)}</text>`,
    `<text class="small" x="${MARGIN.left}" y="48">${escapeXml(summary)} · red: operating points, filled: default</text>`,
    ...unknownArea(nonMated),
    ...axes(),
    `<path class="curve" d="${staircase(curve)}"/>`,
    ...operatingPoints.filter(({ fmr, fnmr }) => Number.isFinite(fmr.value + fnmr.value)).map(marker),
    ...eerAt,
    '</svg>',
    '',
  ].join('\n')
}

export function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (letter) => entities[letter] ?? '').replace(/\p{Cc}/gu, ' ')
}

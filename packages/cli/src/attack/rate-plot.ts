/** Accept rates with their intervals as horizontal bars, one plot for each method. Plain numbers in, SVG out. */
import { escapeXml, percent } from '../eval/det-plot.ts'
import type { Rate } from './results.ts'

export interface Bar extends Rate {
  readonly label: string
  /** `good`: nothing that must be stopped was accepted; `bad`: something was; `known`: a known gap. */
  readonly tone: 'good' | 'bad' | 'known' | 'honest'
  /** Right of the bar, for example "3 of 8". */
  readonly count: string
}

const WIDTH = 760
const LEFT = 190
const RIGHT = 130
const TOP = 8
const ROW = 26
const FOOT = 30
const BAR = 12
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]

const atX = (rate: number) => LEFT + rate * (WIDTH - LEFT - RIGHT)
const px = (value: number) => value.toFixed(1)

export function ratePlot(bars: readonly Bar[], title: string): string {
  const bottom = TOP + bars.length * ROW
  const ticks = TICKS.map(
    (tick) =>
      `<path class="grid" d="M${px(atX(tick))} ${TOP}V${bottom}"/><text class="small" x="${px(atX(tick))}" y="${bottom + 18}" text-anchor="middle">${tick === 0 ? '0' : percent(tick)}</text>`,
  )
  return [
    `<svg viewBox="0 0 ${WIDTH} ${bottom + FOOT}" width="${WIDTH}" height="${bottom + FOOT}" role="img" aria-label="${escapeXml(title)}">`,
    ...ticks,
    ...bars.map((bar, i) => drawBar(bar, TOP + i * ROW + ROW / 2)),
    '</svg>',
  ].join('\n')
}

function drawBar(bar: Bar, y: number): string {
  const { label, tone, count, rate, lower95, upper95 } = bar
  const value = Number.isFinite(rate) ? rate : 0
  const said = `${label}: ${count}, ${percent(rate)}, 95 % interval ${percent(lower95)} to ${percent(upper95)}`
  return [
    `<g class="${tone}"><title>${escapeXml(said)}</title>`,
    `<text x="${LEFT - 10}" y="${y + 4}" text-anchor="end">${escapeXml(label)}</text>`,
    `<rect class="bar" x="${LEFT}" y="${y - BAR / 2}" width="${px(Math.max(2, atX(value) - LEFT))}" height="${BAR}" rx="2"/>`,
    `<path class="whisker" d="M${px(atX(lower95))} ${y}H${px(atX(upper95))}M${px(atX(lower95))} ${y - 4}v8M${px(atX(upper95))} ${y - 4}v8"/>`,
    `<text class="count" x="${WIDTH - RIGHT + 12}" y="${y + 4}">${escapeXml(count)}</text></g>`,
  ].join('')
}

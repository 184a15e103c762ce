/** Pictures of the overview as inline SVG. Every picture has its numbers in words too: the first or the last line of it. */
import { DECISIONS, type Decision, REASONS } from '@ipse/protocol'
import { html, svg, type TemplateResult } from 'lit'
import { DECISION_NAMES, type Figures, percent, type Span } from '../figures.ts'
import { words } from '../words.ts'

/** Units of the view box; pictures grow with their card. */
const WIDTH = 640
const HEIGHT = 160
const FOOT = 20
const GAP = 4

function spanName({ from }: Span, unit: Figures['unit']): string {
  const format: Intl.DateTimeFormatOptions =
    unit === 'hour'
      ? { hour: '2-digit', minute: '2-digit' }
      : { month: 'short', day: 'numeric', timeZone: 'UTC' }
  return new Date(from).toLocaleString('en', format)
}

/** Stacked bars, one an hour or day. */
export function decisionsChart({ spans, unit, total }: Figures): TemplateResult {
  const most = Math.max(1, ...spans.map((span) => span.total))
  const step = WIDTH / spans.length
  const high = (count: number) => ((HEIGHT - FOOT) * count) / most
  const bar = (span: Span, i: number) => {
    let top = HEIGHT - FOOT
    return DECISION_NAMES.map((name) => {
      const size = high(span.decided[name])
      top -= size
      return svg`<rect class=${name} x=${i * step + GAP / 2} y=${top} width=${step - GAP} height=${size}>
        <title>${spanName(span, unit)}: ${span.decided[name]} ${name}</title>
      </rect>`
    })
  }
  return html`<svg
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      role="img"
      aria-label="Decisions by ${unit}: ${total} in all, at most ${most} in one ${unit}"
    >
      <line class="axis" x1="0" x2=${WIDTH} y1=${HEIGHT - FOOT} y2=${HEIGHT - FOOT} />
      ${spans.map(bar)} ${axis(spans, unit)}
    </svg>
    <ul class="legend">
      ${DECISION_NAMES.map(
        (name) => html`<li title=${DECISIONS[name]}>
          <svg viewBox="0 0 10 10" aria-hidden="true"><rect class=${name} width="10" height="10" rx="2" /></svg>
          ${name} <strong>${spans.reduce((sum, { decided }) => sum + decided[name], 0)}</strong>
        </li>`,
      )}
    </ul>`
}

/** The share of sessions that took more than one attempt, as a line with a point for every hour or day that had any. */
export function retryChart({ spans, unit, retried, total, attempts }: Figures): TemplateResult {
  const step = WIDTH / spans.length
  const points = spans.flatMap((span, i) =>
    span.total === 0
      ? []
      : [{ span, x: (i + 0.5) * step, y: (HEIGHT - FOOT) * (1 - span.retried / span.total) }],
  )
  return html`<svg
      viewBox="0 -6 ${WIDTH} ${HEIGHT + 6}"
      role="img"
      aria-label="Share of sessions with more than one attempt by ${unit}: ${percent(retried, total)} in all"
    >
      <line class="axis" x1="0" x2=${WIDTH} y1=${HEIGHT - FOOT} y2=${HEIGHT - FOOT} />
      <text x="0" y="6">100 %</text>
      <polyline class="line" points=${points.map(({ x, y }) => `${x},${y}`).join(' ')} />
      ${points.map(
        ({ span, x, y }) => svg`<circle class="point" cx=${x} cy=${y} r="4">
          <title>${spanName(span, unit)}: ${span.retried} of ${span.total}</title>
        </circle>`,
      )}
      ${axis(spans, unit)}
    </svg>
    <p class="muted">
      ${percent(retried, total)} took more than one attempt.
      ${attempts.map((count, i) => `${count} took ${i + 1}`).join(', ')}.
    </p>`
}

/** One bar a reason, with its meaning. */
export function reasonsChart({ reasons, total }: Figures): TemplateResult {
  if (reasons.length === 0) return html`<p class="muted">Nothing but accepted sessions, or none yet.</p>`
  const most = reasons[0]?.count ?? 1
  return html`<ul class="bars">
    ${reasons.map(
      ({ reason, count }) => html`<li title=${REASONS[reason]}>
        <span>${words(reason)}</span>
        ${bar(count / most, 'reject')}
        <span>${count} <span class="muted">${percent(count, total)}</span></span>
      </li>`,
    )}
  </ul>`
}

/** @param share of the whole width, [0, 1] */
export function bar(share: number, kind: Decision | 'plain'): TemplateResult {
  const width = 100 * Math.min(1, Math.max(0, share))
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="ground" width="100" height="8" />
    <rect class=${kind} width=${width} height="8" />
  </svg>`
}

/** The first, the middle and the last of the spans by name. */
function axis(spans: readonly Span[], unit: Figures['unit']): TemplateResult[] {
  const step = WIDTH / spans.length
  const shown = [...new Set([0, Math.floor((spans.length - 1) / 2), spans.length - 1])]
  return shown.flatMap((i) => {
    const span = spans[i]
    const anchor = i === 0 ? 'start' : i === spans.length - 1 ? 'end' : 'middle'
    const x = i === 0 ? 0 : i === spans.length - 1 ? WIDTH : (i + 0.5) * step
    return span === undefined
      ? []
      : [
          svg`<text x=${x} y=${HEIGHT - 4} text-anchor=${anchor}>${spanName(span, unit)}</text>` as TemplateResult,
        ]
  })
}

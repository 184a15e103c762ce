/** The report of a run as one HTML file: no scripts, no external resources; may be opened, mailed and archived. */
import { escapeXml, percent } from '../eval/det-plot.ts'
import { evidenceGrid, evidenceTable, gapTable } from './html-evidence.ts'
import { STYLE } from './html-style.ts'
import { type Bar, ratePlot } from './rate-plot.ts'
import type { AttackReport, BonaFide, Row } from './results.ts'
import { time } from './side-by-side.ts'
import { between, headline, LEAST_RATE_KEPT } from './text-report.ts'

export function attackPage(report: AttackReport): string {
  const { bonaFide, matrix, setting } = report
  const methods = [...new Set(matrix.map(({ method }) => method))]
  const title = 'Attack report'
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}: ${escapeXml(setting.policy)}</title><style>${STYLE}</style></head>
<body>
<header><h1>${title}</h1><p class="quiet">Policy ${escapeXml(setting.policy)} · ${escapeXml(setting.date.slice(0, 16).replace('T', ' '))} UTC</p></header>
${cards(report)}
<section class="notes"><h2>In words</h2><ul>${headline(report)
    .map((line) => `<li>${escapeXml(line)}</li>`)
    .join('')}</ul></section>
<section><h2>Bona fide sessions that were not accepted</h2>
${ratePlot([honestBar(bonaFide), ...personBars(bonaFide)], 'Bona fide rejection rates')}
${reasons(bonaFide.reasons, bonaFide.sessions)}</section>
${methods
  .map((method) => {
    const rows = matrix.filter((row) => row.method === method)
    return `<section><h2>Accepted by <code>${escapeXml(method)}</code></h2>${ratePlot(rows.map(barOf), `Accept rates by ${method}`)}</section>`
  })
  .join('\n')}
<section><h2>What spoke against them</h2><p class="quiet">Share of the presentations in which a signal was below what a rule demands (full) or could not be assessed although a rule needs it (pale). Every mark in the row of bona fide sessions is a cost.</p>
${methods
  .map(
    (method) =>
      `<h3>By <code>${escapeXml(method)}</code></h3>${evidenceGrid(
        matrix.filter((row) => row.method === method),
        bonaFide,
      )}`,
  )
  .join('\n')}</section>
${gapTable(matrix, bonaFide)}
<section><h2>Each instrument</h2><p class="quiet">Whiskers and intervals: Clopper–Pearson, 95 %. Evidence: how often each signal failed or was missing, and its native measure where it was assessed, beside that of bona fide sessions.</p>
${matrix.map((row) => details(row, bonaFide)).join('\n')}</section>
</body>
</html>
`
}

function cards({
  worst,
  worstUnexpected,
  bonaFide,
  matrix,
  cpuSecondsPerSession,
  clientCpuSecondsPerSession,
  wallSeconds,
}: AttackReport): string {
  const sessions = matrix.reduce((sum, row) => sum + row.presentations, 0) + bonaFide.sessions
  const card = (tone: string, figure: string, label: string, more: string) =>
    `<div class="card ${tone}"><strong>${escapeXml(figure)}</strong><span>${escapeXml(label)}</span><small>${escapeXml(more)}</small></div>`
  const rated = (row: { instrument: string; method: string; upper95: number }) =>
    `${row.instrument} by ${row.method}; up to ${percent(row.upper95)} at 95 %`
  return `<div class="cards">${[
    worst
      ? card(
          toneOf(worst.expected, worst.rate),
          percent(worst.rate),
          'worst instrument accepted',
          rated(worst),
        )
      : '',
    worstUnexpected
      ? card(
          toneOf('stopped', worstUnexpected.rate),
          percent(worstUnexpected.rate),
          'worst that must be stopped',
          rated(worstUnexpected),
        )
      : '',
    card(
      'honest',
      percent(bonaFide.rejected.rate),
      'bona fide rejected',
      `${bonaFide.sessions - bonaFide.accepted} of ${bonaFide.sessions}; ${between(bonaFide.rejected)}`,
    ),
    card(
      'plain',
      cpuSecondsPerSession === null ? 'unknown' : `${cpuSecondsPerSession.toFixed(2)} s`,
      'CPU of the service per session',
      `${clientCpuSecondsPerSession === null ? '' : `${clientCpuSecondsPerSession.toFixed(2)} s of the devices; `}${sessions} sessions in ${time(wallSeconds)}`,
    ),
    card(
      bonaFide.rateKept !== null && bonaFide.rateKept < LEAST_RATE_KEPT ? 'bad' : 'plain',
      bonaFide.rateKept === null ? 'unknown' : percent(bonaFide.rateKept),
      'of the frame rate kept',
      `${bonaFide.secondsPerSession.toFixed(1)} s for a bona fide capture, ${bonaFide.framesPerSecond.toFixed(1)} frames a second with pauses`,
    ),
  ].join('')}</div>`
}

function toneOf(expected: Row['expected'], rate: number): Bar['tone'] {
  if (expected === 'residual') return 'known'
  return rate > 0 ? 'bad' : 'good'
}

function barOf(row: Row): Bar {
  const gap = row.expected === 'residual' ? ' · known gap' : ''
  return {
    ...row,
    label: row.instrument,
    tone: toneOf(row.expected, row.rate),
    count: `${row.accepted} of ${row.presentations}${gap}`,
  }
}

function honestBar({ sessions, accepted, rejected }: BonaFide): Bar {
  const count = `${sessions - accepted} of ${sessions}`
  return {
    ...rejected,
    presentations: sessions,
    accepted: sessions - accepted,
    label: 'bona fide',
    tone: 'honest',
    count,
  }
}

/** Rejection rates person by person. */
function personBars({ people }: BonaFide): Bar[] {
  return people
    .filter(({ presentations }) => presentations > 0)
    .map(({ name, presentations, accepted, rate, lower95, upper95 }) => ({
      presentations,
      accepted: presentations - accepted,
      rate: 1 - rate,
      lower95: 1 - upper95,
      upper95: 1 - lower95,
      label: name,
      tone: 'honest',
      count: `${presentations - accepted} of ${presentations}`,
    }))
}

function reasons(counts: Readonly<Record<string, number>>, of: number): string {
  const all = Object.entries(counts)
  if (all.length === 0) return '<p class="quiet">No reasons: nothing was refused.</p>'
  const rows = all.map(([name, count]) => {
    const share = of > 0 ? Math.min(1, count / of) : 0
    return `<tr><td><code>${escapeXml(name)}</code></td><td class="meter"><i style="width:${(100 * share).toFixed(1)}%"></i></td><td>${count}</td></tr>`
  })
  return `<table class="reasons"><tbody>${rows.join('')}</tbody></table>`
}

function details(row: Row, bonaFide: BonaFide): string {
  const { method, instrument, accepted, presentations, variants, nonResponses } = row
  const perVariant = variants.map(
    (variant) =>
      `<tr><td>${escapeXml(variant.name)}</td><td>${variant.accepted} of ${variant.presentations}</td><td>${between(variant)}</td></tr>`,
  )
  return `<details class="${toneOf(row.expected, row.rate)}"><summary><b>${escapeXml(instrument)}</b> by ${escapeXml(method)} <span>${accepted} of ${presentations} accepted, ${between(row)}</span></summary>
<div class="columns"><div><h3>Reasons</h3>${reasons(row.reasons, presentations + nonResponses)}</div>
<div>${perVariant.length > 0 ? `<h3>Variants</h3><table><tbody>${perVariant.join('')}</tbody></table>` : ''}
<p class="quiet">${circumstances(row)}</p></div></div>
<h3>Evidence</h3><div class="wide">${evidenceTable(row, bonaFide)}</div></details>`
}

function circumstances({ secondsPerSession, rateKept, nonResponses, presentations, planned }: Row): string {
  const missing = planned - presentations - nonResponses
  return [
    Number.isFinite(secondsPerSession) ? `${secondsPerSession.toFixed(1)} s a session.` : '',
    rateKept === null ? '' : `Cameras kept ${percent(rateKept)} of the frame rate.`,
    nonResponses > 0 ? `${nonResponses} were not judged.` : '',
    missing > 0 ? `${missing} of ${planned} were not presented: the run ended before.` : '',
  ].join(' ')
}

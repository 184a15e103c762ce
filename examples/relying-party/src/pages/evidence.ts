/** Evidence of a receipt as a table: signal, how it stood, what was demanded, a bar. */
import type { ReceiptClaims } from '@ipse/client'
import { type Html, html } from './html.ts'

type Evidence = ReceiptClaims['evidence'][number]

/** Signals in everyday words; unknown ones keep their name. */
const SIGNALS: Readonly<Record<string, string>> = {
  'challenge-response': 'Movements as asked',
  'challenge-pace': 'Human reaction time',
  'single-face': 'One face in the picture',
  'identity-continuity': 'The same face throughout',
  'frame-freshness': 'No repeated pictures',
  'capture-variety': 'Not a loop',
  'frame-cadence': 'Plausible timing',
  'capture-device': 'A real camera',
  'capture-quality': 'Picture quality',
  texture: 'Surface of the face',
  match: 'The enrolled face',
}

const VERDICTS: Readonly<Record<Evidence['verdict'], string>> = {
  pass: 'pass',
  fail: 'fail',
  insufficient: 'not enough',
  reported: 'reported only',
}

function value({ measurement }: Evidence): string {
  if (measurement.status !== 'assessed') return `not assessed: ${measurement.reason}`
  return Number(measurement.native.toFixed(3)).toLocaleString('en')
}

/** Calibrated scores are in [0, 1]; quality is in [0, 100]. */
function share({ signal, measurement }: Evidence): number {
  if (measurement.status !== 'assessed') return 0
  const scale = signal === 'capture-quality' && measurement.score > 1 ? 100 : 1
  return Math.min(1, Math.max(0, measurement.score / scale))
}

function row(evidence: Evidence): Html {
  const { signal, verdict, atLeast } = evidence
  return html`<tr class="${verdict}">
    <th scope="row">${SIGNALS[signal] ?? signal}</th>
    <td><svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" width="100" height="6" rx="3"/><rect class="fill" width="${(100 * share(evidence)).toFixed(1)}" height="6" rx="3"/></svg></td>
    <td class="number">${value(evidence)}</td>
    <td class="number">${atLeast === undefined ? '' : `≥ ${Number(atLeast.toFixed(3)).toLocaleString('en')}`}</td>
    <td><span class="tag">${VERDICTS[verdict]}</span></td>
  </tr>`
}

export function evidenceTable(evidence: readonly Evidence[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Evidence"><table class="evidence">
  <thead><tr><th scope="col">Signal</th><th scope="col"><span class="hidden">Score</span></th><th scope="col">Measured</th><th scope="col">Demanded</th><th scope="col">Verdict</th></tr></thead>
  <tbody>${evidence.map(row)}</tbody>
</table></div>`
}

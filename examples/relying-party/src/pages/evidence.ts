/** Evidence of a receipt as a table: one row a signal, how it stood, what was demanded, what that may do, and why. */
import type { ReceiptClaims } from '@ipse/client'
import { type Html, html } from './html.ts'

type Evidence = ReceiptClaims['evidence'][number]

interface SignalWords {
  readonly label: string
  /** How the native value is written. */
  readonly unit?: 'percent' | 'ms' | 'of-100' | 'yes-no'
}

/** All signals in everyday words; those of a kept receipt that are none any more keep their name and number. */
const SIGNALS: Readonly<Record<string, SignalWords>> = {
  'challenge-response': { label: 'Movements as asked', unit: 'percent' },
  'challenge-pace': { label: 'Human reaction time', unit: 'ms' },
  'single-face': { label: 'One face in the picture', unit: 'percent' },
  'identity-continuity': { label: 'The same face throughout' },
  'frame-freshness': { label: 'No repeated pictures', unit: 'percent' },
  'capture-variety': { label: 'Not a loop', unit: 'percent' },
  'capture-novelty': { label: 'Not seen before', unit: 'percent' },
  'frame-cadence': { label: 'Plausible timing', unit: 'percent' },
  'capture-device': { label: 'No sign of a virtual camera', unit: 'yes-no' },
  visibility: { label: 'Nothing covers the face' },
  'capture-quality': { label: 'Picture quality', unit: 'of-100' },
  'camera-constraint': { label: 'The camera does what it is told', unit: 'yes-no' },
  'motion-naturalness': { label: 'Movements of a person' },
  planarity: { label: 'A head, not a plane' },
  'co-motion': { label: 'The head moves by itself' },
  'track-unbroken': { label: 'Turns without a cut', unit: 'percent' },
  puppet: { label: 'Not a moved photograph' },
  'weak-signs': { label: 'Weak signs together' },
  moire: { label: 'No pattern of a display' },
  'sensor-noise': { label: 'Noise of a camera' },
  'resolution-truth': { label: 'Not enlarged' },
  'double-compression': { label: 'Coded once' },
  'surface-colour': { label: 'Colour of the skin' },
  'colours-shown': { label: 'Colours on the screen', unit: 'yes-no' },
  'colour-light': { label: 'The face takes on the screen’s light' },
  'colour-relief': { label: 'The face more than its surround', unit: 'percent' },
  distance: { label: 'The depth of a head' },
  'micro-motion': { label: 'Small movements' },
  pulse: { label: 'Heartbeat' },
  specular: { label: 'Shine of the skin', unit: 'percent' },
  halftone: { label: 'No dots of a print' },
  blink: { label: 'Blinks' },
  texture: { label: 'Surface of the face' },
  attestation: { label: 'The device proved itself' },
  match: { label: 'The enrolled face' },
} satisfies Record<Evidence['signal'], SignalWords>

const VERDICTS: Readonly<Record<Evidence['verdict'], string>> = {
  fail: 'fail',
  insufficient: 'not enough',
  pass: 'pass',
  reported: 'reported only',
}
/** What a signal that does not hold may do. */
const WEIGHTS: Readonly<Record<Evidence['weight'], string>> = {
  decisive: 'rejects',
  hint: 'a person looks',
  step: 'another attempt',
  none: 'nothing',
}

/** Of several demands on a signal, the worst verdict and the heaviest weight count. */
function worst<T extends string>(worstFirst: Readonly<Record<T, string>>, found: readonly T[]): T {
  return (Object.keys(worstFirst) as T[]).find((candidate) => found.includes(candidate))!
}

function write(signal: string, value: number): string {
  const digits = (most: number) => Number(value.toFixed(most)).toLocaleString('en')
  switch (SIGNALS[signal]?.unit) {
    case 'percent':
      return `${Math.round(100 * value)} %`
    case 'ms':
      return `${Math.round(value)} ms`
    case 'of-100':
      return `${Math.round(value)} of 100`
    case 'yes-no':
      return value > 0 ? 'yes' : 'no'
    default:
      return digits(3)
  }
}

function row(entries: readonly Evidence[]): Html {
  const { signal, model, measurement } = entries[0]!
  const verdict = worst(
    VERDICTS,
    entries.map((entry) => entry.verdict),
  )
  const weight = worst(
    WEIGHTS,
    entries.map((entry) => entry.weight),
  )
  const reason = entries.find((entry) => entry.verdict === verdict)?.reason
  const demands = entries.flatMap(({ atLeast }) => (atLeast === undefined ? [] : [atLeast]))
  const score = measurement.status === 'assessed' ? Math.min(1, Math.max(0, measurement.score)) : 0
  const measured =
    measurement.status === 'assessed'
      ? write(signal, measurement.native)
      : `not assessed: ${measurement.reason}`
  return html`<tr class="${verdict}">
    <th scope="row">${SIGNALS[signal]?.label ?? signal}${model === undefined ? '' : ` (${model})`}</th>
    <td><svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" width="100" height="6" rx="3"/><rect class="fill" width="${(100 * score).toFixed(1)}" height="6" rx="3"/></svg></td>
    <td class="number">${measured}</td>
    <td class="number">${demands.length === 0 ? '' : `at least ${write(signal, Math.max(...demands))}`}</td>
    <td class="number">${WEIGHTS[weight]}</td>
    <td><span class="tag">${VERDICTS[verdict]}</span>${reason === undefined ? '' : html` <code>${reason}</code>`}</td>
  </tr>`
}

export function evidenceTable(evidence: readonly Evidence[]): Html {
  const lines = new Map<string, Evidence[]>()
  for (const line of evidence) {
    const name = `${line.signal} ${line.model ?? ''}`
    lines.set(name, [...(lines.get(name) ?? []), line])
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Evidence"><table class="evidence">
  <thead><tr><th scope="col">Signal</th><th scope="col"><span class="hidden">Score</span></th><th scope="col">Measured</th><th scope="col">Demanded</th><th scope="col">If not</th><th scope="col">Verdict</th></tr></thead>
  <tbody>${[...lines.values()].map(row)}</tbody>
</table></div>`
}

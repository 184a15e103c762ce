/** The facts of a session and its evidence: what was measured, what was asked, in words and bars. */
import {
  ASSURANCE_LEVELS,
  DECISIONS,
  EVIDENCE_WEIGHTS,
  type ExplainedEvidence,
  PARTIES,
  REASONS,
  type Session,
  VERDICTS,
  type Verdict,
} from '@ipse/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { code, figure, time, words } from '../words.ts'
import { bar } from './charts.ts'

/** A sign, a word and the colour of a bar for every verdict; colour alone says nothing. */
const LOOKS = {
  pass: ['✓', 'met', 'accept'],
  fail: ['✕', 'not met', 'reject'],
  insufficient: ['?', 'not assessed', 'retry'],
  reported: ['·', 'reported', 'plain'],
} as const satisfies Record<Verdict, readonly [string, string, string]>

/** What speaks against the session comes first. */
const ORDER: readonly Verdict[] = ['fail', 'insufficient', 'pass', 'reported']

export function sessionFacts(session: Session): TemplateResult {
  const { id, purpose, state, subject, policy, createdAt, decision, assurance, hindrance } = session
  const fact = (name: string, value: string | TemplateResult) =>
    html`<div><dt>${name}</dt><dd>${value}</dd></div>`
  return html`<dl class="facts">
    ${fact('Session', code(id))} ${fact('Created', time(createdAt))} ${fact('Purpose', purpose)}
    ${fact('Subject', subject === undefined ? 'none named' : code(subject))}
    ${fact('Policy', `${policy.name}, version ${policy.version}`)} ${fact('State', state)}
    ${fact('Decision', decision === undefined ? 'none yet' : html`${words(decision)}. <span class="muted">${DECISIONS[decision]}</span>`)}
    ${fact('Assurance', html`${assurance}. <span class="muted">${ASSURANCE_LEVELS[assurance]}</span>`)}
    ${hindrance === undefined ? nothing : fact('Hindrance', html`${words(hindrance.code)}, ${time(hindrance.at)}`)}
  </dl>`
}

export function reasonsView({ reasons }: Pick<Session, 'reasons'>): TemplateResult | typeof nothing {
  if (reasons.length === 0) return nothing
  return html`<ul class="reasons">
    ${reasons.map((reason) => html`<li><strong>${words(reason)}</strong> ${REASONS[reason]}</li>`)}
  </ul>`
}

export function attemptsView({ attempts }: Session): TemplateResult | typeof nothing {
  if (attempts.length === 0) return nothing
  return html`<ol class="attempts">
    ${attempts.map(
      ({ startedAt, decision = 'not decided', asked, frames }) =>
        html`<li>
          ${time(startedAt)}: ${decision}, ${frames} frames${asked.length === 0 ? '' : `, asked ${asked.join(', ')}`}
        </li>`,
    )}
  </ol>`
}

/** What the device and the subject did before, and what stands in their way. */
export function conductView({ conduct }: Session): TemplateResult | typeof nothing {
  if (conduct === undefined) return nothing
  const { deviceScore, bruteForce, flaggedSessions, barriers } = conduct
  return html`<ul class="reasons">
    ${deviceScore === undefined ? nothing : html`<li>Abuse score of the device: <strong>${figure(deviceScore)}</strong></li>`}
    ${bruteForce ? html`<li><strong>Brute force</strong> Attacks of different kinds or on different subjects within a day.</li>` : nothing}
    ${flaggedSessions.length === 0 ? nothing : html`<li>${flaggedSessions.length} other sessions of the device were flagged.</li>`}
    ${barriers.map(
      ({ code: barrier, party, until }) =>
        html`<li>
          <strong>${words(barrier)}</strong> ${PARTIES[party]}
          ${until === undefined ? 'Until a person lifts it.' : html`Until ${time(until)}.`}
        </li>`,
    )}
  </ul>`
}

export function evidenceView({ evidence }: Pick<Session, 'evidence'>): TemplateResult {
  if (evidence.length === 0)
    return html`<p class="muted">Nothing was measured: no capture came to its end.</p>`
  const sorted = evidence.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict))
  return html`<ul class="evidence">
    ${sorted.map(line)}
  </ul>`
}

function line(given: ExplainedEvidence): TemplateResult {
  const { signal, model, measurement, verdict, weight, reason, meaning } = given
  const [sign, word, kind] = LOOKS[verdict]
  const score = measurement.status === 'assessed' ? measurement.score : 0
  return html`<li class=${verdict}>
    <span class="sign" aria-hidden="true">${sign}</span>
    <div>
      <h3>${words(signal)}${model === undefined ? '' : ` (${model})`}</h3>
      <p class="muted">${meaning}</p>
      ${reason === undefined ? nothing : html`<p>${REASONS[reason]} ${EVIDENCE_WEIGHTS[weight]}</p>`}
    </div>
    <div class="measure">
      <span title=${VERDICTS[verdict]}>${word}</span>
      ${bar(score, kind)}
      <span class="muted">${measured(given)}</span>
    </div>
  </li>`
}

function measured({ measurement, atLeast, fmr, apcer }: ExplainedEvidence): string {
  const found =
    measurement.status === 'assessed'
      ? figure(measurement.native)
      : `none: ${measurement.reason.replaceAll('-', ' ')}`
  const asked = atLeast === undefined ? '' : `, at least ${figure(atLeast)}`
  const rate =
    fmr !== undefined ? ` (FMR ${figure(fmr)})` : apcer !== undefined ? ` (APCER ${figure(apcer)})` : ''
  return `${found}${asked}${rate}`
}

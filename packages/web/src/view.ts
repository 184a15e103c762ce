/** The screen for every phase of the flow, as templates. No state and no side effects; the element hands in the actions. */
import { html, nothing, type TemplateResult } from 'lit'
import { stepDot, stepGesture, stepLight, stepSide, stepText } from './challenge/index.ts'
import { canStart, type Flow, isRunning, type Phase } from './flow.ts'
import { head, icon, type Mark, mark, stageOverlay } from './graphics.ts'
import { fill } from './strings/index.ts'
import { PROBLEM_OF, type Strings } from './strings/strings.ts'

export interface ViewActions {
  start(): void
  cancel(): void
  consent(given: boolean): void
  consentSlot(event: Event): void
  colours(agreed: boolean): void
  passkey(use: boolean): void
}

export interface ViewInput {
  readonly flow: Flow
  readonly strings: Strings
  readonly language: string
  readonly simulated: boolean
  /** The person wants less motion: going on without colours is offered first. */
  readonly calm: boolean
  readonly actions: ViewActions
}

/** The persistent frame: live regions exist from the start, so that screen readers hear what is put into them. */
export function view(input: ViewInput): TemplateResult {
  const { flow, strings, language, simulated } = input
  const alert = flow.phase.name === 'error' ? headingText(flow.phase, strings) : ''
  const light = flow.phase.name === 'capture' ? stepLight(flow.phase.step) : undefined
  return html`<section part="frame" class="frame ${flow.phase.name} ${light ? `light-${light}` : ''}" lang=${language} aria-label=${strings.title}>
    ${simulated ? html`<p part="simulated" class="badge">${strings.simulated}</p>` : nothing}
    ${flow.phase.name === 'intro' ? intro(input) : isRunning(flow) ? stage(input) : settled(input)}
    <p class="spoken" role="status" aria-live="polite">${spokenText(flow.phase, strings)}</p>
    <p class="spoken" role="alert">${alert}</p>
  </section>`
}

/** What a phase is called: the one heading, which gets the focus when the phase begins. */
export function headingText(phase: Phase, strings: Strings): string {
  switch (phase.name) {
    case 'intro':
      return strings.title
    case 'permission':
      return strings.permission.title
    case 'connecting':
      return strings.connecting
    case 'notice':
      return strings.colours.title
    case 'capture':
      return strings.steps[stepText(phase.step)]
    case 'passkey':
      return strings.passkey[phase.ceremony].title
    case 'checking':
      return strings.checking.title
    case 'outcome':
      return strings.outcomes[phase.outcome].title
    case 'error':
      return strings.problems[PROBLEM_OF[phase.code]].title
  }
}

/** The line below: the live hint during a capture, advice otherwise. */
export function adviceText(phase: Phase, strings: Strings): string {
  switch (phase.name) {
    case 'permission':
      return strings.permission.advice
    case 'notice':
      return strings.colours.advice
    case 'capture':
      return phase.hints.shown ? strings.guidance[phase.hints.shown] : ''
    case 'passkey':
      return phase.state === 'missed' ? strings.passkey.missed : strings.passkey[phase.ceremony].advice
    case 'checking':
      return strings.checking.advice
    case 'outcome':
      return strings.outcomes[phase.outcome].advice
    case 'error':
      return strings.problems[PROBLEM_OF[phase.code]].advice
    default:
      return ''
  }
}

/** What is read aloud: the instruction, then each hint that lasts. Headings that get the focus are read anyway. */
export function spokenText(phase: Phase, strings: Strings): string {
  if (phase.name === 'capture') return adviceText(phase, strings) || headingText(phase, strings)
  if (phase.name === 'passkey') return phase.state === 'missed' ? strings.passkey.missed : ''
  if (phase.name === 'checking') return `${headingText(phase, strings)}. ${adviceText(phase, strings)}`
  return ''
}

function heading(text: string): TemplateResult {
  return html`<h2 part="heading" class="heading" tabindex="-1">${text}</h2>`
}

function intro({ flow, strings, actions }: ViewInput): TemplateResult {
  const asked = flow.consent !== 'not-asked'
  return html`<div class="intro">
    <div class="hero">${head(undefined)}</div>
    ${heading(strings.title)}
    <slot name="intro">
      <ul class="expect">
        <li>${icon('light')}<span>${strings.expect.light}</span></li>
        <li>${icon('follow')}<span>${strings.expect.follow}</span></li>
        <li>${icon('time')}<span>${strings.expect.time}</span></li>
      </ul>
    </slot>
    <div class="consent" ?hidden=${!asked}>
      <div id="consent-text" class="consent-text"><slot name="consent" @slotchange=${actions.consentSlot}></slot></div>
      <label class="agree">
        <input
          type="checkbox"
          aria-describedby="consent-text"
          .checked=${flow.consent === 'given'}
          @change=${(event: Event) => actions.consent((event.target as HTMLInputElement).checked)}
        />
        <span>${strings.agree}</span>
      </label>
    </div>
    <div class="buttons">
      <button part="button primary" class="primary" type="button" ?disabled=${!canStart(flow)} @click=${actions.start}>
        ${strings.start}
      </button>
    </div>
  </div>`
}

function stage(input: ViewInput): TemplateResult {
  const { flow, strings, actions } = input
  const { phase } = flow
  const step = phase.name === 'capture' ? phase.step : undefined
  const side = step && stepSide(step)
  const hint = phase.name === 'capture' ? phase.hints.shown : undefined
  const good = hint === 'well-done'
  return html`<div class="capture">
    <div class="instruction">
      ${step ? head(stepGesture(step)) : nothing}
      ${heading(headingText(phase, strings))}
    </div>
    <div part="stage" class="stage">
      <video part="video" class="mirrored" playsinline muted autoplay aria-label=${strings.picture}></video>
      ${stageOverlay({
        progress: phase.name === 'capture' ? phase.progress : undefined,
        side,
        dot: step && stepDot(step),
        good,
      })}
    </div>
    <p part="hint" class="hint ${good ? 'good' : ''}">${adviceText(phase, strings)}</p>
    ${phase.name === 'notice' ? colourChoice(input) : nothing}
    ${phase.name === 'passkey' ? passkeyChoice(phase, input) : nothing}
    <div class="foot">
      ${phase.name === 'capture' ? dots(phase, strings) : html`<span></span>`}
      <button part="button" type="button" class="quiet" @click=${actions.cancel}>${strings.cancel}</button>
    </div>
  </div>`
}

/** Both answers lead on; the calmer one comes first for people who want less motion. */
function colourChoice({ strings, calm, actions }: ViewInput): TemplateResult {
  const answer = (agreed: boolean, text: string) =>
    html`<button
      part=${agreed === calm ? 'button' : 'button primary'}
      class=${agreed === calm ? '' : 'primary'}
      type="button"
      @click=${() => actions.colours(agreed)}
    >${text}</button>`
  const show = answer(true, strings.colours.show)
  const skip = answer(false, strings.colours.skip)
  return html`<div class="buttons">${calm ? [skip, show] : [show, skip]}</div>`
}

function passkeyChoice(
  { ceremony, state }: Extract<Phase, { name: 'passkey' }>,
  { strings, actions }: ViewInput,
): TemplateResult {
  const busy = state === 'busy'
  return html`<div class="buttons">
    <button part="button primary" class="primary" type="button" ?disabled=${busy} @click=${() => actions.passkey(true)}>
      ${strings.passkey[ceremony].use}
    </button>
    <button part="button" type="button" ?disabled=${busy} @click=${() => actions.passkey(false)}>
      ${strings.passkey.skip}
    </button>
  </div>`
}

function dots(phase: Extract<Phase, { name: 'capture' }>, strings: Strings): TemplateResult {
  const label = fill(strings.progress, { step: phase.index + 1, steps: phase.steps })
  return html`<div class="dots" role="img" aria-label=${label}>
    ${Array.from(
      { length: phase.steps },
      (_, i) => html`<i class=${i < phase.index ? 'done' : i === phase.index ? 'now' : ''}></i>`,
    )}
  </div>`
}

function settled({ flow, strings, actions }: ViewInput): TemplateResult {
  const { phase } = flow
  const kind: Mark = phase.name === 'outcome' ? phase.outcome : 'problem'
  const hint = phase.name === 'outcome' && phase.outcome === 'retry' ? phase.hint : undefined
  const passed = phase.name === 'outcome' && phase.outcome === 'pass'
  return html`<div class="settled">
    ${mark(kind)}
    ${heading(headingText(phase, strings))}
    <p part="advice" class="advice">${adviceText(phase, strings)}</p>
    ${hint ? html`<p class="hint">${strings.guidance[hint]}</p>` : nothing}
    ${attempts(flow, strings)}
    <div class="buttons">
      ${
        canStart(flow)
          ? html`<button part="button primary" class="primary" type="button" @click=${actions.start}>${strings.again}</button>`
          : nothing
      }
      ${
        passed
          ? nothing
          : html`<button part="button" class="quiet" type="button" @click=${actions.cancel}>${strings.close}</button>`
      }
    </div>
  </div>`
}

function attempts({ phase }: Flow, strings: Strings): TemplateResult | typeof nothing {
  if (phase.name !== 'outcome' || phase.outcome !== 'retry' || phase.attemptsLeft < 1) return nothing
  const text =
    phase.attemptsLeft === 1 ? strings.lastAttempt : fill(strings.attemptsLeft, { n: phase.attemptsLeft })
  return html`<p class="attempts">${text}</p>`
}

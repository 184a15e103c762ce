/** One review: what the device did, session by session with the evidence, and the decision. */
import {
  type DecidedReview,
  type Review,
  type ReviewDecision,
  type Session,
  SPOOF_TYPES,
} from '@ipse/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { ask } from '../api.ts'
import '../parts/once.ts'
import { attemptsView, evidenceView, reasonsView, sessionFacts } from '../parts/evidence.ts'
import { hrefOf } from '../route.ts'
import { Screen } from '../screen.ts'
import { code, figure, time, words } from '../words.ts'
import { readReviews } from './reviews.ts'

/** Least and most letters of a reason, as the service takes it. */
const LEAST_REASON = 3
const MOST_REASON = 500
/** Sessions that are opened with their evidence; the others are linked. */
const MOST_SESSIONS = 5

/** What each decision does, in the words of who decides. */
const CHOICES = {
  allow: [
    'Allow',
    'The device begins anew under a fresh correlation id, which you hand to the relying party.',
  ],
  block: ['Keep blocked', 'No session of this device begins.'],
} as const satisfies Record<ReviewDecision, readonly [string, string]>

export class ReviewScreen extends Screen {
  static override properties = {
    ...Screen.properties,
    review: { state: true },
    sessions: { state: true },
    fresh: { state: true },
  }

  declare private review: Review | undefined
  declare private sessions: readonly Session[] | undefined
  /** The device's new correlation id, right after it was allowed. */
  declare private fresh: string | undefined

  protected override async load(): Promise<void> {
    const reviews = (await Promise.all([readReviews('open'), readReviews('decided')])).flat()
    this.review = reviews.find(({ id }) => id === this.item)
    if (!this.review) throw new Error('There is no such review among the newest ones.')
    const shown = this.review.sessions.slice(0, MOST_SESSIONS)
    this.sessions = this.may('session:read')
      ? await Promise.all(shown.map((id) => ask<Session>('GET', `/v1/sessions/${id}`)))
      : []
  }

  override render(): TemplateResult {
    const { review, sessions } = this
    return html`<p><a href=${hrefOf({ screen: 'reviews' })}>All reviews</a></p>
      ${this.heading('Review')}
      ${
        review === undefined
          ? nothing
          : html`${this.summary(review)} ${this.once()} ${this.verdict(review)}
            ${sessions === undefined ? html`<p class="muted">One moment …</p>` : sessions.map((session, i) => sessionCard(session, i === 0))}
            ${this.others(review)}`
      }`
  }

  private summary({ id, createdAt, score, bruteForce, spoofTypes, sessions }: Review): TemplateResult {
    return html`<section class="card" aria-label="What was seen">
      <h2>What was seen</h2>
      <dl class="facts">
        <div><dt>Review</dt><dd>${code(id)}</dd></div>
        <div><dt>Blocked</dt><dd>${time(createdAt)}</dd></div>
        <div><dt>Abuse score</dt><dd>${figure(score)}</dd></div>
        <div><dt>Flagged sessions</dt><dd>${sessions.length}</dd></div>
      </dl>
      <ul class="reasons">
        ${spoofTypes.map((type) => html`<li><strong>${words(type)}</strong> ${SPOOF_TYPES[type]}</li>`)}
        ${bruteForce ? html`<li><strong>Brute force</strong> Different kinds, or different subjects, within a day.</li>` : nothing}
      </ul>
    </section>`
  }

  private once(): TemplateResult | typeof nothing {
    if (this.fresh === undefined) return nothing
    return html`<ipse-once
      .label=${'Fresh correlation id'}
      .advice=${'Hand it to the relying party: it stores this for the device from now on. It is shown this once.'}
      .value=${this.fresh}
    ></ipse-once>`
  }

  private verdict(review: Review): TemplateResult | typeof nothing {
    const { decision, reason, decidedAt, decidedBy } = review
    if (decision !== undefined)
      return html`<section class="card" aria-label="Decision">
        <h2>Decided: ${CHOICES[decision][0].toLowerCase()}</h2>
        <p>${reason}</p>
        <p class="muted">${time(decidedAt)}${decidedBy === undefined ? nothing : html`, by ${code(decidedBy)}`}</p>
      </section>`
    if (!this.may('review:decide')) return html`<p class="muted">Your roles let you read, not decide.</p>`
    return html`<form class="card" aria-label="Decision" @submit=${(event: SubmitEvent) => this.decide(event)}>
      <h2>Decision</h2>
      <fieldset>
        <legend>What happens to the device</legend>
        ${Object.entries(CHOICES).map(
          ([value, [name, effect]]) => html`<label class="choice">
            <input type="radio" name="decision" value=${value} required />
            <span><strong>${name}</strong><br /><span class="muted">${effect}</span></span>
          </label>`,
        )}
      </fieldset>
      <label>
        Why
        <textarea name="reason" rows="3" required minlength=${LEAST_REASON} maxlength=${MOST_REASON} aria-describedby="reason-help"></textarea>
      </label>
      <p id="reason-help" class="muted">It is kept with the review and in the audit log. No personal data, please.</p>
      <div><button class="primary" ?disabled=${this.busy}>Decide</button></div>
    </form>`
  }

  private others({ sessions }: Review): TemplateResult | typeof nothing {
    const rest = sessions.slice(this.sessions?.length ?? MOST_SESSIONS)
    if (rest.length === 0) return nothing
    return html`<section class="card" aria-label="Further sessions">
      <h2>Further sessions</h2>
      <ul class="reasons">
        ${rest.map((id) => html`<li><a href=${hrefOf({ screen: 'sessions', item: id })}>${code(id)}</a></li>`)}
      </ul>
    </section>`
  }

  private decide(event: SubmitEvent): void {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    const body = { decision: form.get('decision'), reason: String(form.get('reason')).trim() }
    void this.work(async () => {
      const answer = await ask<DecidedReview>('POST', `/v1/reviews/${this.item}/decision`, body)
      const { deviceCorrelationId, ...review } = answer
      this.review = review
      this.fresh = deviceCorrelationId
    }, 'The decision is made.')
  }
}

function sessionCard(session: Session, open: boolean): TemplateResult {
  return html`<section class="card" aria-label="Session ${session.id}">
    <h2><a href=${hrefOf({ screen: 'sessions', item: session.id })}>${code(session.id)}</a></h2>
    ${sessionFacts(session)} ${reasonsView(session)} ${attemptsView(session)}
    <details ?open=${open}>
      <summary>Evidence</summary>
      ${evidenceView(session)}
    </details>
  </section>`
}

customElements.define('ipse-review', ReviewScreen)

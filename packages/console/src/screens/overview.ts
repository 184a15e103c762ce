/** How the service is doing, in pictures: the newest sessions, counted in this browser. */
import type { Review } from '@ipse/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { ask, type Items, newest } from '../api.ts'
import { type Counted, countSessions, type Figures, percent } from '../figures.ts'
import { decisionsChart, reasonsChart, retryChart } from '../parts/charts.ts'
import { hrefOf } from '../route.ts'
import { Screen } from '../screen.ts'

/** Sessions that the pictures are drawn from at most. */
const MOST_SESSIONS = 500

/** @fires add-passkey - The person wants a second one. */
export class Overview extends Screen {
  static override properties = { ...Screen.properties, figures: { state: true }, waiting: { state: true } }

  declare private figures: Figures | undefined
  /** Open reviews; the first page is enough to say that there are some. */
  declare private waiting: number | undefined

  protected override async load(): Promise<void> {
    await Promise.all([this.readSessions(), this.readReviews()])
  }

  private async readSessions(): Promise<void> {
    if (!this.may('session:read')) return
    const sessions = await newest<Counted>('/v1/sessions', MOST_SESSIONS)
    this.figures = countSessions(sessions, Date.now())
  }

  private async readReviews(): Promise<void> {
    if (!this.may('review:read')) return
    this.waiting = (await ask<Items<Review>>('GET', '/v1/reviews?limit=100')).items.length
  }

  override render(): TemplateResult {
    return html`${this.heading('Overview')} ${this.secondPasskey()} ${this.reviews()}
    ${this.figures === undefined ? nothing : this.pictures(this.figures)}`
  }

  private reviews(): TemplateResult | typeof nothing {
    const { waiting } = this
    if (waiting === undefined) return nothing
    return html`<section class="card notice" aria-label="Waiting for a review">
      <div>
        <h2>${waiting === 0 ? 'No review waits' : `${waiting} ${waiting === 1 ? 'device waits' : 'devices wait'} for a review`}</h2>
        <p class="muted">A device that attacked again and again is blocked until a person has looked at it.</p>
      </div>
      <a class="button" href=${hrefOf({ screen: 'reviews' })}>Reviews</a>
    </section>`
  }

  private pictures(figures: Figures): TemplateResult {
    const { seen, total, accepted, unit } = figures
    const card = (title: string, content: TemplateResult) =>
      html`<section class="card" aria-label=${title}><h2>${title}</h2>${content}</section>`
    return html`<p class="muted">
        Of the newest ${seen} sessions ${total} were decided, ${percent(accepted, total)} of them accepted.
        Counted by ${unit === 'hour' ? 'the hour' : 'day of universal time'}.
      </p>
      ${card('Decisions', decisionsChart(figures))}
      <div class="pair">
        ${card('Reasons', reasonsChart(figures))} ${card('Retries', retryChart(figures))}
      </div>`
  }

  private secondPasskey(): TemplateResult | typeof nothing {
    const { passkeys, oidc } = this.me
    if (passkeys.length >= 2 || oidc) return nothing
    return html`<section class="card notice" aria-label="Passkeys">
      <div>
        <h2>Add a second passkey</h2>
        <p class="muted">
          You have ${passkeys.length === 1 ? 'one' : 'none'}. If that device is lost, somebody else has to invite you
          again. Use another device or a security key.
        </p>
      </div>
      <button ?disabled=${this.busy} @click=${() => this.dispatchEvent(new Event('add-passkey', { bubbles: true, composed: true }))}>
        Add a passkey
      </button>
    </section>`
  }
}

customElements.define('ipse-overview', Overview)

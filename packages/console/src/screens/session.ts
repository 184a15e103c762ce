/** One session: its facts, its evidence with reasons, and what stands in the way of its subject. */
import type { Session } from '@ipse/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { ask } from '../api.ts'
import { attemptsView, conductView, evidenceView, reasonsView, sessionFacts } from '../parts/evidence.ts'
import { hrefOf } from '../route.ts'
import { Screen } from '../screen.ts'
import '../parts/sure.ts'
import { unlockSubject } from './lockouts.ts'

export class SessionScreen extends Screen {
  static override properties = { ...Screen.properties, session: { state: true } }

  declare private session: Session | undefined

  protected override async load(): Promise<void> {
    this.session = await ask<Session>('GET', `/v1/sessions/${this.item}`)
  }

  override render(): TemplateResult {
    const { session } = this
    const card = (title: string, content: unknown) =>
      content === nothing
        ? nothing
        : html`<section class="card" aria-label=${title}><h2>${title}</h2>${content}</section>`
    return html`<p><a href=${hrefOf({ screen: 'sessions' })}>All sessions</a></p>
      ${this.heading('Session')}
      ${
        session === undefined
          ? nothing
          : html`${card('Facts', sessionFacts(session))} ${card('Reasons', reasonsView(session))}
            ${card('Attempts', attemptsView(session))} ${card('Device and subject', this.conduct(session))}
            ${card('Evidence', evidenceView(session))}`
      }`
  }

  private conduct(session: Session): TemplateResult | typeof nothing {
    const { conduct, subject } = session
    if (conduct === undefined) return nothing
    const locked = conduct.barriers.some(({ party }) => party === 'subject')
    return html`${conductView(session)}
    ${
      locked && subject !== undefined && this.may('device:reset')
        ? html`<ipse-sure
            .label=${'Unlock'}
            .what=${'this subject'}
            .consequence=${'All failed attempts of this subject are forgotten.'}
            .disabled=${this.busy}
            @sure=${() =>
              void this.work(async () => {
                await unlockSubject(subject)
                await this.load()
              }, 'The subject is unlocked.')}
          ></ipse-sure>`
        : nothing
    }`
  }
}

customElements.define('ipse-session', SessionScreen)

/** Who is locked out, and lifting it: of a subject or a device that the relying party names. A block is left to its review. */
import { type Lockout, PARTIES } from '@ipse/protocol'
import { html, type TemplateResult } from 'lit'
import { ask, type Items } from '../api.ts'
import '../parts/sure.ts'
import { type Cell, tableView } from '../parts/table.ts'
import { hrefOf } from '../route.ts'
import { Screen } from '../screen.ts'
import { code, time, words } from '../words.ts'

/** Forgets the failures of a subject. @throws Refused */
export async function unlockSubject(subject: string): Promise<void> {
  await ask('POST', `/v1/subjects/${encodeURIComponent(subject)}/unlock`)
}

export class Lockouts extends Screen {
  static override properties = { ...Screen.properties, lockouts: { state: true } }

  declare private lockouts: readonly Lockout[] | undefined

  protected override async load(): Promise<void> {
    this.lockouts = (await ask<Items<Lockout>>('GET', '/admin/lockouts')).items
  }

  override render(): TemplateResult {
    return html`${this.heading('Lock-outs', 'After too many failures nobody tries again for a while. Make sure who asks before you lift that.')}
      ${tableView(
        {
          title: 'Locked out now',
          empty: 'Nobody is locked out.',
          head: ['Who', 'Why', 'Since', 'Until', 'Session', 'Action'],
          row: (lockout: Lockout) => this.row(lockout),
        },
        this.lockouts,
      )}
      ${this.form('Unlock a subject', 'subject', 'Name of the subject, as the relying party calls it', '[A-Za-z0-9._:@\\-]{1,128}', 'Failed attempts are forgotten.', unlockSubject)}
      ${this.form('Unlock a device', 'device', 'Correlation id of the device', '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}', 'Failed attempts are forgotten; a block stays.', unlockDevice)}
<p class="muted">
        Blocked devices wait among the <a href=${hrefOf({ screen: 'reviews' })}>Reviews</a>. Keys and networks are let in again by
        time alone.
      </p>`
  }

  private row({ party, code: why, since, until, sessionId, subject }: Lockout): readonly Cell[] {
    return [
      subject === undefined
        ? html`<span title=${PARTIES[party]}>a ${words(party).toLowerCase()}</span>`
        : code(subject),
      words(why),
      time(since),
      time(until, 'until a person lifts it'),
      this.may('session:read')
        ? html`<a href=${hrefOf({ screen: 'sessions', item: sessionId })}>${code(sessionId)}</a>`
        : code(sessionId),
      subject === undefined
        ? '–'
        : html`<ipse-sure
            .label=${'Unlock'}
            .what=${`subject ${subject}`}
            .consequence=${'All failed attempts of this subject are forgotten.'}
            .disabled=${this.busy}
            @sure=${() =>
              void this.work(async () => {
                await unlockSubject(subject)
                await this.load()
              }, `${subject} is unlocked.`)}
          ></ipse-sure>`,
    ]
  }

  private form(
    title: string,
    name: string,
    label: string,
    pattern: string,
    advice: string,
    unlock: (value: string) => Promise<void>,
  ): TemplateResult {
    const submit = (event: SubmitEvent) => {
      event.preventDefault()
      const form = event.target as HTMLFormElement
      const value = String(new FormData(form).get(name)).trim()
      void this.work(async () => {
        await unlock(value)
        form.reset()
        await this.load()
      }, 'Unlocked, if there was anything to unlock.')
    }
    return html`<form class="card" aria-label=${title} @submit=${submit}>
      <h2>${title}</h2>
      <label>${label}<input name=${name} required pattern=${pattern} autocomplete="off" spellcheck="false" /></label>
      <p class="muted">${advice}</p>
      <div><button class="primary" ?disabled=${this.busy}>${title}</button></div>
    </form>`
  }
}

async function unlockDevice(deviceCorrelationId: string): Promise<void> {
  await ask('POST', '/v1/devices/unlock', { deviceCorrelationId })
}

customElements.define('ipse-lockouts', Lockouts)

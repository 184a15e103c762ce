/** Lifting a lock-out: of a subject or a device that the relying party names. A block is left to its review. */
import { html, type TemplateResult } from 'lit'
import { ask } from '../api.ts'
import { hrefOf } from '../route.ts'
import { Screen } from '../screen.ts'

/** Forgets the failures of a subject. @throws Refused */
export async function unlockSubject(subject: string): Promise<void> {
  await ask('POST', `/v1/subjects/${encodeURIComponent(subject)}/unlock`)
}

export class Lockouts extends Screen {
  protected override async load(): Promise<void> {}

  override render(): TemplateResult {
    return html`${this.heading('Lock-outs', 'After too many failures nobody tries again for a while. Make sure who asks before you lift that.')}
      ${this.form('Unlock a subject', 'subject', 'Name of the subject, as the relying party calls it', '[A-Za-z0-9._:@\\-]{1,128}', 'Failed attempts are forgotten.', unlockSubject)}
      ${this.form('Unlock a device', 'device', 'Correlation id of the device', '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}', 'Failed attempts are forgotten; a block stays.', unlockDevice)}
      <p class="muted">
        Whether somebody is locked out stands with each of the person’s sessions:
        <a href=${hrefOf({ screen: 'sessions' })}>Sessions</a>. Blocked devices wait among the
        <a href=${hrefOf({ screen: 'reviews' })}>Reviews</a>.
      </p>`
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

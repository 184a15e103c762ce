/** Who runs Ipse for the tenant: invited with a link that works once, and disabled. */
import { html, nothing, type TemplateResult } from 'lit'
import { ask, type Items, type Named, type PersonRow } from '../api.ts'
import '../parts/once.ts'
import '../parts/sure.ts'
import { choices, chosen, textOf } from '../parts/forms.ts'
import { type Cell, tableView } from '../parts/table.ts'
import { Screen } from '../screen.ts'

export class People extends Screen {
  static override properties = {
    ...Screen.properties,
    people: { state: true },
    roles: { state: true },
    link: { state: true },
  }

  declare private people: readonly PersonRow[] | undefined
  declare private roles: readonly Named[] | undefined
  declare private link: string | undefined

  protected override async load(): Promise<void> {
    const { items, roles } = await ask<Items<PersonRow> & { roles: readonly Named[] }>('GET', '/admin/people')
    this.people = items
    this.roles = roles
  }

  override render(): TemplateResult {
    return html`${this.heading('People', 'Everybody who can sign in to this console.')} ${this.once()}
    ${tableView(
      {
        title: 'People',
        empty: 'Nobody is here but you.',
        head: ['Name', 'Roles', 'State', 'Passkeys', 'Action'],
        row: (person: PersonRow) => this.row(person),
      },
      this.people,
    )}
    ${this.may('people:manage') && this.roles ? this.form(this.roles) : nothing}`
  }

  private row({ id, name, roles, state, passkeys }: PersonRow): readonly Cell[] {
    const disable = html`<ipse-sure
      .label=${'Disable'}
      .what=${name}
      .consequence=${'Every sign-in of this person ends now.'}
      .disabled=${this.busy}
      @sure=${() => void this.work(() => this.disable(id), `${name} is disabled.`)}
    ></ipse-sure>`
    const may = state !== 'disabled' && this.may('people:manage')
    return [name, roles.join(', '), state, String(passkeys), may ? disable : '–']
  }

  private once(): TemplateResult | typeof nothing {
    if (this.link === undefined) return nothing
    return html`<ipse-once
      .label=${'Invitation'}
      .advice=${'Send this link to the person on a way that you trust. It works once, within a day, and is shown this once.'}
      .value=${this.link}
    ></ipse-once>`
  }

  private form(roles: readonly Named[]): TemplateResult {
    return html`<form class="card" aria-label="Invite somebody" @submit=${(event: SubmitEvent) => this.invite(event)}>
      <h2>Invite somebody</h2>
      <label>Name<input name="name" required maxlength="64" autocomplete="off" /></label>
      ${choices('Roles', 'roles', roles)}
      <div><button class="primary" ?disabled=${this.busy}>Invite</button></div>
    </form>`
  }

  private invite(event: SubmitEvent): void {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const data = new FormData(form)
    void this.work(async () => {
      const wish = { name: textOf(data, 'name'), roles: chosen(data, 'roles') }
      this.link = (await ask<{ link: string }>('POST', '/admin/people', wish)).link
      form.reset()
      await this.load()
    }, 'The invitation is made.')
  }

  private async disable(id: string): Promise<void> {
    this.link = undefined
    await ask('POST', `/admin/people/${id}/disable`)
    await this.load()
  }
}

customElements.define('ipse-people', People)

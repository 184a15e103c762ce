/** API keys of the tenant: made with the secret shown once, and revoked. */
import { html, nothing, type TemplateResult } from 'lit'
import { ask, type Items, type KeyRow, type Named } from '../api.ts'
import '../parts/once.ts'
import '../parts/sure.ts'
import { choices, chosen, listed, textOf } from '../parts/forms.ts'
import { type Cell, tableView } from '../parts/table.ts'
import { Screen } from '../screen.ts'
import { code, time } from '../words.ts'

/** A year; keys without an end are forgotten. */
const USUAL_DAYS = 365

export class Keys extends Screen {
  static override properties = {
    ...Screen.properties,
    keys: { state: true },
    scopes: { state: true },
    made: { state: true },
  }

  declare private keys: readonly KeyRow[] | undefined
  declare private scopes: readonly Named[] | undefined
  /** The new key with its secret: in memory until the next step, nowhere else. */
  declare private made: string | undefined

  protected override async load(): Promise<void> {
    const { items, scopes } = await ask<Items<KeyRow> & { scopes: readonly Named[] }>('GET', '/admin/keys')
    this.keys = items
    this.scopes = scopes
  }

  override render(): TemplateResult {
    return html`${this.heading('API keys', 'What the backends of relying parties sign in with.')} ${this.once()}
    ${tableView(
      {
        title: 'API keys',
        empty: 'There are no API keys.',
        head: ['Key', 'Name', 'State', 'Ends', 'Last used', 'Scopes', 'Action'],
        row: (key: KeyRow) => this.row(key),
      },
      this.keys,
    )}
    ${this.may('key:manage') && this.scopes ? this.form(this.scopes) : nothing}`
  }

  private row({ kid, name, state, expiresAt, lastUsedAt, scopes }: KeyRow): readonly Cell[] {
    const revoke = html`<ipse-sure
      .label=${'Revoke'}
      .what=${`key ${name}`}
      .consequence=${'Whoever uses it is turned away from now on.'}
      .disabled=${this.busy}
      @sure=${() => void this.work(() => this.revoke(kid), `The key ${name} is revoked.`)}
    ></ipse-sure>`
    return [
      code(kid),
      name,
      state,
      time(expiresAt),
      time(lastUsedAt),
      scopes.join(', '),
      state === 'live' && this.may('key:manage') ? revoke : '–',
    ]
  }

  private once(): TemplateResult | typeof nothing {
    if (this.made === undefined) return nothing
    return html`<ipse-once
      .label=${'New API key'}
      .advice=${'Put it where the backend keeps its secrets. It is shown this once; Ipse keeps no copy.'}
      .value=${this.made}
    ></ipse-once>`
  }

  private form(scopes: readonly Named[]): TemplateResult {
    return html`<form class="card" aria-label="New API key" @submit=${(event: SubmitEvent) => this.create(event)}>
      <h2>New API key</h2>
      <label>Name<input name="name" required maxlength="64" autocomplete="off" /></label>
      ${choices('Scopes', 'scopes', scopes)}
      <label>
        Ends after days<input name="days" type="number" min="1" max="3650" required value=${USUAL_DAYS} />
      </label>
      <label>
        Networks it may be used from, separated by spaces; empty for any
        <input name="networks" autocomplete="off" placeholder="10.0.0.0/8" />
      </label>
      <label>
        Origins of pages it may open captures for, separated by spaces; empty for any
        <input name="origins" autocomplete="off" placeholder="https://shop.example" />
      </label>
      <div><button class="primary" ?disabled=${this.busy}>Make the key</button></div>
    </form>`
  }

  private create(event: SubmitEvent): void {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const data = new FormData(form)
    const [networks, origins] = [listed(data, 'networks'), listed(data, 'origins')]
    void this.work(async () => {
      const wish = {
        name: textOf(data, 'name'),
        scopes: chosen(data, 'scopes'),
        days: Number(data.get('days')),
        ...(networks.length === 0 ? {} : { networks }),
        ...(origins.length === 0 ? {} : { origins }),
      }
      this.made = (await ask<{ key: string }>('POST', '/v1/keys', wish)).key
      form.reset()
      await this.load()
    }, 'The key is made.')
  }

  private async revoke(kid: string): Promise<void> {
    this.made = undefined
    await ask('DELETE', `/v1/keys/${kid}`)
    await this.load()
  }
}

customElements.define('ipse-keys', Keys)

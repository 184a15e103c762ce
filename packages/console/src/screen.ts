/** What the console's screens have in common: who looks, one thing at a time, and a sentence for whatever goes wrong. */
import { type CSSResultGroup, html, LitElement, nothing, type TemplateResult } from 'lit'
import { type Me, Refused } from './api.ts'
import { sentenceOf } from './passkeys.ts'
import { screenStyles } from './screen-styles.ts'
import { styles } from './styles.ts'

/** @fires signed-out - The service no longer knows who this is. */
export abstract class Screen extends LitElement {
  static override styles: CSSResultGroup = [styles, screenStyles]
  static override properties = {
    me: { attribute: false },
    item: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    done: { state: true },
  }

  declare me: Me
  /** Id of the one thing that is shown, where the address names one. */
  declare item: string | undefined
  declare protected busy: boolean
  declare protected problem: string | undefined
  /** What was done last, for eyes and ears. */
  declare protected done: string | undefined

  constructor() {
    super()
    this.busy = false
  }

  /** Reads what the screen shows. */
  protected abstract load(): Promise<void>

  override connectedCallback(): void {
    super.connectedCallback()
    void this.work(() => this.load())
  }

  /** The name of the screen, with the focus when it appears; below it what went wrong and what was done. */
  protected heading(title: string, lead?: string | TemplateResult): TemplateResult {
    return html`<h1 tabindex="-1">${title}</h1>
      ${lead === undefined ? nothing : html`<p class="muted">${lead}</p>`}
      <p role="alert" class="wrong">${this.problem ?? nothing}</p>
      <p role="status" class="good">${this.done ?? nothing}</p>`
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('h1')?.focus({ preventScroll: true })
  }

  protected may(scope: string): boolean {
    return this.me.scopes.includes(scope)
  }

  /** @param done said when it went well, unless the action has a sentence of its own */
  protected async work(action: () => Promise<unknown>, done?: string): Promise<void> {
    this.busy = true
    this.problem = undefined
    this.done = undefined
    try {
      const said = await action()
      this.done = typeof said === 'string' ? said : done
    } catch (error) {
      if (error instanceof Refused && error.status === 401)
        this.dispatchEvent(new Event('signed-out', { bubbles: true, composed: true }))
      else this.problem = sentenceOf(error)
    }
    this.busy = false
  }
}

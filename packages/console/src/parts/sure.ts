/** `<ipse-sure>`: a button whose second press means it. Between the two stands a sentence about what will happen. */
import { type CSSResultGroup, html, LitElement, type TemplateResult } from 'lit'
import { screenStyles } from '../screen-styles.ts'
import { styles } from '../styles.ts'

/** @fires sure - It was meant. */
export class Sure extends LitElement {
  static override styles: CSSResultGroup = [styles, screenStyles]
  static override properties = {
    label: { attribute: false },
    /** What it is done to, for who hears the buttons one by one. */
    what: { attribute: false },
    consequence: { attribute: false },
    disabled: { attribute: false },
    asking: { state: true },
  }

  declare label: string
  declare what: string
  declare consequence: string
  declare disabled: boolean
  declare private asking: boolean

  override render(): TemplateResult {
    const { label, what, consequence, disabled, asking } = this
    if (!asking)
      return html`<button
        type="button"
        ?disabled=${disabled}
        aria-label="${label} ${what}"
        @click=${() => this.ask(true)}
      >${label}</button>`
    return html`<div class="sure" role="group" aria-label="${label} ${what}">
      <span id="consequence">${consequence}</span>
      <button type="button" class="danger" aria-describedby="consequence" @click=${() => this.mean()}>
        ${label}
      </button>
      <button type="button" @click=${() => this.ask(false)}>Cancel</button>
    </div>`
  }

  /** The focus stays where the person is. */
  private async ask(asking: boolean): Promise<void> {
    this.asking = asking
    await this.updateComplete
    this.renderRoot.querySelector('button')?.focus()
  }

  private mean(): void {
    this.asking = false
    this.dispatchEvent(new Event('sure'))
  }
}

customElements.define('ipse-sure', Sure)

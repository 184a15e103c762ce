/** `<ipse-once>`: a secret or an id that is shown this one time, with a button that copies it. */
import { type CSSResultGroup, html, LitElement, nothing, type TemplateResult } from 'lit'
import { screenStyles } from '../screen-styles.ts'
import { styles } from '../styles.ts'

export class Once extends LitElement {
  static override styles: CSSResultGroup = [styles, screenStyles]
  static override properties = {
    label: { attribute: false },
    advice: { attribute: false },
    value: { attribute: false },
    copied: { state: true },
  }

  declare label: string
  declare advice: string
  declare value: string
  declare private copied: boolean | undefined

  override render(): TemplateResult {
    const { label, advice, value, copied } = this
    return html`<section class="card notice once" aria-label=${label}>
      <div>
        <h2>${label}</h2>
        <p class="muted">${advice}</p>
        <input readonly aria-label=${label} .value=${value} @focus=${selectAll} />
      </div>
      <button type="button" @click=${() => void this.copy()}>Copy</button>
      <p role="status" class=${copied === false ? 'wrong' : 'good'}>
        ${copied === undefined ? nothing : copied ? 'Copied.' : 'The browser does not let it be copied: select it.'}
      </p>
    </section>`
  }

  private async copy(): Promise<void> {
    // Not every browser and page may write to the clipboard; the text is there to be selected.
    this.copied = await navigator.clipboard.writeText(this.value).then(
      () => true,
      () => false,
    )
  }
}

function selectAll(event: Event): void {
  ;(event.target as HTMLInputElement).select()
}

customElements.define('ipse-once', Once)

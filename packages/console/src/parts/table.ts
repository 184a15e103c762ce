/** A list as a table in a card of its own, which a keyboard can scroll. */
import { html, type TemplateResult } from 'lit'

export type Cell = string | TemplateResult

export interface Table<T> {
  readonly title: string
  readonly head: readonly string[]
  readonly row: (item: T) => readonly Cell[]
  /** Said when there is nothing. */
  readonly empty: string
}

/** @param items undefined while they are on their way */
export function tableView<T>(table: Table<T>, items: readonly T[] | undefined): TemplateResult {
  return html`<section class="card" tabindex="0" aria-label=${table.title}>
    <h2>${table.title}</h2>
    ${content(table, items)}
  </section>`
}

function content<T>({ head, row, empty }: Table<T>, items: readonly T[] | undefined): TemplateResult {
  if (items === undefined) return html`<p class="muted">One moment …</p>`
  if (items.length === 0) return html`<p class="muted">${empty}</p>`
  return html`<table>
    <thead>
      <tr>
        ${head.map((name) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${items.map(
        (item) => html`<tr>
          ${row(item).map((cell) => html`<td>${cell}</td>`)}
        </tr>`,
      )}
    </tbody>
  </table>`
}

/** What forms of several screens share. */
import { html, type TemplateResult } from 'lit'
import type { Named } from '../api.ts'

/** Boxes to tick, each with what it means. */
export function choices(title: string, name: string, list: readonly Named[]): TemplateResult {
  return html`<fieldset>
    <legend>${title}</legend>
    ${list.map(
      (item) => html`<label class="choice">
        <input type="checkbox" name=${name} value=${item.name} />
        <span><strong>${item.name}</strong> <span class="muted">${item.meaning}</span></span>
      </label>`,
    )}
  </fieldset>`
}

/** The boxes that were ticked. @throws Error with a sentence when there are none */
export function chosen(data: FormData, name: string): string[] {
  const values = data.getAll(name).map(String)
  if (values.length === 0) throw new Error(`Choose some ${name}.`)
  return values
}

export function textOf(data: FormData, name: string): string {
  return String(data.get(name)).trim()
}

/** Words between spaces and commas. */
export function listed(data: FormData, name: string): string[] {
  return textOf(data, name)
    .split(/[\s,]+/)
    .filter((word) => word !== '')
}

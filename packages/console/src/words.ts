/** How times, names and lists are written in the console. */
import { html, type TemplateResult } from 'lit'

const WHEN: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' }

/** A time in the reader's zone; `otherwise` when there is none. */
export function time(text: string | undefined, otherwise = 'never'): string | TemplateResult {
  if (text === undefined) return otherwise
  return html`<time datetime=${text}>${new Date(text).toLocaleString('en', WHEN)}</time>`
}

export const code = (text: string): TemplateResult => html`<code>${text}</code>`

/** `identity-continuity` and `face_mismatch` as words. */
export function words(name: string): string {
  const text = name.replaceAll(/[-_]/g, ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** A number as people compare them: three digits that count. */
export function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 6 })
}

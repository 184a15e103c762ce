/** The languages, and which of them a page gets. */
import { de } from './de.ts'
import { en } from './en.ts'
import { fr } from './fr.ts'
import type { Strings } from './strings.ts'

export const LANGUAGES: Readonly<Record<string, Strings>> = { en, de, fr }

export interface Language {
  readonly code: string
  readonly strings: Strings
}

/** The first of the wanted languages (BCP 47 tags) that is there by its primary part; English otherwise. */
export function pickLanguage(wanted: readonly (string | null | undefined)[]): Language {
  for (const tag of wanted) {
    const code = tag?.toLowerCase().split('-')[0] ?? ''
    if (Object.hasOwn(LANGUAGES, code)) return { code, strings: LANGUAGES[code] as Strings }
  }
  return { code: 'en', strings: en }
}

/** Puts values into `{name}` places. */
export function fill(text: string, values: Readonly<Record<string, number>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place))
}

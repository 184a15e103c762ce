/** The catalogue as plain data, for documents and reports. */
import { INSTRUMENTS } from './instruments/catalogue.ts'
import type { Instrument } from './instruments/instrument.ts'

export type CatalogueEntry = Omit<Instrument, 'createFeed'>

/** Every instrument without its code, in the order of the numbers. */
export function attackCatalogue(): CatalogueEntry[] {
  return INSTRUMENTS.map(({ createFeed: _, ...entry }) => entry)
}

/** Identifiers: a prefix that says what it names, and 128 random bits. Identifiers are not secrets. */
import { toBase64url } from './encoding.ts'

export const ID_PREFIXES = {
  session: 'ses',
  attempt: 'att',
  challenge: 'chl',
  reference: 'ref',
  receipt: 'rcp',
  key: 'key',
  client: 'cli',
  token: 'tok',
  consent: 'con',
  audit: 'aud',
  request: 'req',
  review: 'rev',
  person: 'per',
  approval: 'apr',
  erasure: 'era',
  dataKey: 'dek',
} as const
export type IdKind = keyof typeof ID_PREFIXES

/** @param random returns that many bytes from a CSPRNG */
export function newId(kind: IdKind, random: (length: number) => Uint8Array): string {
  return `${ID_PREFIXES[kind]}_${toBase64url(random(16))}`
}

export function isId(kind: IdKind, text: string): boolean {
  return new RegExp(`^${ID_PREFIXES[kind]}_[A-Za-z0-9_-]{21}[AQgw]$`).test(text)
}

/** The service's own tokens as compact JWS, made at once and on this thread. Whatever is read goes through jose. */
import type { JWTPayload } from 'jose'

interface Header {
  readonly alg: string
  readonly typ: string
  readonly kid?: string
}

/** @param sign signature or MAC over the signing input, by what the header names */
export function compactJws(header: Header, claims: JWTPayload, sign: (input: Buffer) => Buffer): string {
  const input = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${sign(Buffer.from(input)).toString('base64url')}`
}

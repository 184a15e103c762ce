/** Just enough strict DER (ITU-T X.690 §10) for one extension of a certificate and the form of a signature. */

interface Element {
  readonly tag: number
  readonly content: Uint8Array
}

const SEQUENCE = 0x30
const INTEGER = 0x02
const OBJECT_IDENTIFIER = 0x06
const OCTET_STRING = 0x04
/** `extensions [3] EXPLICIT` of a TBSCertificate, RFC 5280 §4.1. */
const EXTENSIONS = 0xa3

/** Longest length that is read, bytes: a certificate has about one thousand. */
const MAX_LENGTH_BYTES = 3

function elements(bytes: Uint8Array): Element[] {
  const found: Element[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = byteAt(bytes, at++)
    let length = byteAt(bytes, at++)
    if (length >= 0x80) {
      const count = length & 0x7f
      if (count === 0 || count > MAX_LENGTH_BYTES) throw new TypeError('DER length')
      length = 0
      for (let i = 0; i < count; i++) length = length * 256 + byteAt(bytes, at++)
      if (length < 0x80 || length < 256 ** (count - 1)) throw new TypeError('DER length is not the shortest')
    }
    if (at + length > bytes.length) throw new TypeError('DER element is cut off')
    found.push({ tag, content: bytes.subarray(at, at + length) })
    at += length
  }
  return found
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new TypeError('DER ends early')
  return byte
}

/** Elements inside the only element, which must have that tag. */
function inside(bytes: Uint8Array, tag: number): Element[] {
  const [only, ...others] = elements(bytes)
  if (only?.tag !== tag || others.length > 0) throw new TypeError('DER structure')
  return elements(only.content)
}

/**
 * Values of a certificate's extensions with that identifier: the contents of their OCTET STRINGs.
 * @param oid encoded, without tag and length
 */
export function extensionValues(certificate: Uint8Array, oid: Uint8Array): Uint8Array[] {
  const [tbs] = inside(certificate, SEQUENCE)
  if (tbs?.tag !== SEQUENCE) throw new TypeError('no TBSCertificate')
  const explicit = elements(tbs.content).find(({ tag }) => tag === EXTENSIONS)
  if (!explicit) return []
  return inside(explicit.content, SEQUENCE).flatMap(({ content }) => {
    const parts = elements(content)
    const [first, last] = [parts[0], parts.at(-1)]
    if (first?.tag !== OBJECT_IDENTIFIER || !Buffer.from(first.content).equals(oid)) return []
    if (last?.tag !== OCTET_STRING) throw new TypeError('extension has no value')
    return [last.content]
  })
}

/**
 * Throws unless the bytes are the one encoding of an ECDSA signature, RFC 3279 §2.2.3: two positive numbers. Libraries
 * take others too, which makes one signature many.
 */
export function assertEcdsaSignature(bytes: Uint8Array): void {
  const numbers = inside(bytes, SEQUENCE)
  const positive = numbers.every(({ tag, content: [first, second = 0x80] }) => {
    const shortest = first !== 0 || second >= 0x80
    return tag === INTEGER && first !== undefined && first < 0x80 && shortest
  })
  if (numbers.length !== 2 || !positive) throw new TypeError('not an ECDSA signature')
}

/** Marks that can be told from everything else, and the search for them in every spelling in which data gets lost. */

export interface Canary {
  readonly name: string
  readonly bytes: Uint8Array
}

export const textCanary = (name: string, text: string): Canary => ({ name, bytes: Buffer.from(text) })

/** Numbers of a template: as bytes, and as each is printed. */
export function vectorCanaries(name: string, values: Float32Array): Canary[] {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  const printed = [...values].map((value) => textCanary(`${name}, printed`, String(value).slice(0, 12)))
  return [{ name, bytes }, ...printed]
}

/** Base64 of bytes somewhere in a stream: three alignments, without the characters at the ends that others have a part in. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    return text.slice(shift === 0 ? 0 : 4, text.length - (text.length % 4 === 0 ? 0 : 4))
  })
}

function spellings({ bytes }: Canary): Buffer[] {
  const plain = Buffer.from(bytes)
  const base64 = base64Forms(plain)
  const texts = [
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    plain.toString('hex'),
    plain.toString('hex').toUpperCase(),
    encodeURIComponent(plain.toString('latin1')),
    JSON.stringify([...plain]).slice(1, -1),
    [...plain].map((byte, i) => `"${i}":${byte}`).join(','),
  ]
  return [
    plain,
    plain.toString('utf16le') === '' ? plain : Buffer.from(plain.toString('latin1'), 'utf16le'),
  ].concat(texts.filter((text) => text.length >= 8).map((text) => Buffer.from(text)))
}

/** Names of the canaries that are somewhere in there, in whatever spelling. */
export function foundIn(haystack: Uint8Array | string, canaries: readonly Canary[]): string[] {
  const hay = Buffer.from(haystack as Uint8Array)
  const found = canaries.filter((canary) => spellings(canary).some((needle) => hay.includes(needle)))
  return [...new Set(found.map(({ name }) => name))]
}

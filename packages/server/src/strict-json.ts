/**
 * JSON in which no object has two members of one name: parsers differ in which of the two they believe (RFC 8259 §4), so
 * one that looks and one that acts could read different documents. The text is not parsed a second time: a colon outside of
 * strings is a member that was written, a key of the value one that was kept, and there are as many of one as of the other.
 *
 * For documents whose members are a closed list. V8 may read a name that is written with an escape as one that ends in a
 * backslash, after it has met such a name (nodejs/node#63785): then it is no name of ours, and refused as that. Tokens have
 * members that we do not know; strict-jwt.ts reads them with a parser of its own.
 */
const QUOTE = '"'
const BACKSLASH = 0x5c
const COLON = 0x3a

/** @param value what `JSON.parse` made of the text */
export function hasTwinMembers(text: string, value: unknown): boolean {
  return writtenMembers(text) !== keptMembers(value)
}

/** @throws SyntaxError for what is not JSON, or names a member twice */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (hasTwinMembers(text, value)) throw new SyntaxError('a member comes twice')
  return value
}

/** Strings are leapt over: an image in base64 costs next to nothing. */
function writtenMembers(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf(QUOTE, at)
    const end = quote === -1 ? text.length : quote
    for (; at < end; at++) if (text.charCodeAt(at) === COLON) count++
    if (quote !== -1) at = closingQuote(text, quote) + 1
  }
  return count
}

function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf(QUOTE, open + 1); ; at = text.indexOf(QUOTE, at + 1)) {
    let before = at - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((at - before) % 2 === 1) return at
  }
}

function keptMembers(value: unknown): number {
  let count = 0
  for (const object of objectsOf(value)) count += Object.keys(object).length
  return count
}

/** Every object of a document, arrays not. Without recursion: documents may be as deep as they are long. */
export function* objectsOf(value: unknown): Generator<object> {
  for (const open = [value]; open.length > 0; ) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null) continue
    if (!Array.isArray(next)) yield next
    for (const member of Object.values(next) as unknown[]) if (typeof member === 'object') open.push(member)
  }
}

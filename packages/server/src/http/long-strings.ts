/**
 * JSON with images in it: `JSON.parse` goes through 13 MB of base64 letter by letter and copies them to the heap, which takes
 * longer than everything else. So long strings are cut out beforehand, and put back as slices of the text, which are no copies.
 */

/** Shorter strings are not worth it; a text that is longer without them is no image and a few words, characters. */
const LONG = 65_536
/** A string that ends so is a name. */
const NAME_ENDS = /"[ \t\r\n]*:/y
/** What is written instead of a long string, its number behind it, and what is read there. */
const [WRITTEN, READ] = ['\\u0000', '\0']

/**
 * What `JSON.parse` gives, but for control characters in long strings, which it would not take: whoever reads those has to
 * look at their letters anyway.
 * @throws SyntaxError for what is not JSON
 */
export function parseAroundLongStrings(text: string): unknown {
  const { short, strings } = withoutLongStrings(text)
  if (strings.length === 0) return JSON.parse(text)
  return JSON.parse(short, (_name, value: unknown) =>
    typeof value === 'string' && value.startsWith(READ) ? strings[Number(value.slice(READ.length))] : value,
  )
}

interface Cut {
  readonly short: string
  readonly strings: readonly string[]
}

function withoutLongStrings(text: string): Cut {
  const whole: Cut = { short: text, strings: [] }
  if (text.length <= LONG) return whole
  const strings: string[] = []
  let short = ''
  let at = 0
  for (;;) {
    const open = text.indexOf('"', at)
    const close = text.indexOf('"', open + 1)
    if (open < 0 || close < 0) break
    const string = text.slice(open + 1, close)
    // Behind a backslash the quote may not be the end; and without one nobody else writes a stand-in.
    if (string.includes('\\')) return whole
    NAME_ENDS.lastIndex = close
    const stays = string.length <= LONG || NAME_ENDS.test(text)
    const kept = stays ? string : `${WRITTEN}${strings.push(string) - 1}`
    short += `${text.slice(at, open)}"${kept}"`
    if (short.length > LONG) return whole
    at = close + 1
  }
  short += text.slice(at)
  return short.length > LONG ? whole : { short, strings }
}

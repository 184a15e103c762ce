/** The head of a JPEG: its segments, and the frame that they describe. Source: ITU-T T.81, B.1 and B.2. */

const MARK = 0xff
const START_OF_SCAN = 0xda
/** Baseline, Huffman-coded: what cameras and browsers make. */
const BASELINE_FRAME = 0xc0
/** Bits of a sample. */
const PRECISION = 8
/** What may stand beside the frame without a say in size or orientation: tables, restarts, comments, applications' data. */
const HUFFMAN_TABLES = 0xc4
export const QUANTISATION_TABLES = 0xdb
const RESTART_INTERVAL = 0xdd
const COMMENT = 0xfe
const APPLICATIONS = { first: 0xe0, last: 0xef }
/** EXIF, the only one that can turn the picture. */
const EXIF = 0xe1

export interface Segment {
  readonly marker: number
  /** Of what it says, after its length; `end` may lie behind the last byte. */
  readonly from: number
  readonly end: number
}

/** Size of a coded picture, pixels. */
export interface FrameSize {
  readonly width: number
  readonly height: number
}

const word = (jpeg: Uint8Array, at: number): number => (jpeg[at]! << 8) | jpeg[at + 1]!

/**
 * What stands before the first scan, and the scan's own head as the last one; less, where something else stands between.
 * @param jpeg bytes that a stranger chose
 */
export function* segments(jpeg: Uint8Array): Generator<Segment> {
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === MARK; ) {
    const marker = jpeg[at + 1]!
    const end = at + 2 + word(jpeg, at + 2)
    yield { marker, from: at + 4, end }
    if (marker === START_OF_SCAN) return
    at = end
  }
}

/**
 * The frame of an ordinary JPEG: baseline, grey or three colours, nothing in its head that could turn it.
 * @param jpeg bytes that a stranger chose
 * @returns undefined for every other one, and wherever there could be two opinions
 */
export function ordinaryFrame(jpeg: Uint8Array): FrameSize | undefined {
  let frame: FrameSize | undefined
  for (const { marker, from, end } of segments(jpeg)) {
    if (end < from || end > jpeg.length) return undefined
    if (marker === START_OF_SCAN) return frame
    if (marker === BASELINE_FRAME) {
      const components = jpeg[from + 5]
      const known = components === 1 || components === 3
      if (frame || !known || jpeg[from] !== PRECISION || end !== from + 6 + 3 * components) return undefined
      frame = { width: word(jpeg, from + 3), height: word(jpeg, from + 1) }
    } else if (!isHarmless(marker)) return undefined
  }
  return undefined
}

function isHarmless(marker: number): boolean {
  if (marker >= APPLICATIONS.first && marker <= APPLICATIONS.last) return marker !== EXIF
  return [HUFFMAN_TABLES, QUANTISATION_TABLES, RESTART_INTERVAL, COMMENT].includes(marker)
}

/** The head of a JPEG: its segments, and the frame that they describe. Source: ITU-T T.81, B.1 and B.2. */

const MARK = 0xff
export const START_OF_SCAN = 0xda
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

/** Markers without a length: restarts, both ends of the picture, two that mean nothing. Source: ITU-T T.81, table B.1. */
const standsAlone = (marker: number): boolean => marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd9)
const END_OF_IMAGE = 0xd9
/** Instead of a marker, for a byte between segments. */
const NO_MARKER = 0

const word = (jpeg: Uint8Array, at: number): number => (jpeg[at]! << 8) | jpeg[at + 1]!

/**
 * What stands before the first scan, and the scan's own head as the last one. Bytes between segments, which decoders pass
 * over, are segments of no marker, each of them one.
 * @param jpeg bytes that a stranger chose
 */
export function* segments(jpeg: Uint8Array): Generator<Segment> {
  for (let at = 2; at + 4 <= jpeg.length; ) {
    const segment = segmentAt(jpeg, at)
    yield segment
    if (segment.marker === START_OF_SCAN || segment.marker === END_OF_IMAGE) return
    at = segment.end
  }
}

function segmentAt(jpeg: Uint8Array, at: number): Segment {
  const marker = jpeg[at + 1]!
  if (jpeg[at] !== MARK || marker === MARK) return { marker: NO_MARKER, from: at, end: at + 1 }
  if (standsAlone(marker)) return { marker, from: at + 2, end: at + 2 }
  return { marker, from: at + 4, end: at + 2 + word(jpeg, at + 2) }
}

/** Whether the picture's end comes anywhere from there on; other data may follow it. */
export function hasEnd(jpeg: Uint8Array, from: number): boolean {
  for (let at = jpeg.length - 2; at >= from; at -= jpeg[at] === END_OF_IMAGE ? 1 : 2)
    if (jpeg[at] === MARK && jpeg[at + 1] === END_OF_IMAGE) return true
  return false
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

/**
 * Cuts JPEG after JPEG (Motion JPEG, or what ffmpeg's image2pipe writes) into pictures. Segments are stepped over by their
 * lengths, so that a thumbnail inside one is not taken for a picture. Source: ISO/IEC 10918-1 annex B.
 */

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
/** Inside of the coded data: a stuffed zero, a fill byte, or a restart marker. */
const belongsToData = (marker: number) =>
  marker === 0 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd7)

/**
 * The whole pictures of a stream, in order, as views of it.
 * @param most further pictures are left
 * @throws RangeError when something between the pictures is no JPEG, or the last one is cut off
 */
export function splitJpegs(stream: Uint8Array, most: number): Uint8Array[] {
  const pictures: Uint8Array[] = []
  for (let at = 0; at < stream.length && pictures.length < most; ) {
    const end = endOfJpeg(stream, at)
    if (end === undefined) throw new RangeError(`picture ${pictures.length + 1} is no whole JPEG`)
    pictures.push(stream.subarray(at, end))
    at = end
  }
  return pictures
}

/** Where the picture that begins at `start` ends; undefined when it is none or is cut off. */
function endOfJpeg(stream: Uint8Array, start: number): number | undefined {
  if (stream[start] !== 0xff || stream[start + 1] !== SOI) return undefined
  for (let at = start + 2; at + 1 < stream.length; ) {
    if (stream[at] !== 0xff) return undefined
    const marker = stream[at + 1]!
    if (marker === EOI) return at + 2
    if (marker === 0xff) {
      at++
      continue
    }
    const length = ((stream[at + 2] ?? 0) << 8) | (stream[at + 3] ?? 0)
    if (length < 2) return undefined
    at += 2 + length
    if (marker === SOS) at = endOfData(stream, at)
  }
  return undefined
}

/** The next marker after coded data. */
function endOfData(stream: Uint8Array, start: number): number {
  let at = start
  while (at + 1 < stream.length && (stream[at] !== 0xff || belongsToData(stream[at + 1]!))) at++
  return at
}

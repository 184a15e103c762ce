/**
 * Of EXIF nothing is needed but the orientation, and libvips hands the rest to a parser that follows whatever it is told to
 * follow: 48 kB of directories that name themselves took 11 s of CPU (docs/evaluation.md). So it gets the orientation and
 * nothing else, in the same place. Sources: TIFF 6.0; Exif 2.32, 4.6.4; W3C PNG, 11.3.3.8; RFC 9649, 2.7.1.5.
 */
import { crc32 } from 'node:zlib'
import type { ImageFormat } from './sniff.ts'

/** Marker of the JPEG segment, and the chunks' names, as numbers: `eXIf`, `EXIF`. */
const APP1 = 0xffe1
const PNG_EXIF = 0x65584966
const WEBP_EXIF = 0x45584946
const ORIENTATION = 0x0112
const SHORT = 3
/** Of a directory's entry, and of what stands before the first one in a block of ours, bytes. */
const ENTRY = 12
const FIRST_ENTRY = 10
/** A block with one directory of one entry, bytes. */
const SMALLEST = FIRST_ENTRY + ENTRY + 4
/** Directories of cameras have some twenty entries. */
const MOST_ENTRIES = 512
/** Stands before the block in JPEGs, and in some of the others. */
const PREFIX = Buffer.from('Exif\0\0', 'latin1')

/**
 * The picture with all EXIF blocks cut down to the orientation; the very same bytes when it has none.
 * @param encoded bytes that a stranger chose
 */
export function onlyOrientation(encoded: Uint8Array, format: ImageFormat): Uint8Array {
  const blocks = [...BLOCKS[format](Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength))]
  if (blocks.length === 0) return encoded
  const picture = Buffer.from(encoded)
  for (const { from, end, checksum } of blocks) {
    reduce(picture.subarray(from, end))
    if (checksum !== undefined) picture.writeUInt32BE(crc32(picture.subarray(checksum, end)), end)
  }
  return picture
}

interface Block {
  readonly from: number
  readonly end: number
  /** Begin of what the checksum at the block's end is over, where there is one. */
  readonly checksum?: number
}

const BLOCKS: Readonly<Record<ImageFormat, (picture: Buffer) => Generator<Block>>> = {
  jpeg: jpegBlocks,
  png: pngBlocks,
  webp: webpBlocks,
}

/**
 * Wherever an APP1 segment of EXIF could begin: decoders pass over bytes between segments, so nothing is counted on here.
 * What would begin inside a block goes with it.
 */
function* jpegBlocks(picture: Buffer): Generator<Block> {
  for (
    let at = picture.indexOf('Exif'), end = 4;
    at >= 0;
    at = picture.indexOf('Exif', Math.max(at + 4, end))
  )
    if (at >= 4 && picture.readUInt16BE(at - 4) === APP1) {
      end = Math.min(picture.length, at - 2 + picture.readUInt16BE(at - 2))
      yield { from: at, end }
    }
}

function* pngBlocks(picture: Buffer): Generator<Block> {
  for (let at = 8; at + 12 <= picture.length; ) {
    const length = picture.readUInt32BE(at)
    const end = at + 8 + length
    if (picture.readUInt32BE(at + 4) === PNG_EXIF && end + 4 <= picture.length)
      yield { from: at + 8, end, checksum: at + 4 }
    at = end + 4
  }
}

function* webpBlocks(picture: Buffer): Generator<Block> {
  for (let at = 12; at + 8 <= picture.length; ) {
    const length = picture.readUInt32LE(at + 4)
    const end = Math.min(picture.length, at + 8 + length)
    if (picture.readUInt32BE(at) === WEBP_EXIF) yield { from: at + 8, end }
    at += 8 + length + (length % 2)
  }
}

/** Overwrites a block, its prefix left where it has one, with one that holds the orientation alone. */
function reduce(block: Buffer): void {
  const tiff = block.subarray(0, PREFIX.length).equals(PREFIX) ? block.subarray(PREFIX.length) : block
  const orientation = orientationOf(tiff)
  block.fill(0)
  if (tiff !== block) PREFIX.copy(block)
  if (tiff.length < SMALLEST) return
  tiff.write('II*\0\x08\0\0\0\x01\0', 'latin1')
  tiff.writeUInt16LE(ORIENTATION, FIRST_ENTRY)
  tiff.writeUInt16LE(SHORT, FIRST_ENTRY + 2)
  tiff.writeUInt32LE(1, FIRST_ENTRY + 4)
  tiff.writeUInt16LE(orientation, FIRST_ENTRY + 8)
}

/** EXIF orientation, 1 to 8; 1 wherever the first directory does not say. */
function orientationOf(tiff: Buffer): number {
  const order = tiff.toString('latin1', 0, 2)
  if (tiff.length < SMALLEST || (order !== 'II' && order !== 'MM')) return 1
  const little = order === 'II'
  const word = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  if (directory + 2 > tiff.length) return 1
  const entries = Math.min(word(directory), MOST_ENTRIES)
  for (let i = 0, at = directory + 2; i < entries && at + ENTRY <= tiff.length; i++, at += ENTRY)
    if (word(at) === ORIENTATION) {
      const value = word(at + 8)
      return word(at + 2) === SHORT && value >= 1 && value <= 8 ? value : 1
    }
  return 1
}

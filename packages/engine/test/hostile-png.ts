/** PNGs with something wrong in every part of them. Source of the parts: W3C PNG, third edition. */
import { Buffer } from 'node:buffer'
import { deflateSync } from 'node:zlib'
import { ascii, chunk, type Hostile, header, noise, PNG_MAGIC, png, rows } from './hostile-parts.ts'

const END = chunk('IEND', Buffer.alloc(0))
/** Bit depths that no colour type has, and colour types that do not exist. */
const STRANGE_DEPTHS = [0, 3, 5, 7, 9, 15, 17, 32, 255]
const STRANGE_COLOURS = [1, 5, 7, 8, 9, 128, 255]
/** Sizes beyond the limit of pixels, whatever the data hold. */
const FLOODS = [
  [5001, 5001],
  [25_000_001, 1],
  [1, 25_000_001],
  [50_000, 501],
  [65_535, 65_535],
  [1_000_000, 1_000_000],
  [0x7fffffff, 16],
  [16, 0x7fffffff],
  [0x80000000, 16],
  [0xffffffff, 0xffffffff],
] as const

const frameControl = (sequence: number, width: number, height: number) => {
  const data = Buffer.alloc(26)
  data.writeUInt32BE(sequence)
  data.writeUInt32BE(width, 4)
  data.writeUInt32BE(height, 8)
  return chunk('fcTL', data)
}

/** @param sound a sound picture of 64 × 48 */
export function hostilePngs(sound: Buffer): Hostile[] {
  const good = rows(64, 64)
  const idat = sound.indexOf('IDAT') - 4
  const of = (...chunks: readonly Buffer[]) => Buffer.concat([PNG_MAGIC, ...chunks])
  const ihdr = chunk('IHDR', header(64, 64))
  const data = chunk('IDAT', good)
  const zeroBomb = deflateSync(Buffer.alloc(64 * 1024 * 1024))
  const list: [string, Buffer][] = [
    ['whose header is not first', of(data, ihdr, END)],
    ['with two headers', of(ihdr, chunk('IHDR', header(640, 480)), data, END)],
    ['with a header of twelve bytes', of(chunk('IHDR', header(64, 64).subarray(0, 12)), data, END)],
    [
      'with a header of a thousand bytes',
      of(chunk('IHDR', Buffer.concat([header(64, 64), Buffer.alloc(987)])), data, END),
    ],
    ['with a wrong checksum of the header', of(chunk('IHDR', header(64, 64), 1), data, END)],
    ['with a wrong checksum of the data', of(ihdr, chunk('IDAT', good, 1), END)],
    ['of nothing but a header', of(ihdr)],
    ['of nothing but an end', of(END)],
    ['with data of no length', of(ihdr, chunk('IDAT', Buffer.alloc(0)), END)],
    ['with a chunk of two gigabytes', of(ihdr, Buffer.from('7fffffff49444154', 'hex'), good)],
    ['with a chunk of four gigabytes', of(ihdr, Buffer.from('ffffffff49444154', 'hex'), good)],
    ['with a critical chunk that nobody knows', of(ihdr, chunk('EVIL', noise(99)), data, END)],
    [
      'with a palette of no colour',
      of(chunk('IHDR', header(64, 64, 8, 3)), chunk('PLTE', Buffer.alloc(0)), data, END),
    ],
    [
      'with a palette of 257 colours',
      of(chunk('IHDR', header(64, 64, 8, 3)), chunk('PLTE', Buffer.alloc(771)), data, END),
    ],
    [
      'with a palette that ends in a colour',
      of(chunk('IHDR', header(64, 64, 8, 3)), chunk('PLTE', Buffer.alloc(10)), data, END),
    ],
    [
      'with a palette behind its data',
      of(chunk('IHDR', header(64, 64, 8, 3)), data, chunk('PLTE', Buffer.alloc(30)), END),
    ],
    [
      'of an unknown compression',
      png(Buffer.concat([header(64, 64).subarray(0, 10), Buffer.from([1, 0, 0])]), good),
    ],
    [
      'of an unknown filter method',
      png(Buffer.concat([header(64, 64).subarray(0, 11), Buffer.from([9, 0])]), good),
    ],
    [
      'of an unknown interlacing',
      png(Buffer.concat([header(64, 64).subarray(0, 12), Buffer.from([7])]), good),
    ],
    ['of unknown row filters', png(header(64, 64), deflateSync(Buffer.alloc(64 * 193, 9)))],
    [
      'interlaced with the rows of one that is not',
      png(Buffer.concat([header(64, 64).subarray(0, 12), Buffer.from([1])]), deflateSync(noise(300))),
    ],
    ['whose data stop in the middle', png(header(64, 64), good.subarray(0, good.length >> 1))],
    ['whose data begin in the middle', png(header(64, 64), good.subarray(good.length >> 1))],
    [
      'whose data have a wrong sum',
      png(header(64, 64), Buffer.concat([deflateSync(noise(64 * 193)).subarray(0, -4), Buffer.alloc(4)])),
    ],
    ['whose data are raw', png(header(64, 64), noise(64 * 193))],
    ['of no height', png(header(64, 0), good)],
    ['of 15 × 64', png(header(15, 64), rows(15, 64))],
    ['of 64 × 15', png(header(64, 15), rows(64, 15))],
    [
      'with an ICC profile of 64 MB, and no data',
      of(ihdr, chunk('iCCP', Buffer.concat([ascii('x\0\0'), zeroBomb])), END),
    ],
    [
      'with a text of 64 MB, and no data',
      of(ihdr, chunk('zTXt', Buffer.concat([ascii('x\0\0'), zeroBomb])), END),
    ],
    [
      'with 100 texts of 64 MB, and no data',
      of(
        ihdr,
        ...Array.from({ length: 100 }, () => chunk('zTXt', Buffer.concat([ascii('x\0\0'), zeroBomb]))),
        END,
      ),
    ],
    [
      'sound but for 100 texts of 64 MB',
      of(
        ihdr,
        ...Array.from({ length: 100 }, () => chunk('zTXt', Buffer.concat([ascii('x\0\0'), zeroBomb]))),
        data,
        END,
      ),
    ],
    [
      'sound but for five profiles of 64 MB',
      of(
        ihdr,
        ...Array.from({ length: 5 }, () => chunk('iCCP', Buffer.concat([ascii('x\0\0'), zeroBomb]))),
        data,
        END,
      ),
    ],
    [
      'sound but for half a million chunks',
      of(ihdr, Buffer.alloc(6_000_000, chunk('teXt', Buffer.alloc(0))), data, END),
    ],
    ['with EXIF that is none, and no data', of(ihdr, chunk('eXIf', noise(60_000)), END)],
    [
      'with half a million chunks, and no data',
      of(ihdr, Buffer.alloc(6_000_000, chunk('teXt', Buffer.alloc(0))), END),
    ],
    [
      'with data in half a million empty chunks',
      of(ihdr, Buffer.alloc(6_000_000, chunk('IDAT', Buffer.alloc(0))), END),
    ],
    [
      'animated, of ten thousand frames, none of them there',
      of(
        ihdr,
        chunk('acTL', Buffer.from('0000271000000000', 'hex')),
        ...Array.from({ length: 1000 }, (_, i) => frameControl(i, 64, 64)),
        END,
      ),
    ],
    [
      'animated, whose frames are larger than the picture',
      of(
        ihdr,
        chunk('acTL', Buffer.from('0000000200000000', 'hex')),
        frameControl(0, 0x7fffffff, 0x7fffffff),
        END,
      ),
    ],
    [
      'with zeros inside its data',
      of(
        chunk('IHDR', header(64, 48)),
        Buffer.concat([sound.subarray(idat + 12, idat + 40), Buffer.alloc(100)]),
      ),
    ],
    ['in capital letters', Buffer.concat([ascii('\x89png\r\n\x1a\n'), sound.subarray(8)])],
    ['whose line ends were changed on the way', Buffer.concat([ascii('\x89PNG\n\x1a\n'), sound.subarray(8)])],
  ]
  const interlaced = header(5000, 5000)
  interlaced[12] = 1
  list.push([
    'interlaced, of 25 megapixels, damaged at its end',
    png(interlaced, deflateSync(Buffer.alloc(15_001 * 5000))),
  ])
  for (const side of [3000, 5000])
    list.push([
      `of ${side ** 2 / 1e6} megapixels, damaged at its end`,
      png(header(side, side), rows(side, side).subarray(0, -9)),
    ])
  for (const depth of STRANGE_DEPTHS) list.push([`of ${depth} bits`, png(header(64, 64, depth), good)])
  for (const colour of STRANGE_COLOURS)
    list.push([`of colour type ${colour}`, png(header(64, 64, 8, colour), good)])
  for (const [width, height] of FLOODS)
    list.push([`that claims ${width} × ${height}`, png(header(width, height), good)])
  for (const share of [0.2, 0.3, 0.4, 0.6, 0.7, 0.8])
    list.push([`cut at ${Math.round(100 * share)} %`, sound.subarray(0, Math.floor(share * sound.length))])
  return list.map(([name, bytes]) => ({ name: `PNG ${name}`, data: bytes }))
}

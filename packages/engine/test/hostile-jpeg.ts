/** JPEGs with something wrong in every part of them. Source of the parts: ITU-T T.81, Annex B. */
import { Buffer } from 'node:buffer'
import { ascii, changed, type Hostile, noise, placeOf, resized, segment } from './hostile-parts.ts'

const [BASELINE, PROGRESSIVE, HUFFMAN, QUANTISATION, SCAN] = [0xc0, 0xc2, 0xc4, 0xdb, 0xda]
/** T.81 table B.1: frames that no camera makes. */
const STRANGE_FRAMES = [0xc3, 0xc5, 0xc6, 0xc7, 0xca, 0xcb, 0xcd, 0xce, 0xcf]
/** Far more scans than any encoder makes: each goes over the whole picture again. */
const MANY_SCANS = [200, 1000, 5000]

/**
 * @param jpeg a sound baseline picture of 64 × 48
 * @param progressive the same, progressive
 */
export function hostileJpegs(jpeg: Buffer, progressive: Buffer): Hostile[] {
  const frame = placeOf(jpeg, BASELINE)
  const huffman = placeOf(jpeg, HUFFMAN)
  const quantisation = placeOf(jpeg, QUANTISATION)
  const scan = placeOf(jpeg, SCAN)
  const afterScanHead = scan + 2 + jpeg.readUInt16BE(scan + 2)
  const without = (at: number) =>
    Buffer.concat([jpeg.subarray(0, at), jpeg.subarray(at + 2 + jpeg.readUInt16BE(at + 2))])
  const before = (at: number, ...more: Buffer[]) =>
    Buffer.concat([jpeg.subarray(0, at), ...more, jpeg.subarray(at)])
  const length = (at: number, value: number) => {
    const out = Buffer.from(jpeg)
    out.writeUInt16BE(value, at + 2)
    return out
  }
  const list: [string, Buffer][] = [
    ['without a frame', without(frame)],
    ['without quantisation tables', withoutAll(jpeg, QUANTISATION)],
    ['without a scan', jpeg.subarray(0, scan)],
    ['with a scan head and no data', jpeg.subarray(0, afterScanHead)],
    ['with ones for data', Buffer.concat([jpeg.subarray(0, afterScanHead), Buffer.alloc(600, 0xff)])],
    ['of 12 bits', changed(jpeg, frame + 4, 12)],
    ['of no bits', changed(jpeg, frame + 4, 0)],
    ['of no component', changed(jpeg, frame + 9, 0)],
    ['of five components', changed(jpeg, frame + 9, 5)],
    ['of 255 components', changed(jpeg, frame + 9, 255)],
    ['with no sampling', changed(jpeg, frame + 11, 0x00)],
    ['with sampling of fifteen', changed(jpeg, frame + 11, 0xff)],
    ['with a quantisation table that is not there', changed(jpeg, frame + 12, 3)],
    ['with a quantisation table of number 15', changed(jpeg, quantisation + 4, 0x0f)],
    ['with Huffman counts of 255', changed(jpeg, huffman + 6, 255)],
    ['with Huffman codes that overlap', changed(jpeg, huffman + 5, 16)],
    ['with a Huffman table of class 15', changed(jpeg, huffman + 4, 0xf0)],
    ['with a scan of no component', changed(jpeg, scan + 4, 0)],
    ['with a scan of nine components', changed(jpeg, scan + 4, 9)],
    ['with a scan of a component that is not there', changed(jpeg, scan + 5, 77)],
    ['of no width', resized(jpeg, 0, 48)],
    ['of 1 × 65 535', resized(jpeg, 1, 65_535)],
    ['of 65 535 × 1', resized(jpeg, 65_535, 1)],
    ['of 15 × 48', resized(jpeg, 15, 48)],
    ['progressive that claims 20 000 × 20 000', resized(progressive, 20_000, 20_000)],
    ['progressive of no height', resized(progressive, 64, 0)],
    [
      'of three pictures of thumbnails inside',
      before(2, segment(0xe1, Buffer.concat([ascii('Exif\0\0'), jpeg]))).subarray(0, scan),
    ],
    [
      'EXIF bomb: directories that point at themselves, and no picture',
      Buffer.concat([ascii('\xff\xd8'), exifBomb(), ascii('\xff\xd9')]),
    ],
    [
      'EXIF bomb of 100 segments, and no picture',
      Buffer.concat([ascii('\xff\xd8'), ...Array.from({ length: 100 }, exifBomb), ascii('\xff\xd9')]),
    ],
    [
      'ICC bomb of 255 parts, and no picture',
      Buffer.concat([ascii('\xff\xd8'), ...iccParts(255), ascii('\xff\xd9')]),
    ],
    [
      'ICC profile whose parts are numbered wrongly, and half a picture',
      before(2, ...iccParts(9).reverse()).subarray(0, -400),
    ],
    [
      'of ten megabytes of comments, and no picture',
      Buffer.concat([
        ascii('\xff\xd8'),
        ...Array.from({ length: 150 }, () => segment(0xfe, Buffer.alloc(65_000))),
        ascii('\xff\xd9'),
      ]),
    ],
    [
      'of a million empty segments',
      Buffer.concat([ascii('\xff\xd8'), Buffer.alloc(4_000_000, Buffer.from([0xff, 0xfe, 0, 2]))]),
    ],
    [
      'sound but for a million empty segments',
      before(2, Buffer.alloc(4_000_000, Buffer.from([0xff, 0xfe, 0, 2]))),
    ],
    [
      'of EXIF segments that begin inside each other',
      before(2, Buffer.alloc(8_000_000, ascii('\xff\xe1\xff\xffExif'))),
    ],
    ['of fill bytes', Buffer.concat([ascii('\xff\xd8'), Buffer.alloc(4_000_000, 0xff)])],
    ['sound but for ten megabytes of fill bytes', before(2, Buffer.alloc(9_900_000, 0xff))],
    ['sound but for five million restarts', before(2, Buffer.alloc(9_900_000, ascii('\xff\xd0')))],
    [
      'whose end is sought in ten megabytes',
      Buffer.concat([jpeg.subarray(0, afterScanHead), Buffer.alloc(9_900_000, 0xd9)]),
    ],
    ['progressive that claims 5000 × 5000, without an end', resized(progressive, 5000, 5000).subarray(0, -2)],
    ['that begins again and again', Buffer.alloc(300_000, ascii('\xff\xd8\xff'))],
    ['that ends before it begins', Buffer.concat([ascii('\xff\xd8\xff\xd9'), jpeg])],
    [
      'with two frames',
      before(scan, segment(BASELINE, resized(jpeg, 128, 96).subarray(frame + 4, frame + 19))),
    ],
    [
      'with a progressive frame before its own',
      before(frame, segment(PROGRESSIVE, jpeg.subarray(frame + 4, frame + 19))),
    ],
    ['with a frame of no content', before(frame, segment(BASELINE, Buffer.alloc(0)))],
    ['with a script in front', Buffer.concat([ascii('<script>alert(1)</script>'), jpeg])],
    ['with a line break in front', Buffer.concat([ascii('\r\n'), jpeg])],
  ]
  for (const marker of STRANGE_FRAMES)
    list.push([`of frame type ${marker.toString(16)}`, changed(jpeg, frame + 1, marker)])
  for (const [part, at] of Object.entries({ frame, huffman, quantisation, scan }))
    for (const value of [0, 1, 3, 0xffff])
      list.push([`whose ${part} segment says it has ${value} bytes`, length(at, value)])
  for (const share of [0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.95])
    list.push([
      `progressive cut at ${Math.round(100 * share)} %`,
      progressive.subarray(0, Math.floor(share * progressive.length)),
    ])
  for (const times of MANY_SCANS)
    for (const [width, height] of [
      [64, 48],
      [2000, 2000],
    ] as const)
      list.push([
        `progressive ${width} × ${height} of ${times} scans`,
        manyScans(resized(progressive, width, height), times),
      ])
  return list.map(([name, data]) => ({ name: `JPEG ${name}`, data }))
}

/** Not sound either, but libjpeg makes a picture of it: it may, as long as that costs no more than a picture of the size. */
export function halfSoundJpegs(jpeg: Buffer, progressive: Buffer): Hostile[] {
  const huffman = placeOf(jpeg, HUFFMAN)
  const scan = placeOf(jpeg, SCAN)
  const afterScanHead = scan + 2 + jpeg.readUInt16BE(scan + 2)
  const head = jpeg.subarray(0, afterScanHead)
  const noLength = Buffer.from(jpeg)
  noLength.writeUInt16BE(2, huffman + 2)
  return [
    { name: 'JPEG with noise for data', data: Buffer.concat([head, noise(600), ascii('\xff\xd9')]) },
    { name: 'JPEG larger than its data', data: resized(jpeg, 640, 480) },
    { name: 'JPEG progressive that claims 4000 × 4000', data: resized(progressive, 4000, 4000) },
    {
      name: 'JPEG of restart markers',
      data: Buffer.concat([head, Buffer.alloc(400_000, Buffer.from([0xff, 0xd0]))]),
    },
    { name: 'JPEG of arithmetic coding', data: changed(jpeg, placeOf(jpeg, BASELINE) + 1, 0xc9) },
    { name: 'JPEG with an empty Huffman segment', data: noLength },
    {
      name: 'JPEG with nine profiles of 16 kB',
      data: Buffer.concat([jpeg.subarray(0, 2), ...iccParts(9), jpeg.subarray(2)]),
    },
    {
      name: 'JPEG with directories that point at themselves',
      data: Buffer.concat([jpeg.subarray(0, 2), exifBomb(), jpeg.subarray(2)]),
    },
  ]
}

function withoutAll(jpeg: Buffer, marker: number): Buffer {
  const parts: Buffer[] = [jpeg.subarray(0, 2)]
  for (let at = 2; ; ) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2)
    if (jpeg[at + 1] === SCAN) return Buffer.concat([...parts, jpeg.subarray(at)])
    if (jpeg[at + 1] !== marker) parts.push(jpeg.subarray(at, end))
    at = end
  }
}

/** The first scan of a progressive picture, again and again. */
function manyScans(progressive: Buffer, times: number): Buffer {
  const scan = placeOf(progressive, SCAN)
  const next = progressive.indexOf(Buffer.from([0xff, 0xda]), scan + 2)
  const huffman = progressive.lastIndexOf(Buffer.from([0xff, 0xc4]), next)
  const once = progressive.subarray(scan, huffman > scan ? huffman : next)
  return Buffer.concat([
    progressive.subarray(0, scan),
    ...Array.from({ length: times }, () => once),
    ascii('\xff\xd9'),
  ])
}

/** A TIFF directory of many entries whose next directory is itself. */
function exifBomb(): Buffer {
  const entries = 4000
  const directory = Buffer.alloc(2 + 12 * entries + 4)
  directory.writeUInt16LE(entries)
  for (let i = 0; i < entries; i++) {
    const at = 2 + 12 * i
    directory.writeUInt16LE(0x8769, at)
    directory.writeUInt16LE(4, at + 2)
    directory.writeUInt32LE(0x7fffffff, at + 4)
    directory.writeUInt32LE(8, at + 8)
  }
  directory.writeUInt32LE(8, directory.length - 4)
  return segment(0xe1, Buffer.concat([ascii('Exif\0\0II*\0\x08\0\0\0'), directory]))
}

function iccParts(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    segment(0xe2, Buffer.concat([ascii('ICC_PROFILE\0'), Buffer.from([i + 1, count]), noise(16_000, i)])),
  )
}

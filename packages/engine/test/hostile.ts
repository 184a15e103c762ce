/** Images that a stranger might send to break a decoder, made here and now; none of them is a sound picture. */
import { Buffer } from 'node:buffer'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { hostileJpegs } from './hostile-jpeg.ts'
import { ascii, chunk, type Hostile, header, noise, PNG_MAGIC, png, resized, rows } from './hostile-parts.ts'
import { hostilePngs } from './hostile-png.ts'
import { hostileWebps } from './hostile-webp.ts'

/** A second frame header, four times as large, before the scan. */
function twoFrames(jpeg: Buffer): Buffer {
  const [frame, scan] = [0xc0, 0xda].map((marker) => jpeg.indexOf(Buffer.from([0xff, marker])))
  const other = resized(jpeg, 128, 96).subarray(frame, frame! + 2 + jpeg.readUInt16BE(frame! + 2))
  return Buffer.concat([jpeg.subarray(0, scan), other, jpeg.subarray(scan)])
}

export async function hostileImages(): Promise<Hostile[]> {
  const raw = { width: 64, height: 48, channels: 3 as const }
  const picture = sharp(noise(64 * 48 * 3), { raw })
  const jpeg = await picture.clone().jpeg().toBuffer()
  const goodPng = await picture.clone().png().toBuffer()
  const webp = await picture.clone().webp().toBuffer()
  const tiff = await picture.clone().tiff().toBuffer()
  const gif = await picture.clone().gif().toBuffer()
  const avif = await picture.clone().heif({ compression: 'av1' }).toBuffer()
  const svg = ascii(
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64"/></svg>',
  )
  const bomb = ascii(
    '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><text>&b;</text></svg>',
  )
  const outside = ascii(
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><image href="file:///etc/hostname" width="9" height="9"/></svg>',
  )
  const frames = await sharp(noise(64 * 96 * 3), {
    raw: { width: 64, height: 96, channels: 3, pageHeight: 48 },
  })
    .webp({ loop: 0, delay: [10, 10] })
    .toBuffer()
  const noTables = Buffer.concat([jpeg.subarray(0, 2), jpeg.subarray(jpeg.length - 600)])
  const wrongSum = Buffer.from(goodPng)
  wrongSum[goodPng.indexOf('IDAT') + 20]! ^= 0xff
  const oneBit = deflateSync(Buffer.alloc(2001 * 16000))
  const riff = Buffer.from(webp)
  riff.writeUInt32LE(0x7fffffff, 4)
  const zip = Buffer.concat([ascii('PK\x03\x04'), noise(200)])

  const list: [string, Uint8Array][] = [
    ['nothing at all', Buffer.alloc(0)],
    ['one byte', Buffer.from([0xff])],
    ['zeros', Buffer.alloc(4096)],
    ['noise', noise(4096)],
    ['text', ascii('this is not an image')],
    ['HTML', ascii('<html><script>alert(1)</script></html>')],
    ['JSON', ascii('{"image":"…"}')],
    ['PDF', ascii('%PDF-1.7\n1 0 obj <<>> endobj')],
    ['ZIP', zip],
    ['ELF', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), noise(200)])],
    ['SVG', svg],
    ['SVG with entities that multiply', bomb],
    ['SVG that includes a local file', outside],
    ['TIFF', tiff],
    ['GIF', gif],
    ['AVIF', avif],
    ['BMP', Buffer.concat([ascii('BM'), noise(300)])],
    ['PSD', Buffer.concat([ascii('8BPS'), noise(300)])],
    ['portable grey map', Buffer.concat([ascii('P5\n64 48\n255\n'), noise(64 * 48)])],
    ['OpenEXR', Buffer.concat([Buffer.from([0x76, 0x2f, 0x31, 0x01]), noise(300)])],
    ['SVG behind a JPEG magic', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), svg])],
    ['TIFF behind a JPEG magic', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), tiff])],
    ['GIF behind a PNG magic', Buffer.concat([PNG_MAGIC, gif])],
    ['AVIF behind a WebP magic', Buffer.concat([ascii('RIFF\x40\0\0\0WEBP'), avif])],
    ['GIF and JPEG in one', Buffer.concat([ascii('GIF89a'), jpeg])],
    ['ZIP before JPEG', Buffer.concat([zip, jpeg])],
    ['JPEG magic alone', Buffer.from([0xff, 0xd8, 0xff])],
    ['JPEG magic and zeros', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(4096)])],
    ['JPEG magic and noise', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), noise(4096)])],
    ['JPEG start and end only', Buffer.from([0xff, 0xd8, 0xff, 0xd9])],
    ['JPEG without tables', noTables],
    ['JPEG header that claims 65 500 × 65 500', resized(jpeg, 65500, 65500)],
    ['JPEG header that claims 6000 × 6000', resized(jpeg, 6000, 6000)],
    ['JPEG header that claims no height', resized(jpeg, 64, 0)],
    ['JPEG with two headers of different size', twoFrames(jpeg)],
    ['PNG magic alone', PNG_MAGIC],
    ['PNG magic and noise', Buffer.concat([PNG_MAGIC, noise(4096)])],
    ['PNG with a wrong checksum', wrongSum],
    ['PNG pixel bomb, 16 000 × 16 000 of one bit', png(header(16000, 16000, 1, 0), oneBit)],
    ['PNG header that claims 2³¹ − 1 pixels a side', png(header(0x7fffffff, 0x7fffffff), rows(8, 8))],
    ['PNG of no width', png(header(0, 64), rows(8, 8))],
    ['PNG with too few rows', png(header(64, 64), rows(64, 8))],
    ['PNG of an unknown colour type', png(header(64, 64, 8, 5), rows(64, 64))],
    ['PNG with data that does not inflate', png(header(64, 64), noise(500))],
    [
      'PNG without data',
      Buffer.concat([PNG_MAGIC, chunk('IHDR', header(64, 64)), chunk('IEND', Buffer.alloc(0))]),
    ],
    ['PNG palette without palette', png(header(64, 64, 8, 3), deflateSync(Buffer.alloc(65 * 64)))],
    ['PNG 1 × 1', png(header(1, 1), rows(1, 1))],
    ['PNG 25 000 × 1', png(header(25000, 1), rows(25000, 1))],
    ['WebP magic alone', ascii('RIFF\x04\0\0\0WEBP')],
    ['WebP magic and noise', Buffer.concat([ascii('RIFF\x40\0\0\0WEBPVP8 '), noise(300)])],
    ['WebP that claims two gigabytes', Buffer.concat([riff.subarray(0, 30)])],
    ['WebP animation', frames],
    ['more than ten megabytes', Buffer.concat([jpeg, Buffer.alloc(10 * 1024 * 1024)])],
  ]
  for (const [name, data] of [
    ['JPEG', jpeg],
    ['PNG', goodPng],
    ['WebP', webp],
  ] as const)
    for (const share of [0.1, 0.5, 0.9])
      list.push([`${name} cut at ${100 * share} %`, data.subarray(0, Math.floor(share * data.length))])
  return [
    ...list.map(([name, data]) => ({ name, data })),
    ...hostileJpegs(jpeg, await picture.clone().jpeg({ progressive: true }).toBuffer()),
    ...hostilePngs(goodPng),
    ...hostileWebps(webp, await picture.clone().webp({ lossless: true }).toBuffer()),
    ...disguised({ jpeg, png: goodPng, webp, tiff, gif, avif, svg }),
  ]
}

/** First bytes of the formats that are read, as long as anybody looks at them. */
const MAGICS: Readonly<Record<string, Buffer>> = {
  JPEG: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10]),
  PNG: PNG_MAGIC,
  WebP: ascii('RIFF\x40\0\0\0WEBPVP8 '),
}

/** Every format behind the first bytes of every other, and inside each other. */
function disguised(formats: Readonly<Record<string, Buffer>>): Hostile[] {
  return Object.entries(formats)
    .flatMap(([name, data]) =>
      Object.entries(MAGICS).flatMap(([magic, first]) => [
        { name: `${magic} magic before a whole ${name}`, data: Buffer.concat([first, data]) },
        {
          name: `${magic} magic over the beginning of a ${name}`,
          data: Buffer.concat([first, data.subarray(first.length)]),
        },
      ]),
    )
    .filter(
      ({ name }) => !/^(JPEG magic over .* jpeg|PNG magic over .* png|WebP magic over .* webp)$/.test(name),
    )
}

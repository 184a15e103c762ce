/** WebPs with something wrong in every part of them. Source of the parts: RFC 9649. */
import { Buffer } from 'node:buffer'
import { ascii, changed, type Hostile, noise, riffChunk, webpOf } from './hostile-parts.ts'

/** VP8X: flags, then width − 1 and height − 1 in three bytes each. */
function canvas(flags: number, width: number, height: number): Buffer {
  const data = Buffer.alloc(10)
  data[0] = flags
  data.writeUIntLE(width - 1, 4, 3)
  data.writeUIntLE(height - 1, 7, 3)
  return riffChunk('VP8X', data)
}

const [ANIMATED, ALPHA, EXIF, ICC] = [0x02, 0x10, 0x08, 0x20]

/** ANMF: offsets, width − 1, height − 1, duration, flags, then a picture's chunk. */
function frameOf(width: number, height: number, picture: Buffer): Buffer {
  const head = Buffer.alloc(16)
  head.writeUIntLE(width - 1, 6, 3)
  head.writeUIntLE(height - 1, 9, 3)
  return riffChunk('ANMF', Buffer.concat([head, picture]))
}

/**
 * @param lossy a sound picture of 64 × 48
 * @param lossless the same, lossless
 */
export function hostileWebps(lossy: Buffer, lossless: Buffer): Hostile[] {
  const picture = lossy.subarray(12)
  const loop = riffChunk('ANIM', Buffer.alloc(6))
  const frame = frameOf(64, 48, picture)
  const size = (value: number) => {
    const out = Buffer.from(lossy)
    out.writeUInt16LE(value, 26)
    out.writeUInt16LE(value, 28)
    return out
  }
  const list: [string, Buffer][] = [
    ['of no chunk', webpOf()],
    ['of an unknown chunk', webpOf(riffChunk('EVIL', noise(200)))],
    [
      'of a chunk that claims four gigabytes',
      webpOf(Buffer.concat([ascii('VP8 \xff\xff\xff\xff'), noise(200)])),
    ],
    ['of nothing but a canvas', webpOf(canvas(0, 64, 48))],
    ['of nothing but alpha', webpOf(canvas(ALPHA, 64, 48), riffChunk('ALPH', noise(300)))],
    ['of nothing but EXIF', webpOf(canvas(EXIF, 64, 48), riffChunk('EXIF', noise(60_000)))],
    ['of nothing but a profile', webpOf(canvas(ICC, 64, 48), riffChunk('ICCP', noise(3_000_000)))],
    ['whose canvas is 16 000 × 16 000', webpOf(canvas(0, 16_000, 16_000), picture)],
    ['whose canvas is 16 777 216 × 16 777 216', webpOf(canvas(0, 16_777_216, 16_777_216), picture)],
    ['whose canvas is another size', webpOf(canvas(0, 640, 480), picture)],
    ['with two canvases and no picture', webpOf(canvas(0, 64, 48), canvas(0, 64, 48))],
    ['animated of two frames', webpOf(canvas(ANIMATED, 64, 48), loop, frame, frame)],
    [
      'animated of 2000 frames',
      webpOf(canvas(ANIMATED, 64, 48), loop, ...Array.from({ length: 2000 }, () => frame)),
    ],
    ['animated of no frame', webpOf(canvas(ANIMATED, 64, 48), loop)],
    [
      'animated of empty frames',
      webpOf(
        canvas(ANIMATED, 64, 48),
        loop,
        frameOf(64, 48, Buffer.alloc(0)),
        frameOf(64, 48, Buffer.alloc(0)),
      ),
    ],
    [
      'animated, whose frames are larger than the canvas',
      webpOf(canvas(ANIMATED, 64, 48), loop, frameOf(6400, 4800, picture), frame),
    ],
    ['animated of a huge canvas', webpOf(canvas(ANIMATED, 16_000, 16_000), loop, frame, frame)],
    ['of no size', size(0)],
    ['of 16 383 × 16 383', size(0x3fff)],
    ['of 8 × 8', size(8)],
    ['that is no key frame', changed(lossy, 20, lossy[20]! | 1)],
    ['of an unknown profile', changed(lossy, 20, lossy[20]! | 0x0e)],
    ['without its start code', changed(lossy, 23, 0)],
    ['whose first part is longer than all', changed(changed(lossy, 21, 0xff), 22, 0xff)],
    ['with noise for data', Buffer.concat([lossy.subarray(0, 20), noise(lossy.length - 20)])],
    ['lossless without its sign', changed(lossless, 20, 0)],
    [
      'lossless of 16 384 × 16 384',
      Buffer.concat([lossless.subarray(0, 21), Buffer.from([0xff, 0xff, 0xff, 0x0f]), lossless.subarray(25)]),
    ],
    ['lossless of an unknown version', changed(lossless, 24, 0xe0)],
    ['lossless with noise for data', Buffer.concat([lossless.subarray(0, 25), noise(300)])],
    ['lossless with ones for data', Buffer.concat([lossless.subarray(0, 25), Buffer.alloc(300, 0xff)])],
    [
      'of a million empty chunks',
      webpOf(canvas(0, 64, 48), Buffer.alloc(9_600_000, riffChunk('EVIL', Buffer.alloc(0))), picture),
    ],
    [
      'in capital letters only',
      Buffer.concat([ascii('RIFF'), lossy.subarray(4, 8), ascii('webp'), lossy.subarray(12)]),
    ],
    [
      'that is a sound file',
      Buffer.concat([ascii('RIFF'), lossy.subarray(4, 8), ascii('WAVE'), lossy.subarray(12)]),
    ],
  ]
  for (const [name, data] of [
    ['lossy', lossy],
    ['lossless', lossless],
  ] as const)
    for (const share of [0.02, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8])
      list.push([
        `${name} cut at ${Math.round(100 * share)} %`,
        data.subarray(0, Math.floor(share * data.length)),
      ])
  return list.map(([name, data]) => ({ name: `WebP ${name}`, data }))
}

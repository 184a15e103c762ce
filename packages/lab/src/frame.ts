/** Pictures as the laboratory passes them on. */

/** A photograph as decoded by anybody: row-major, 8 bit sRGB, 3 or 4 channels. */
export interface Photo {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array | Uint8ClampedArray
  readonly channels: 3 | 4
}

/**
 * A camera frame: row-major, 8 bit sRGB. RGB when `data` holds 3 bytes a pixel, RGBA (alpha 255) when it holds 4,
 * so that the `data` of a canvas `ImageData` can be written in place.
 */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array | Uint8ClampedArray
}

/** An empty frame; RGB unless 4 channels are asked for. */
export function createFrame(width: number, height: number, channels: 3 | 4 = 3): Frame {
  return { width, height, data: new Uint8ClampedArray(width * height * channels) }
}

/** @throws TypeError when the data are neither RGB nor RGBA of that size */
export function channelsOf(frame: Frame): 3 | 4 {
  const channels = frame.data.length / (frame.width * frame.height)
  if (channels !== 3 && channels !== 4) throw new TypeError('A frame holds 3 or 4 bytes a pixel.')
  return channels
}

/** Mirrors a frame in place, left to right. */
export function mirrorFrame(frame: Frame): void {
  const { width, height, data } = frame
  const channels = channelsOf(frame)
  for (let y = 0; y < height; y++) {
    let a = y * width * channels
    let b = a + (width - 1) * channels
    // Three channels change sides; the fourth, where there is one, is 255 everywhere.
    for (; a < b; a += channels, b -= channels) {
      const red = data[a]
      const green = data[a + 1]
      const blue = data[a + 2]
      data[a] = data[b]
      data[a + 1] = data[b + 1]
      data[a + 2] = data[b + 2]
      data[b] = red
      data[b + 1] = green
      data[b + 2] = blue
    }
  }
}

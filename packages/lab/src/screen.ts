/** A display filmed by a camera: bezel, sub-pixel moiré, banding, glare, cool white. */
import { channelsOf, type Frame } from './frame.ts'
import { smoothstep } from './linear.ts'

export interface ScreenLook {
  /** Display pixels per camera pixel; moiré is strongest near whole numbers. */
  readonly pitch: number
  /** Strength of the sub-pixel pattern; .08–.12 is plausible, .5 hides the face. */
  readonly moire: number
  /** Strength of the bands of the display's refresh. */
  readonly banding: number
  /** Strength of the reflected lamp. */
  readonly glare: number
}

export const LAPTOP_SCREEN: ScreenLook = { pitch: 1.12, moire: 0.1, banding: 0.03, glare: 0.22 }
export const COARSE_SCREEN: ScreenLook = { pitch: 0.7, moire: 0.22, banding: 0.05, glare: 0.3 }

/** Share of the frame's height that the bezel covers on each side. */
const BEZEL = 0.055
const BEZEL_COLOUR = [19, 19, 21] as const
/** A display is not black where it shows black, and its white is cool. */
const BLACK_LEVEL = 9
const WHITE = [0.93, 0.98, 1.03] as const
/** Bands over the frame height, and bands that pass per second. */
const BANDS = 2.3
const BANDS_PER_S = 0.9

/**
 * Turns what a display shows (the frame) into what a camera in front of it sees, in place.
 * @param offset where the camera points, in camera pixels; moves the pattern
 */
export function filmScreen(
  frame: Frame,
  look: ScreenLook,
  tMs: number,
  offset: { readonly x: number; readonly y: number },
): void {
  const { width, height, data } = frame
  const step = channelsOf(frame)
  const bezel = BEZEL * height
  const columns = [0, 1, 2].map((c) =>
    Float32Array.from({ length: width }, (_, x) => subPixel((x + offset.x) * look.pitch - c / 3, look.moire)),
  )
  const glareX = 0.72 * width + offset.x
  const glareY = 0.24 * height + offset.y
  for (let y = 0; y < height; y++) {
    const phase = (BANDS * y) / height - (BANDS_PER_S * tMs) / 1000
    const row =
      subPixel((y + offset.y) * look.pitch, 0.4 * look.moire) *
      (1 + look.banding * Math.sin(2 * Math.PI * phase))
    const top = Math.min(y - offset.y, height - 1 - y + offset.y)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * step
      const edge = Math.min(top, x - offset.x, width - 1 - x + offset.x)
      if (edge < bezel) {
        for (let c = 0; c < 3; c++) data[at + c] = BEZEL_COLOUR[c]
        continue
      }
      const distance = ((x - glareX) / (0.3 * width)) ** 2 + ((y - glareY) / (0.22 * height)) ** 2
      const glare = distance < 1 ? 255 * look.glare * (1 - smoothstep(0, 1, distance)) : 0
      for (let c = 0; c < 3; c++) {
        const shown = BLACK_LEVEL + (data[at + c] * (255 - BLACK_LEVEL)) / 255
        const seen = shown * WHITE[c] * columns[c][x] * row + glare
        data[at + c] = Math.min(seen, 255)
      }
    }
  }
}

/** Light of a striped sub-pixel row, sampled at one point: mean 1, period one display pixel. */
function subPixel(position: number, strength: number): number {
  return 1 + strength * Math.cos(2 * Math.PI * position)
}

/** A display filmed by a camera: bezel, sub-pixel moiré, banding, glare, cool white. */
import { channelsOf, type Frame } from './frame.ts'
import { smoothstep } from './linear.ts'

export interface ScreenLook {
  /** Display pixels per camera pixel; moiré is strongest near whole numbers. */
  readonly pitch: number
  /** Strength of the sub-pixel pattern; about .06 is plausible, .5 hides the face. */
  readonly moire: number
  /** Strength of the bands of the display's refresh. */
  readonly banding: number
  /** Strength of the reflected lamp. */
  readonly glare: number
  /** Where the display ends, as shares of the frame's width and height on each side. */
  readonly edge: { readonly x: number; readonly y: number }
  /** Width of the bezel beyond it, as a share of the frame's height. */
  readonly bezel: number
}

/** A tablet or laptop that fills the picture. */
export const LAPTOP_SCREEN: ScreenLook = {
  pitch: 1.06,
  moire: 0.055,
  banding: 0.03,
  glare: 0.18,
  edge: { x: 0.041, y: 0.055 },
  bezel: 1,
}
/** A coarse desktop monitor near the camera; its bezel lies outside the picture. */
export const COARSE_SCREEN: ScreenLook = {
  pitch: 0.7,
  moire: 0.22,
  banding: 0.05,
  glare: 0.3,
  edge: { x: 0, y: 0 },
  bezel: 0,
}
/** A phone held upright, fine pixels, the room beside it. */
export const PHONE_SCREEN: ScreenLook = {
  pitch: 2.35,
  moire: 0.04,
  banding: 0.015,
  glare: 0.12,
  edge: { x: 0.2, y: 0.02 },
  bezel: 0.025,
}

/** The wall behind a display that does not fill the picture. */
const ROOM_COLOUR = [112, 106, 99] as const
const BEZEL_COLOUR = [19, 19, 21] as const
/** A display is not black where it shows black, and its white is cool. */
const BLACK_LEVEL = 9
const WHITE = [0.93, 0.98, 1.03] as const
/** Bands over the frame height, and bands that pass per second. */
const BANDS = 2.3
const BANDS_PER_S = 0.9

/** The pattern turns a little against the camera's rows, so that moiré runs in waves. */
const TILT = 0.021
/** Steps of the sub-pixel pattern in one display pixel. */
const PHASES = 256
const LAST_PHASE = PHASES - 1
const GLARE_STEPS = 512

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
  const edgeX = look.edge.x * width
  const edgeY = look.edge.y * height
  const bezel = look.bezel * height
  const framed = edgeX > 0 || edgeY > 0
  const stripes = pattern(look.moire)
  const lines = pattern(0.4 * look.moire)
  const perPixel = Math.round(look.pitch * 65536)
  const spot = lampSpot(width, height, look.glare, offset)
  const cool = WHITE.map((white) => Float32Array.from({ length: 256 }, (_, value) => white * emitted(value)))
  const [reds, greens, blues] = cool as [Float32Array, Float32Array, Float32Array]
  for (let y = 0; y < height; y++) {
    const displayY = (y + offset.y) * look.pitch
    const band = Math.sin(2 * Math.PI * ((BANDS * y) / height - (BANDS_PER_S * tMs) / 1000))
    const row = lines[Math.floor(displayY * PHASES) & (PHASES - 1)] * (1 + look.banding * band)
    const start = Math.round((offset.x * look.pitch + y * TILT) * 65536)
    const inY = Math.min(y - offset.y, height - 1 - y + offset.y) - edgeY
    const fromY = ((y - spot.y) / spot.high) ** 2
    for (let x = 0, at = y * width * step; x < width; x++, at += step) {
      if (framed) {
        const inside = Math.min(inY, x - offset.x - edgeX, width - 1 - x + offset.x - edgeX)
        if (inside < 0) {
          const colour = inside > -bezel ? BEZEL_COLOUR : ROOM_COLOUR
          data[at] = colour[0]
          data[at + 1] = colour[1]
          data[at + 2] = colour[2]
          continue
        }
      }
      const aside = (x - spot.x) / spot.wide
      const distance = aside * aside + fromY
      const glare = distance < 1 ? spot.light[(distance * GLARE_STEPS) | 0] : 0
      const phase = (start + x * perPixel) >> 8
      data[at] = reds[data[at]] * stripes[phase & LAST_PHASE] * row + glare
      data[at + 1] = greens[data[at + 1]] * stripes[(phase + SUB_PIXEL) & LAST_PHASE] * row + glare
      data[at + 2] = blues[data[at + 2]] * stripes[(phase + 2 * SUB_PIXEL) & LAST_PHASE] * row + glare
    }
  }
}

/** What a display emits for a value: never quite black. */
function emitted(value: number): number {
  return BLACK_LEVEL + (value * (255 - BLACK_LEVEL)) / 255
}

/** The lamp in the display: its place, its half axes, and its light by steps of the squared distance from its middle. */
function lampSpot(width: number, height: number, glare: number, offset: { x: number; y: number }) {
  return {
    x: 0.72 * width + offset.x,
    y: 0.24 * height + offset.y,
    wide: 0.3 * width,
    high: 0.22 * height,
    light: Float32Array.from(
      { length: GLARE_STEPS },
      (_, i) => 255 * glare * (1 - smoothstep(0, 1, i / GLARE_STEPS)),
    ),
  }
}

/** Red, green and blue stripes lie a third of a display pixel apart. */
const SUB_PIXEL = Math.round(PHASES / 3)

/** Light of a striped display, sampled at one point, by the phase within a display pixel: mean 1. */
function pattern(strength: number): Float32Array {
  return Float32Array.from({ length: PHASES }, (_, i) => 1 + strength * Math.cos((2 * Math.PI * i) / PHASES))
}

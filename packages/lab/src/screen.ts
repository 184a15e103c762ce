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
  const display = placeOf(frame, look.edge, offset, 0)
  const housing = placeOf(frame, look.edge, offset, look.bezel * height)
  const stripes = pattern(look.moire)
  const lines = pattern(0.4 * look.moire)
  const lit = new Float32Array(PHASES)
  const perPixel = Math.round(look.pitch * 65536)
  const lamp = lampLight(frame, look.glare, offset)
  const cool = WHITE.map((white) => Float32Array.from({ length: 256 }, (_, value) => white * emitted(value)))
  const [reds, greens, blues] = cool as [Float32Array, Float32Array, Float32Array]
  for (let y = 0; y < height; y++) {
    const [outerLeft, outerRight] = columnsAt(housing, y)
    const [left, right] = columnsAt(display, y)
    paint(frame, y, 0, outerLeft, ROOM_COLOUR)
    paint(frame, y, outerLeft, Math.min(left, outerRight), BEZEL_COLOUR)
    paint(frame, y, Math.max(right, outerLeft), outerRight, BEZEL_COLOUR)
    paint(frame, y, outerRight, width, ROOM_COLOUR)
    const displayY = (y + offset.y) * look.pitch
    const band = Math.sin(2 * Math.PI * ((BANDS * y) / height - (BANDS_PER_S * tMs) / 1000))
    const row = lines[Math.floor(displayY * PHASES) & LAST_PHASE] * (1 + look.banding * band)
    for (let phase = 0; phase < PHASES; phase++) lit[phase] = stripes[phase] * row
    const glare = lamp(y)
    const start = Math.round((offset.x * look.pitch + y * TILT) * 65536)
    for (let x = left, at = (y * width + left) * step; x < right; x++, at += step) {
      const phase = (start + x * perPixel) >> 8
      data[at] = reds[data[at]] * lit[phase & LAST_PHASE] + glare[x]
      data[at + 1] = greens[data[at + 1]] * lit[(phase + SUB_PIXEL) & LAST_PHASE] + glare[x]
      data[at + 2] = blues[data[at + 2]] * lit[(phase + 2 * SUB_PIXEL) & LAST_PHASE] + glare[x]
    }
  }
}

/** Columns and rows of the frame, the first and the one behind the last. */
interface Place {
  readonly columns: readonly [number, number]
  readonly rows: readonly [number, number]
}

/** Where the display is seen, and what reaches `beyond` it on every side; everywhere when it has no edge in the picture. */
function placeOf(
  { width, height }: Frame,
  edge: { readonly x: number; readonly y: number },
  offset: { readonly x: number; readonly y: number },
  beyond: number,
): Place {
  const framed = edge.x > 0 || edge.y > 0
  const between = (length: number, share: number, moved: number): [number, number] => {
    const within = share * length - beyond
    return [
      Math.max(0, Math.ceil(moved + within)),
      Math.min(length, Math.floor(length - 1 + moved - within) + 1),
    ]
  }
  return framed
    ? { columns: between(width, edge.x, offset.x), rows: between(height, edge.y, offset.y) }
    : { columns: [0, width], rows: [0, height] }
}

/** The columns on a row; none, behind the last, on a row beside it. */
function columnsAt({ columns, rows }: Place, y: number): readonly [number, number] {
  return y >= rows[0] && y < rows[1] ? columns : [columns[1], columns[1]]
}

type Colour = readonly [red: number, green: number, blue: number]

function paint(frame: Frame, y: number, from: number, to: number, [red, green, blue]: Colour): void {
  const { width, data } = frame
  const step = channelsOf(frame)
  for (let x = from, at = (y * width + from) * step; x < to; x++, at += step) {
    data[at] = red
    data[at + 1] = green
    data[at + 2] = blue
  }
}

/** What a display emits for a value: never quite black. */
function emitted(value: number): number {
  return BLACK_LEVEL + (value * (255 - BLACK_LEVEL)) / 255
}

/** Light of the lamp in the display, by column on a row: it falls off with the squared distance from its middle. */
function lampLight(
  { width, height }: Frame,
  glare: number,
  offset: { readonly x: number; readonly y: number },
): (y: number) => Float32Array {
  const [middleX, middleY] = [0.72 * width + offset.x, 0.24 * height + offset.y]
  const [wide, high] = [0.3 * width, 0.22 * height]
  const light = Float32Array.from(
    { length: GLARE_STEPS },
    (_, i) => 255 * glare * (1 - smoothstep(0, 1, i / GLARE_STEPS)),
  )
  const row = new Float32Array(width)
  return (y) => {
    const fromY = ((y - middleY) / high) ** 2
    row.fill(0)
    if (fromY >= 1) return row
    for (let x = Math.max(0, Math.floor(middleX - wide)); x < width; x++) {
      const distance = ((x - middleX) / wide) ** 2 + fromY
      if (distance < 1) row[x] = light[(distance * GLARE_STEPS) | 0]
    }
    return row
  }
}

/** Red, green and blue stripes lie a third of a display pixel apart. */
const SUB_PIXEL = Math.round(PHASES / 3)

/** Light of a striped display, sampled at one point, by the phase within a display pixel: mean 1. */
function pattern(strength: number): Float32Array {
  return Float32Array.from({ length: PHASES }, (_, i) => 1 + strength * Math.cos((2 * Math.PI * i) / PHASES))
}

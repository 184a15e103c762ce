/**
 * The background of a photograph, blurred once like a video call does it. The blur hides that the background is a
 * rubber sheet, that it is repeated beyond the photograph's edge, and other people's faces.
 */
import type { LevelPhoto } from './level.ts'
import { smoothstep } from './linear.ts'
import { headOutline, type Outline } from './outline.ts'
import type { Texture } from './raster.ts'

/** Radius of each of the three box passes, in face widths. */
const BLUR_RADIUS = 0.16
/** The person stays sharp up to here and is blurred from there, in multiples of the head outline. */
const SHARP_UNTIL = 1.2
const BLURRED_FROM = 1.75
/** Below the chin the person is this wide to each side, in face widths; beyond are neighbours of group photographs. */
const TORSO_UNTIL = 1.3
const TORSO_END = 1.9

/** Blurs the background of the level photograph in place and returns the background without the person. */
export function softenBackground(level: LevelPhoto, outline: Outline): Texture {
  const { width, height, pixels } = level.texture
  const sharp = personMask(level, outline)
  const colours = [0, 1, 2].map(() => new Float32Array(width * height))
  const weight = new Float32Array(width * height)
  for (let i = 0; i < pixels.length; i++) {
    const w = 1.002 - sharp[i]
    weight[i] = w
    for (let c = 0; c < 3; c++) colours[c][i] = w * ((pixels[i] >>> (8 * c)) & 255)
  }
  const radius = Math.max(1, Math.round(BLUR_RADIUS * level.faceWidthPx))
  for (const plane of [weight, ...colours]) {
    for (let pass = 0; pass < 3; pass++) boxBlur(plane, width, height, radius)
  }
  const backdrop = new Uint32Array(width * height)
  for (let i = 0; i < pixels.length; i++) {
    let blurred = 255 << 24
    let mixed = 255 << 24
    for (let c = 0; c < 3; c++) {
      const far = Math.min(255, colours[c][i] / weight[i])
      const near = (pixels[i] >>> (8 * c)) & 255
      blurred |= Math.round(far) << (8 * c)
      mixed |= Math.round(far + (near - far) * sharp[i]) << (8 * c)
    }
    backdrop[i] = blurred
    pixels[i] = mixed
  }
  return { width, height, pixels: backdrop }
}

/** 1 where the person is, 0 where the background is. */
function personMask(level: LevelPhoto, outline: Outline): Float32Array {
  const { width, height } = level.texture
  const mask = new Float32Array(width * height)
  for (let v = 0; v < height; v++) {
    const dy = v + 0.5 - level.offsetY - outline.centreY
    for (let u = 0; u < width; u++) {
      const dx = u + 0.5 - level.offsetX - outline.centreX
      const distance = Math.hypot(dx, dy)
      const scale = distance / outline.radiusAt(dx, dy)
      const down = distance > 0 ? dy / distance : 0
      const edge = headOutline(down)
      const head = 1 - smoothstep(edge * SHARP_UNTIL, edge * BLURRED_FROM, scale)
      const aside = Math.abs(dx) / level.faceWidthPx
      const torso = smoothstep(0.45, 0.8, down) * (1 - smoothstep(TORSO_UNTIL, TORSO_END, aside))
      mask[v * width + u] = Math.max(head, torso)
    }
  }
  return mask
}

/** One box pass in both directions, edges repeated; two of the passes have the same cost at any radius. */
function boxBlur(plane: Float32Array, width: number, height: number, radius: number): void {
  blurLines(plane, height, width, width, 1, radius)
  blurLines(plane, width, height, 1, width, radius)
}

function blurLines(
  plane: Float32Array,
  lines: number,
  length: number,
  lineStep: number,
  step: number,
  radius: number,
): void {
  const line = new Float32Array(length)
  const span = 2 * radius + 1
  for (let n = 0; n < lines; n++) {
    const start = n * lineStep
    for (let i = 0; i < length; i++) line[i] = plane[start + i * step]
    let sum = line[0] * radius
    for (let i = 0; i <= radius; i++) sum += line[Math.min(length - 1, i)]
    for (let i = 0; i < length; i++) {
      plane[start + i * step] = sum / span
      sum += line[Math.min(length - 1, i + radius + 1)] - line[Math.max(0, i - radius)]
    }
  }
}

/** Light and sensor: exposure in linear light, sensor noise, motion blur as an average over the exposure time. */
import { channelsOf, type Frame } from './frame.ts'
import { createRandom, gaussian, type Random } from './random.ts'
import type { Surface } from './raster.ts'

/** sRGB transfer function (IEC 61966-2-1), 0–255 to linear 0–1. */
export function toLinear(value: number): number {
  const v = value / 255
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
}

/** Linear 0–1 to sRGB 0–255, clipped, not rounded. */
export function fromLinear(linear: number): number {
  const v = Math.max(0, Math.min(1, linear))
  return 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055)
}

const curves = new Map<number, Uint8Array>()

/** The 256-entry curve of an exposure factor, to a step of 1/512 stop; kept, since exposures repeat. */
export function exposureCurve(gain: number): Uint8Array {
  const key = Math.round(Math.log2(Math.max(gain, 1e-6)) * 512)
  let curve = curves.get(key)
  if (curve === undefined) {
    const factor = 2 ** (key / 512)
    curve = Uint8Array.from({ length: 256 }, (_, value) => Math.round(fromLinear(toLinear(value) * factor)))
    if (curves.size > 1024) curves.clear()
    curves.set(key, curve)
  }
  return curve
}

/** Writes a surface into a frame (RGB or RGBA) at an exposure. */
export function develop(surface: Surface, gain: number, out: Frame): void {
  const { pixels } = surface
  const { data } = out
  const curve = exposureCurve(gain)
  const step = channelsOf(out)
  for (let i = 0, at = 0; i < pixels.length; i++, at += step) {
    const pixel = pixels[i]
    data[at] = curve[pixel & 255]
    data[at + 1] = curve[(pixel >>> 8) & 255]
    data[at + 2] = curve[(pixel >>> 16) & 255]
    if (step === 4) data[at + 3] = 255
  }
}

/** Noise of an 8-bit camera at level 1: variance = SHOT · value + READ²; σ about 1.9 at mid grey, a usual webcam. */
const SHOT = 0.02
const READ = 1
const TABLE = 65536
const RUN = 256

let table: Int16Array | undefined

/** Standard normal numbers in 1/256, computed once. */
function noiseTable(): Int16Array {
  if (table === undefined) {
    const random = createRandom(20261121)
    table = Int16Array.from({ length: TABLE + RUN }, () => Math.round(256 * gaussian(random)))
  }
  return table
}

/** Standard deviation of the noise on a value at a level. */
export function noiseSigma(value: number, level: number): number {
  return level * Math.sqrt(SHOT * value + READ * READ)
}

/** Adds sensor noise in place. Level 0 leaves the frame as it is, 1 is a usual webcam, 4 a dark room. */
export function addSensorNoise(out: Frame, random: Random, level: number): void {
  if (level <= 0) return
  const { data } = out
  const step = channelsOf(out)
  const normal = noiseTable()
  const sigma = Int32Array.from({ length: 256 }, (_, value) => Math.round(256 * noiseSigma(value, level)))
  const run = RUN * step
  for (let start = 0; start < data.length; start += run) {
    let from = Math.floor(random() * TABLE)
    const end = Math.min(data.length, start + run)
    for (let at = start; at < end; at += step) {
      for (let c = 0; c < 3; c++) {
        const value = data[at + c]
        const noisy = value + ((normal[from++ & 65535] * sigma[value] + 32768) >> 16)
        data[at + c] = noisy < 0 ? 0 : Math.min(noisy, 255)
      }
    }
  }
}

/** Averages several renderings of one exposure into `out`: motion blur. */
export function averageFrames(frames: readonly Frame[], out: Frame): void {
  const half = frames.length >> 1
  for (let i = 0; i < out.data.length; i++) {
    let sum = half
    for (const frame of frames) sum += frame.data[i]
    out.data[i] = (sum / frames.length) | 0
  }
}

/** Light and sensor: exposure in linear light, motion blur as an average over the exposure time. */
import { channelsOf, type Frame } from './frame.ts'
import { beginRun, type Grain, NOISE_RUN, noiseTables } from './noise.ts'
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

/** Writes a surface into a frame (RGB or RGBA) at an exposure, with the noise of a sensor where it is asked for. */
export function develop(surface: Surface, gain: number, out: Frame, grain?: Grain): void {
  const { pixels } = surface
  const { data } = out
  const curve = exposureCurve(gain)
  const step = channelsOf(out)
  if (grain && grain.level > 0) developNoisy(pixels, curve, data, step, grain)
  else {
    for (let i = 0, at = 0; i < pixels.length; i++, at += step) {
      const pixel = pixels[i]
      data[at] = curve[pixel & 255]
      data[at + 1] = curve[(pixel >>> 8) & 255]
      data[at + 2] = curve[(pixel >>> 16) & 255]
    }
  }
  if (step === 4) for (let at = 3; at < data.length; at += 4) data[at] = 255
}

/** Exposure and noise in one pass and one table: what a value becomes at this exposure, by value · 256 + grade of noise. */
function developNoisy(
  pixels: Uint32Array,
  curve: Uint8Array,
  data: Frame['data'],
  step: number,
  { random, level }: Grain,
): void {
  const { grades, noisy } = noiseTables(level)
  const seen = new Uint8Array(noisy.length)
  for (let value = 0; value < 256; value++) {
    const row = curve[value] << 8
    seen.set(noisy.subarray(row, row + 256), value << 8)
  }
  for (let start = 0; start < pixels.length; start += NOISE_RUN) {
    let from = beginRun(random)
    const end = Math.min(pixels.length, start + NOISE_RUN)
    for (let i = start, at = start * step; i < end; i++, at += step, from += 3) {
      const pixel = pixels[i]
      data[at] = seen[((pixel & 255) << 8) | grades[from]]
      data[at + 1] = seen[(pixel & 0xff00) | grades[from + 1]]
      data[at + 2] = seen[((pixel >>> 8) & 0xff00) | grades[from + 2]]
    }
  }
}

/** The mean of three renderings of one exposure, into the last of them: motion blur. */
export function averageExposure(first: Uint32Array, second: Uint32Array, last: Uint32Array): void {
  for (let i = 0; i < last.length; i++) {
    const a = first[i]
    const b = second[i]
    const c = last[i]
    // Two channels share each multiplication: 85, 86 and 85 parts of 256, half a step added for rounding.
    const redBlue =
      Math.imul(a & 0xff00ff, 85) + Math.imul(b & 0xff00ff, 86) + Math.imul(c & 0xff00ff, 85) + 0x800080
    const green = ((a >>> 8) & 255) * 85 + ((b >>> 8) & 255) * 86 + ((c >>> 8) & 255) * 85 + 128
    last[i] = ((redBlue >>> 8) & 0xff00ff) | (green & 0xff00) | 0xff000000
  }
}

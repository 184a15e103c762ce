/** Light and sensor: exposure in linear light, motion blur as an average over the exposure time. */
import { channelsOf, type Frame } from './frame.ts'
import { addSensorNoise, beginRun, type Grain, NOISE_RUN, noiseTables } from './noise.ts'
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
  const whole = pixels.length % 4 === 0 && data.byteOffset % 4 === 0
  if (grain && grain.level > 0 && step === 3 && whole) {
    developNoisy(pixels, curve, new Uint32Array(data.buffer, data.byteOffset, data.length / 4), grain)
    return
  }
  for (let i = 0, at = 0; i < pixels.length; i++, at += step) {
    const pixel = pixels[i]
    data[at] = curve[pixel & 255]
    data[at + 1] = curve[(pixel >>> 8) & 255]
    data[at + 2] = curve[(pixel >>> 16) & 255]
    if (step === 4) data[at + 3] = 255
  }
  if (grain) addSensorNoise(out, grain)
}

/**
 * Exposure and noise of an RGB frame in one pass and one table: what a value becomes at this exposure, by value · 256 + grade of
 * noise. Four pixels are three words (little-endian): a quarter less time than byte by byte.
 */
function developNoisy(
  pixels: Uint32Array,
  curve: Uint8Array,
  words: Uint32Array,
  { random, level }: Grain,
): void {
  const { grades, noisy } = noiseTables(level)
  const seen = new Uint8Array(noisy.length)
  for (let value = 0; value < 256; value++) {
    const row = curve[value] << 8
    seen.set(noisy.subarray(row, row + 256), value << 8)
  }
  for (let start = 0, at = 0; start < pixels.length; start += NOISE_RUN) {
    let from = beginRun(random)
    const end = Math.min(pixels.length, start + NOISE_RUN)
    for (let i = start; i < end; i += 4, at += 3, from += 12) {
      const first = pixels[i]
      const second = pixels[i + 1]
      const third = pixels[i + 2]
      const fourth = pixels[i + 3]
      words[at] =
        seen[((first & 255) << 8) | grades[from]] |
        (seen[(first & 0xff00) | grades[from + 1]] << 8) |
        (seen[((first >>> 8) & 0xff00) | grades[from + 2]] << 16) |
        (seen[((second & 255) << 8) | grades[from + 3]] << 24)
      words[at + 1] =
        seen[(second & 0xff00) | grades[from + 4]] |
        (seen[((second >>> 8) & 0xff00) | grades[from + 5]] << 8) |
        (seen[((third & 255) << 8) | grades[from + 6]] << 16) |
        (seen[(third & 0xff00) | grades[from + 7]] << 24)
      words[at + 2] =
        seen[((third >>> 8) & 0xff00) | grades[from + 8]] |
        (seen[((fourth & 255) << 8) | grades[from + 9]] << 8) |
        (seen[(fourth & 0xff00) | grades[from + 10]] << 16) |
        (seen[((fourth >>> 8) & 0xff00) | grades[from + 11]] << 24)
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

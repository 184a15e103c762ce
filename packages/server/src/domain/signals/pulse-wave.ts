/**
 * Remote photoplethysmography: the heartbeat in the mean colour of the skin, after POS (Wang, den Brinker, Stuijk, de Haan
 * 2017, “Algorithmic principles of remote PPG”): in short windows the colour is divided by its mean, projected on the plane
 * orthogonal to the skin's tone, and added up. The spectrum's strongest line in the band is compared with the rest of it
 * (de Haan and Jeanne 2013). Pure.
 */

export interface SkinSample {
  readonly atMs: number
  /** Mean linear colour of the skin. */
  readonly colour: readonly [red: number, green: number, blue: number]
}

export interface Pulse {
  /** Strongest line and its first harmonic against the rest of the band, decibels. */
  readonly snrDb: number
  readonly perMinute: number
}

/** Hearts beat so often, hertz. */
const BAND = { least: 0.7, most: 3 }
/** Even spacing for the windows, milliseconds: about what captures deliver. */
const STEP_MS = 100
/** Length of a window of POS, milliseconds: 1.6 s in the source, one slow heartbeat. */
const WINDOW_MS = 1_600
/** Frequencies that are tried, hertz, and half the width of a line: the resolution of six seconds. */
const GRID = 0.02
const HALF_LINE = 0.17
/** Ratios of nothing stay finite, decibels. */
const MOST_DB = 40

/** @param samples in order of time, several seconds, without long gaps; undefined when there are too few */
export function pulseOf(samples: readonly SkinSample[]): Pulse | undefined {
  const wave = posWave(evenly(samples))
  if (wave.length * STEP_MS < 2 * WINDOW_MS) return undefined
  const lines: { readonly hz: number; readonly power: number }[] = []
  for (let hz = BAND.least; hz <= BAND.most + HALF_LINE; hz += GRID)
    lines.push({ hz, power: powerAt(wave, hz) })
  const inBand = lines.filter(({ hz }) => hz <= BAND.most)
  const peak = inBand.reduce((a, b) => (b.power > a.power ? b : a))
  const near = (hz: number) => Math.min(Math.abs(hz - peak.hz), Math.abs(hz - 2 * peak.hz)) <= HALF_LINE
  const sum = (of: typeof lines) => of.reduce((total, { power }) => total + power, 0)
  const rest = sum(inBand.filter(({ hz }) => !near(hz)))
  const line = sum(inBand.filter(({ hz }) => near(hz)))
  if (!(line > 0)) return undefined
  const snrDb = Math.max(-MOST_DB, Math.min(MOST_DB, 10 * Math.log10(line / rest)))
  return { snrDb, perMinute: 60 * peak.hz }
}

/** Linear interpolation on an even grid. */
function evenly(samples: readonly SkinSample[]): (readonly [number, number, number])[] {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last) return []
  const out: (readonly [number, number, number])[] = []
  let after = 1
  for (let atMs = first.atMs; atMs <= last.atMs; atMs += STEP_MS) {
    while ((samples[after]?.atMs ?? Number.POSITIVE_INFINITY) < atMs) after++
    const [a, b] = [samples[after - 1], samples[after]]
    if (!a || !b) break
    const share = b.atMs > a.atMs ? (atMs - a.atMs) / (b.atMs - a.atMs) : 0
    const mix = (part: 0 | 1 | 2) => a.colour[part] + share * (b.colour[part] - a.colour[part])
    out.push([mix(0), mix(1), mix(2)])
  }
  return out
}

function posWave(colours: readonly (readonly [number, number, number])[]): Float64Array {
  const length = WINDOW_MS / STEP_MS
  const wave = new Float64Array(colours.length)
  for (let from = 0; from + length <= colours.length; from++) {
    const window = colours.slice(from, from + length)
    const [red, green, blue] = ([0, 1, 2] as const).map((part) => mean(window.map((colour) => colour[part])))
    if (!red || !green || !blue) continue
    const first = window.map(([, g, b]) => g / green - b / blue)
    const second = window.map(([r, g, b]) => g / green + b / blue - (2 * r) / red)
    const spread = deviation(second)
    const weight = spread > 0 ? deviation(first) / spread : 0
    const mixed = first.map((value, i) => value + weight * (second[i] ?? 0))
    const level = mean(mixed)
    for (const [i, value] of mixed.entries()) wave[from + i] = (wave[from + i] ?? 0) + value - level
  }
  return wave
}

/** Power of one frequency under a Hann window. */
function powerAt(wave: Float64Array, hz: number): number {
  let [real, imaginary] = [0, 0]
  const turn = (2 * Math.PI * hz * STEP_MS) / 1000
  for (const [i, value] of wave.entries()) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / wave.length)
    real += hann * value * Math.cos(turn * i)
    imaginary += hann * value * Math.sin(turn * i)
  }
  return real * real + imaginary * imaginary
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviation(values: readonly number[]): number {
  const level = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - level) ** 2)))
}

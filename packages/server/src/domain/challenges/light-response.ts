/**
 * Does a face take on the colours that the screen shows? Colour is read as logarithms of red and blue over green, so that
 * the camera's exposure and the colour of the skin cancel. For every lag, each shown colour gets its mean answer beside a
 * steady drift (white balance); the lag at which the answers stand out and agree most counts. Pure. Limits of the idea: docs/decisions/0009-challenges-off-by-default.md.
 */
import { LIGHT_SRGB, type LightColour } from '@ipse/protocol'
import type { LightObservation, LightPatch } from '../capture-record.ts'

export interface ShownColour {
  /** Server's clock at which the colour was sent, milliseconds. */
  readonly atMs: number
  readonly colour: LightColour
}

export interface SeenLight {
  /** Server's clock at which the frame arrived, milliseconds. */
  readonly atMs: number
  readonly light: LightObservation
}

export interface LightResponse {
  /** RMS of the colours' answers ÷ RMS of what they leave unexplained in a frame. */
  readonly snr: number
  /** Correlation of the answers with the shown colours, −1 to 1. */
  readonly agreement: number
  /** From sending a colour to the arrival of frames that show it, milliseconds. */
  readonly lagMs: number
  /** The surround's answer as a share of the face's; absent when it could not be read. */
  readonly surroundShare?: number
  /** ln(answer of nose and forehead ÷ answer of the cheekbones): 0 for a flat picture. */
  readonly shape?: number
}

/** Lags that are tried, milliseconds: network, screen, exposure and encoding together. */
const LAGS_MS = { most: 600, step: 20 }
/** Fewer frames and colours say nothing. */
const MIN_FRAMES = 12
const MIN_COLOURS = 3
/** Least RMS of the expected answers: without it only greys were shown. */
const MIN_EXPECTED = 0.05
/** Face patches of which at least two must be readable in nearly all frames. */
const FACE: readonly LightPatch[] = ['forehead', 'rightCheek', 'leftCheek', 'nose']
const MIDDLE: readonly LightPatch[] = ['nose', 'forehead']
const SIDES: readonly LightPatch[] = ['rightSide', 'leftSide']
const MIN_PATCHES = 2
/** Pictures without any noise read no more. */
const MOST_SNR = 100

/** ln(red / green), ln(blue / green). */
type Chroma = readonly [number, number]

interface Sample {
  readonly atMs: number
  readonly chroma: Chroma
}

/** Answers of one series of samples at one lag. */
interface Answers {
  readonly colours: readonly { readonly colour: LightColour; readonly count: number; readonly mean: Chroma }[]
  readonly snr: number
}

/** @returns undefined when too little of the face or too few colours were seen */
export function responseTo(
  shown: readonly ShownColour[],
  seen: readonly SeenLight[],
): LightResponse | undefined {
  const face = meanSeries(seen, FACE, MIN_PATCHES)
  if (face === undefined) return undefined
  let best: { readonly lagMs: number; readonly answers: Answers; readonly agreement: number } | undefined
  for (let lagMs = 0; lagMs <= LAGS_MS.most; lagMs += LAGS_MS.step) {
    const answers = answersAt(shown, face, lagMs)
    const agreement = answers && agreementOf(answers)
    if (answers === undefined || agreement === undefined) continue
    if (best === undefined || answers.snr * agreement > best.answers.snr * best.agreement)
      best = { lagMs, answers, agreement }
  }
  if (best === undefined) return undefined
  const { lagMs, answers, agreement } = best
  const shareOf = (patches: readonly LightPatch[]) => {
    const series = meanSeries(seen, patches, 1)
    const own = series && answersAt(shown, series, lagMs)
    return own && projection(own, answers)
  }
  const surroundShare = shareOf(['surround'])
  const [middle, sides] = [shareOf(MIDDLE), shareOf(SIDES)]
  const curved = middle !== undefined && sides !== undefined && middle > 0 && sides > 0
  return {
    snr: answers.snr,
    agreement,
    lagMs,
    ...(surroundShare === undefined ? {} : { surroundShare }),
    ...(curved ? { shape: Math.log(middle / sides) } : {}),
  }
}

/** Mean chroma of those of the patches that all frames show; frames that lack most of them are left out. */
function meanSeries(
  seen: readonly SeenLight[],
  patches: readonly LightPatch[],
  atLeast: number,
): Sample[] | undefined {
  const often = patches.filter(
    (patch) => seen.filter(({ light }) => light[patch] !== undefined).length >= 0.8 * seen.length,
  )
  if (often.length < atLeast) return undefined
  const samples = seen.flatMap(({ atMs, light }): Sample[] => {
    const chromas = often.flatMap((patch) => chromaOf(light[patch]) ?? [])
    if (chromas.length < often.length) return []
    return [{ atMs, chroma: [mean(chromas.map(([u]) => u)), mean(chromas.map(([, v]) => v))] }]
  })
  return samples.length < MIN_FRAMES ? undefined : samples
}

function chromaOf(colour: LightObservation[LightPatch]): readonly [Chroma] | undefined {
  if (colour === undefined) return undefined
  const [red, green, blue] = colour
  return red > 0 && green > 0 && blue > 0 ? [[Math.log(red / green), Math.log(blue / green)]] : undefined
}

/** Analysis of covariance: one mean for every colour, one drift for all. */
function answersAt(
  shown: readonly ShownColour[],
  samples: readonly Sample[],
  lagMs: number,
): Answers | undefined {
  const groups = new Map<LightColour, Sample[]>()
  for (const sample of samples) {
    const colour = shown.findLast(({ atMs }) => atMs + lagMs <= sample.atMs)?.colour
    if (colour !== undefined) groups.set(colour, [...(groups.get(colour) ?? []), sample])
  }
  const used = [...groups.values()].flat()
  const free = used.length - groups.size - 1
  if (groups.size < MIN_COLOURS || used.length < MIN_FRAMES || free < 1) return undefined
  const means = [...groups].map(([colour, own]) => ({
    colour,
    own,
    atMs: mean(own.map(({ atMs }) => atMs)),
    chroma: [mean(own.map(({ chroma }) => chroma[0])), mean(own.map(({ chroma }) => chroma[1]))] as Chroma,
  }))
  const [atMs, u, v] = [
    mean(used.map((sample) => sample.atMs)),
    mean(used.map(({ chroma }) => chroma[0])),
    mean(used.map(({ chroma }) => chroma[1])),
  ]
  let [times, driftU, driftV] = [0, 0, 0]
  for (const group of means) {
    for (const sample of group.own) {
      const dt = sample.atMs - group.atMs
      times += dt * dt
      driftU += dt * (sample.chroma[0] - group.chroma[0])
      driftV += dt * (sample.chroma[1] - group.chroma[1])
    }
  }
  const [slopeU, slopeV] = times > 0 ? [driftU / times, driftV / times] : [0, 0]
  let [left, explained] = [0, 0]
  const colours = means.map(({ colour, own, atMs: middle, chroma }) => {
    for (const sample of own) {
      const dt = sample.atMs - middle
      left += (sample.chroma[0] - chroma[0] - slopeU * dt) ** 2
      left += (sample.chroma[1] - chroma[1] - slopeV * dt) ** 2
    }
    const answer: Chroma = [
      chroma[0] - u - slopeU * (middle - atMs),
      chroma[1] - v - slopeV * (middle - atMs),
    ]
    explained += own.length * (answer[0] ** 2 + answer[1] ** 2)
    return { colour, count: own.length, mean: answer }
  })
  /** Of one frame, and the part of the answers that noise alone would make. */
  const noise = left / free
  const power = Math.max(0, explained - (groups.size - 1) * noise) / used.length
  return { colours, snr: Math.min(MOST_SNR, Math.sqrt(power / Math.max(noise, Number.MIN_VALUE))) }
}

/** What neutral light of the room makes of the colours: the share by which each channel rises, red and blue over green. */
export function expectedChroma(colour: LightColour): Chroma {
  const [red, green, blue] = LIGHT_SRGB[colour].map((value) => (value / 255) ** 2.2) as [
    number,
    number,
    number,
  ]
  return [red - green, blue - green]
}

function agreementOf({ colours }: Answers): number | undefined {
  const total = colours.reduce((sum, { count }) => sum + count, 0)
  const expected = colours.map(({ colour }) => expectedChroma(colour))
  const centre = [0, 1].map(
    (part) =>
      expected.reduce((sum, chroma, i) => sum + (colours[i]?.count ?? 0) * (chroma[part] ?? 0), 0) / total,
  )
  let [both, own, theirs] = [0, 0, 0]
  for (const [i, { count, mean: answer }] of colours.entries()) {
    for (const part of [0, 1] as const) {
      const e = (expected[i]?.[part] ?? 0) - (centre[part] ?? 0)
      both += count * answer[part] * e
      own += count * answer[part] ** 2
      theirs += count * e * e
    }
  }
  if (Math.sqrt(theirs / total) < MIN_EXPECTED) return undefined
  return own > 0 ? both / Math.sqrt(own * theirs) : 0
}

/** How much of the face's answers another series shows, least squares. */
function projection(series: Answers, face: Answers): number | undefined {
  let [both, squares] = [0, 0]
  for (const { colour, count, mean: answer } of face.colours) {
    const other = series.colours.find((candidate) => candidate.colour === colour)?.mean
    if (other === undefined) return undefined
    both += count * (answer[0] * other[0] + answer[1] * other[1])
    squares += count * (answer[0] ** 2 + answer[1] ** 2)
  }
  return squares > 0 ? both / squares : undefined
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

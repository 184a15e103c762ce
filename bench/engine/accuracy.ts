/**
 * Measures the shipped comparison networks and prints what docs/evaluation.md and the default operating points hold.
 *
 *   node bench/engine/accuracy.ts FACES
 *
 * FACES has `lfw10/NAME_0001.jpg` and `orl/s1_1.pgm`. Look-alikes are the other people in the same photograph of the
 * packages' own group photographs: same light, camera and filter.
 */
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { FaceNetwork } from '../../packages/engine/src/face/face-network.ts'
import { findFaces } from '../../packages/engine/src/face/find.ts'
import { better, fineLandmarks } from '../../packages/engine/src/face/landmarks.ts'
import { extractTemplate, toUnitLength } from '../../packages/engine/src/face/template.ts'
import { decode } from '../../packages/engine/src/image/decode.ts'
import { Pyramid } from '../../packages/engine/src/image/pyramid.ts'
import { DEFAULT_FUSION, DEFAULT_SAME_WITHIN } from '../../packages/engine/src/models/default-space.ts'
import { loadModels } from '../../packages/engine/src/models/load.ts'
import { Network } from '../../packages/engine/src/runtime/network.ts'
import { auc, eer, fmrAt, fnmrAt, type Scores, scores, thresholdAt } from './metrics.ts'

interface Sample {
  readonly person: string
  readonly vector: Float32Array
}

type Score = (a: Float32Array, b: Float32Array) => number

const DLIB_LENGTH = 128
/** An error rate is carried by 3 / rate pairs at 95 % (ISO/IEC 19795-1 annex B). */
const RULE_OF_THREE = 3
const DEFAULT_THRESHOLD = 0.013

function cosine(a: Float32Array, b: Float32Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += a[i]! * b[i]!
  return Math.min(1, sum)
}

const dlib: Score = (a, b) => -Math.sqrt(2 - 2 * cosine(a, b, 0, DLIB_LENGTH))
const faceres: Score = (a, b) => cosine(a, b, DLIB_LENGTH, a.length)
const fused: Score = (a, b) =>
  DEFAULT_FUSION[0].distanceWeight * dlib(a, b) + DEFAULT_FUSION[1].cosineWeight * faceres(a, b)

/** The portable grey maps of ORL as PNG, which the decoder takes. */
async function asPng(pgm: Uint8Array): Promise<Uint8Array> {
  const header = /^P5\s+(\d+)\s+(\d+)\s+\d+\s/.exec(Buffer.from(pgm.subarray(0, 64)).toString('latin1'))
  if (!header) throw new Error('not a PGM file')
  const raw = { width: Number(header[1]), height: Number(header[2]), channels: 1 as const }
  return sharp(pgm.subarray(header[0].length), { raw }).png().toBuffer()
}

async function open(): Promise<(encoded: Uint8Array, all: boolean) => Promise<Float32Array[]>> {
  const { plan } = await loadModels({ models: [] }, undefined)
  const detector = await Network.load(plan.detector)
  const mesh = await Network.load(plan.landmarks)
  const embedders = await Promise.all(plan.embedders.map((embedder) => FaceNetwork.load(embedder)))
  return async (encoded, all) => {
    const pyramid = new Pyramid(await decode(encoded))
    const found = await findFaces(detector, mesh, pyramid)
    const out: Float32Array[] = []
    for (const { rough, detection } of all ? found : found.slice(0, 1)) {
      const fine = await fineLandmarks(mesh, pyramid, rough)
      const best = better(rough, fine)
      const [x, y, width, height] = detection.values
      const box = { x: x!, y: y!, width: width!, height: height! }
      out.push(await extractTemplate(embedders, pyramid, best.points, box))
    }
    return out
  }
}

function allPairs(samples: readonly Sample[], score: Score): Scores {
  const mated: number[] = []
  const nonMated: number[] = []
  samples.forEach((a, i) => {
    for (const b of samples.slice(0, i))
      (a.person === b.person ? mated : nonMated).push(score(a.vector, b.vector))
  })
  return scores(mated, nonMated)
}

/** Pictures whose mean is the probe, as frames of the hold are. */
const PROBE = 4
/** Fused thresholds of continuity: FMR 0.0001 and 0.001. */
const CONTINUITY = [0.0915, 0.013]

const DIMENSIONS = [
  [0, DLIB_LENGTH],
  [DLIB_LENGTH, undefined],
] as const

function meanOf(samples: readonly Sample[]): Float32Array {
  const sum = samples[0]!.vector.map((_, i) => samples.reduce((total, { vector }) => total + vector[i]!, 0))
  return Float32Array.from(DIMENSIONS.flatMap(([from, to]) => [...toUnitLength(sum.slice(from, to))]))
}

/**
 * The mean of four pictures of a person against every other picture, ten times a person: who is told apart by the fused
 * score, and by the first network alone at `DEFAULT_SAME_WITHIN` where it leaves no doubt.
 */
function continuityRows(name: string, samples: readonly Sample[]): string[] {
  const mated: [number, number][] = []
  const nonMated: [number, number][] = []
  for (const person of new Set(samples.map((sample) => sample.person))) {
    const own = samples.filter((sample) => sample.person === person)
    for (const [first] of own.entries()) {
      const turned = [...own.slice(first), ...own.slice(0, first)]
      const probe = meanOf(turned.slice(0, PROBE))
      const compared = ({ vector }: Sample): [number, number] => [fused(probe, vector), dlib(probe, vector)]
      mated.push(...turned.slice(PROBE).map(compared))
      nonMated.push(...samples.filter((sample) => sample.person !== person).map(compared))
    }
  }
  const early = (pairs: typeof mated) => pairs.filter(([, alone]) => alone >= -DEFAULT_SAME_WITHIN).length
  return CONTINUITY.map((limit) => {
    const passes = (pairs: typeof mated, withEarly: boolean) =>
      pairs.filter(([score, alone]) => score >= limit || (withEarly && alone >= -DEFAULT_SAME_WITHIN)).length
    const refused = [false, true].map((withEarly) => mated.length - passes(mated, withEarly)).join(' → ')
    const passed = [false, true].map((withEarly) => passes(nonMated, withEarly)).join(' → ')
    return `| ${name}, ${limit} | ${refused} of ${mated.length} | ${passed} of ${nonMated.length} | ${early(mated)} / ${early(nonMated)} |`
  })
}

const percent = (value: number): string => (100 * value).toFixed(2)

function row(name: string, set: Scores): string {
  const tar = [0.01, 0.001].map((fmr) => percent(1 - fnmrAt(set, thresholdAt(set, fmr))))
  const pairs = `${set.mated.length} / ${set.nonMated.length}`
  return `| ${name} | ${pairs} | ${auc(set).toFixed(4)} | ${percent(eer(set))} | ${tar.join(' | ')} |`
}

async function main(folder: string): Promise<void> {
  const embed = await open()
  const sets: Record<string, Sample[]> = { lfw10: [], orl: [] }
  let failed = 0
  for (const [name, samples] of Object.entries(sets)) {
    for (const file of (await readdir(join(folder, name))).sort()) {
      if (!/\.(jpg|pgm)$/.test(file)) continue
      const data = await readFile(join(folder, name, file))
      const [vector] = await embed(file.endsWith('.pgm') ? await asPng(data) : data, false)
      if (vector) samples.push({ person: file.replace(/_\d+\.\w+$/, ''), vector })
      else failed++
    }
  }
  console.log(`faces: ${sets.lfw10!.length} + ${sets.orl!.length}, failures to acquire: ${failed}\n`)
  console.log(
    '| | mated / non-mated | AUC | EER % | TAR % at FMR 1 % | TAR % at FMR 0.1 % |\n|---|---|---|---|---|---|',
  )
  const networks = { dlib128: dlib, faceres, fused }
  for (const [set, samples] of Object.entries(sets))
    for (const [network, score] of Object.entries(networks))
      console.log(row(`${set}, ${network}`, allPairs(samples, score)))

  const require = createRequire(new URL('../../packages/engine/package.json', import.meta.url))
  const demo = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'demo')
  const lookAlikes: Record<string, number[]> = { dlib128: [], faceres: [], fused: [] }
  let people = 0
  for (let photo = 1; photo <= 6; photo++) {
    const vectors = await embed(await readFile(join(demo, `sample${photo}.jpg`)), true)
    people += vectors.length
    for (const [network, score] of Object.entries(networks))
      vectors.forEach((a, i) => {
        for (const b of vectors.slice(0, i)) lookAlikes[network]!.push(score(a, b))
      })
  }
  const hard = scores([], lookAlikes.fused!)
  const perSet = Object.values(sets).map((samples) => allPairs(samples, fused))
  const mated = perSet.flatMap((set) => [...set.mated])
  const pooled = scores(
    mated,
    perSet.flatMap((set) => [...set.nonMated]),
  )
  console.log(`\nlook-alikes: ${people} faces, ${hard.nonMated.length} pairs`)
  for (const network of Object.keys(networks)) console.log(network, 'highest:', highest(lookAlikes[network]!))
  console.log(
    `\n| FMR | threshold | FMR per set | pooled FMR | FNMR per set | pooled FNMR | look-alikes that pass |`,
  )
  console.log('|---|---|---|---|---|---|---|')
  const thresholds = [0.1, 0.01, 0.001, 0.0001].map((fmr): [string, number] => {
    const carried = perSet.filter((set) => set.nonMated.length * fmr >= RULE_OF_THREE)
    return [String(fmr), Math.max(...carried.map((set) => thresholdAt(set, fmr)))]
  })
  for (const [name, threshold] of [...thresholds, ['default', DEFAULT_THRESHOLD] as [string, number]]) {
    const fmrs = perSet.map((set) => fmrAt(set, threshold).toExponential(1)).join(' / ')
    const fnmrs = perSet.map((set) => percent(fnmrAt(set, threshold))).join(' / ')
    const all = `${fmrAt(pooled, threshold).toExponential(2)} | ${fnmrs} | ${fnmrAt(pooled, threshold).toFixed(4)}`
    console.log(
      `| ${name} | ${threshold.toFixed(4)} | ${fmrs} | ${all} | ${fmrAt(hard, threshold).toFixed(4)} |`,
    )
  }
  console.log(
    '\n| continuity | same person refused | another passes | early: same / another |\n|---|---|---|---|',
  )
  for (const [name, samples] of Object.entries(sets)) console.log(continuityRows(name, samples).join('\n'))
}

const highest = (values: number[]): string =>
  values
    .toSorted((a, b) => b - a)
    .slice(0, 5)
    .map((score) => score.toFixed(3))
    .join(' ')

const folder = process.argv[2]
if (!folder) throw new Error('usage: node bench/engine/accuracy.ts FACES')
await main(folder)

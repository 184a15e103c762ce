/** What is measured for the golden numbers, and their files. Run this file to write them anew after a change of models. */
import { readFileSync, writeFileSync } from 'node:fs'
import sharp from 'sharp'
import { createEngine } from '../src/index.ts'
import type { Engine, Template } from '../src/types.ts'
import { PHOTOGRAPHS, photograph } from './photographs.ts'

export const GOLDEN_FRAMES = new URL('golden-frames.csv', import.meta.url)
export const GOLDEN_PAIRS = new URL('golden-pairs.csv', import.meta.url)

/** Columns and how far a number may be off on another machine: decoders and vector units round differently. */
export const TOLERANCE = {
  faces: 0,
  x: 2,
  y: 2,
  width: 2,
  height: 2,
  score: 0.02,
  yaw: 0.7,
  pitch: 0.7,
  roll: 0.7,
  eyes: 0.01,
  mouth: 0.01,
  eyeDistance: 0.7,
  sharpness: 0.4,
  luminance: 0.01,
  dynamicRange: 0.05,
  cropMargins: 0.05,
  antispoof: 0.05,
  liveness: 0.1,
} as const
export const PAIR_TOLERANCE = 0.03
export type Row = Readonly<Record<keyof typeof TOLERANCE, number>>

function native(measurement: { status: string; native?: number } | undefined): number {
  return measurement?.native ?? Number.NaN
}

export async function measureFrames(engine: Engine): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>()
  for (const name of PHOTOGRAPHS) {
    const { faces, mesh, quality, texture } = await engine.measure(photograph(name), { texture: true })
    if (!mesh) throw new Error(`${name}: no face`)
    const { x, y, width, height } = mesh.face.box
    rows.set(name, {
      faces: faces.length,
      x,
      y,
      width,
      height,
      score: mesh.face.score,
      yaw: mesh.pose.yawDeg,
      pitch: mesh.pose.pitchDeg,
      roll: mesh.pose.rollDeg,
      eyes: mesh.eyeOpenness,
      mouth: mesh.mouthOpenness,
      eyeDistance: native(quality.interEyeDistance),
      sharpness: native(quality.sharpness),
      luminance: native(quality.luminanceMean),
      dynamicRange: native(quality.dynamicRange),
      cropMargins: native(quality.cropMargins),
      antispoof: native(texture?.antispoof),
      liveness: native(texture?.liveness),
    })
  }
  return rows
}

/** Every pair of main faces, and each with itself made smaller and coarser. */
export async function measurePairs(engine: Engine): Promise<Map<string, number>> {
  const templates = new Map<string, Template>()
  for (const name of PHOTOGRAPHS) {
    const data = photograph(name)
    const poorer = await sharp(data).resize(900).jpeg({ quality: 60 }).toBuffer()
    for (const [key, encoded] of [
      [name, data],
      [`${name}-poorer`, poorer],
    ] as const) {
      const { template } = await engine.measure(encoded, { template: true })
      if (!template) throw new Error(`${key}: no template`)
      templates.set(key, template)
    }
  }
  const scores = new Map<string, number>()
  PHOTOGRAPHS.forEach((a, i) => {
    for (const b of [...PHOTOGRAPHS.slice(0, i), `${a}-poorer`])
      scores.set(`${a},${b}`, engine.compare(templates.get(a)!, templates.get(b)!).score)
  })
  return scores
}

export function readGolden(file: URL): Map<string, number[]> {
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n')
  return new Map(
    lines.map((line) => {
      const cells = line.split(',')
      const names = cells.filter((cell) => Number.isNaN(Number(cell)))
      return [names.join(','), cells.slice(names.length).map(Number)]
    }),
  )
}

if (import.meta.main) {
  const engine = await createEngine()
  const columns = Object.keys(TOLERANCE) as (keyof Row)[]
  const frames = [...(await measureFrames(engine))].map(([name, row]) =>
    [name, ...columns.map((column) => row[column].toFixed(3))].join(','),
  )
  writeFileSync(GOLDEN_FRAMES, `${[['image', ...columns].join(','), ...frames].join('\n')}\n`)
  const pairs = [...(await measurePairs(engine))].map(([names, score]) => `${names},${score.toFixed(4)}`)
  writeFileSync(GOLDEN_PAIRS, `${['a,b,score', ...pairs].join('\n')}\n`)
  await engine.close()
}

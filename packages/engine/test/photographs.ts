/** The photographs that the two packages ship; they are read where they lie and never copied. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const faceApi = dirname(require.resolve('@vladmandic/face-api/package.json'))
const human = join(dirname(require.resolve('@vladmandic/human')), '..')

export const PHOTOGRAPHS = [
  'sample1',
  'sample2',
  'sample3',
  'sample4',
  'sample5',
  'sample6',
  'samples',
] as const
export type Photograph = (typeof PHOTOGRAPHS)[number]

export function photographPath(name: Photograph): string {
  return name === 'samples' ? join(human, 'assets', 'samples.jpg') : join(faceApi, 'demo', `${name}.jpg`)
}

export function photograph(name: Photograph): Uint8Array {
  return readFileSync(photographPath(name))
}

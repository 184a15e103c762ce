/** Two selfie-like frames, 640 × 480 JPEG, made from photographs that the face-api package ships. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import sharp from 'sharp'

const require = createRequire(new URL('../../packages/engine/package.json', import.meta.url))
const demo = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'demo')

/** A face in the middle third: photograph, centre of the face and width of the cut, in pixels of the photograph. */
const CUTS = [
  { photograph: 'sample5', x: 1523, y: 546, width: 560 },
  { photograph: 'sample6', x: 1589, y: 436, width: 620 },
] as const

export function photographPath(name: string): string {
  return join(demo, `${name}.jpg`)
}

export async function selfiePair(): Promise<[Uint8Array, Uint8Array]> {
  const frames = CUTS.map(async ({ photograph, x, y, width }) => {
    const height = Math.round((width * 3) / 4)
    const picture = sharp(await readFile(photographPath(photograph)))
    const { width: fullWidth, height: fullHeight } = await picture.metadata()
    const left = Math.min(fullWidth - width, Math.max(0, Math.round(x - width / 2)))
    const top = Math.min(fullHeight - height, Math.max(0, Math.round(y - height / 2)))
    return picture.extract({ left, top, width, height }).resize(640, 480).jpeg({ quality: 90 }).toBuffer()
  })
  const [a, b] = await Promise.all(frames)
  return [a!, b!]
}

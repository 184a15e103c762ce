/**
 * The light of single patches of the face and of its surround, in linear sRGB: what coloured light from the screen, and
 * the pulse, are read from. Means only; what they say is judged across frames. Patches that are too dark, too bright or
 * outside of the picture are left out.
 */
import { POINT } from '../face/mesh-points.ts'
import type { FaceMesh, Image, LightPatch, LinearColour, SkinLight } from '../types.ts'

/** Mesh points in the middle of skin patches; see face/mesh-points.ts for their source. */
const SKIN = {
  forehead: 151,
  rightCheek: 205,
  leftCheek: 425,
  nose: 195,
  rightSide: 123,
  leftSide: 352,
} as const satisfies Partial<Record<LightPatch, number>>

/** Half the side of a skin patch, in outer-eye distances: 18 pixels each way at an eye distance of 100. */
const HALF = 0.09
/** Where the surround is looked for, in widths of the box from its edges outwards, and in heights from its top. */
const ASIDE = { near: 0.2, far: 0.55, top: 0, bottom: 0.6 }
/** At most so many samples each way: large pictures cost no more than small ones. */
const SAMPLES = 24
/** Values between which a camera's curve is sRGB's, of 255; nothing is known of a clipped pixel. */
const READABLE = { least: 4, most: 250 }
/** Least share of readable pixels, and least number of them. */
const LEAST_SHARE = 0.6
const LEAST_COUNT = 24

/** sRGB transfer function (IEC 61966-2-1), 0–255 to linear 0–1. */
const LINEAR = Float64Array.from({ length: 256 }, (_, value) => {
  const v = value / 255
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
})

interface Area {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export function skinLight(image: Image, { face, landmarks, outerEyeDistancePx }: FaceMesh): SkinLight {
  const half = HALF * outerEyeDistancePx
  const patches: [LightPatch, LinearColour | undefined][] = Object.entries(SKIN).map(([name, point]) => {
    const [x, y] = [landmarks[3 * point]!, landmarks[3 * point + 1]!]
    const area = { left: x - half, top: y - half, right: x + half, bottom: y + half }
    return [name as LightPatch, meanLight(image, [area])]
  })
  patches.push(['surround', meanLight(image, aside(face.box, landmarks))])
  return Object.fromEntries(patches.filter(([, light]) => light !== undefined))
}

/** To both sides of the face, outside of box and mesh. */
function aside({ x, y, width, height }: FaceMesh['face']['box'], landmarks: Float32Array): Area[] {
  const top = y + ASIDE.top * height
  const bottom = y + ASIDE.bottom * height
  const left = Math.min(x, landmarks[3 * POINT.rightCheek]!)
  const right = Math.max(x + width, landmarks[3 * POINT.leftCheek]!)
  return [
    { left: left - ASIDE.far * width, right: left - ASIDE.near * width, top, bottom },
    { left: right + ASIDE.near * width, right: right + ASIDE.far * width, top, bottom },
  ]
}

/** Mean linear light of the readable pixels of some areas; undefined when there are too few. */
function meanLight({ width, height, data }: Image, areas: readonly Area[]): LinearColour | undefined {
  let [seen, read, red, green, blue] = [0, 0, 0, 0, 0]
  for (const area of areas) {
    const left = Math.max(0, Math.round(area.left))
    const top = Math.max(0, Math.round(area.top))
    const right = Math.min(width, Math.round(area.right))
    const bottom = Math.min(height, Math.round(area.bottom))
    const stepX = Math.max(1, Math.floor((right - left) / SAMPLES))
    const stepY = Math.max(1, Math.floor((bottom - top) / SAMPLES))
    for (let y = top; y < bottom; y += stepY) {
      for (let x = left; x < right; x += stepX) {
        const at = 3 * (y * width + x)
        const [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!]
        seen++
        if (Math.min(r, g, b) < READABLE.least || Math.max(r, g, b) > READABLE.most) continue
        read++
        red += LINEAR[r]!
        green += LINEAR[g]!
        blue += LINEAR[b]!
      }
    }
  }
  if (read < LEAST_COUNT || read < LEAST_SHARE * seen) return undefined
  return [red / read, green / read, blue / read]
}

/** Two people in one head: the texture and the shape of one, carried over to the mesh of the other. */
import { isSkirt } from './head-mesh.ts'
import { mix, smoothstep } from './linear.ts'
import { createOutline } from './outline.ts'
import { clearDepth, createSurface, drawMesh, type Texture } from './raster.ts'
import type { Subject } from './subject.ts'
import { MESH_POINTS } from './topology.ts'

/** Between these multiples of the silhouette the face of one passes into the head of the other. */
const FACE_UNTIL = 0.72
const HEAD_FROM = 0.98

export interface BlendOptions {
  /** Share of the other person's skin, 0 to 1. */
  readonly texture: number
  /** Share of the other person's shape, 0 to 1. */
  readonly shape: number
}

/** @returns a subject with the head, hair and background of `base` and, to those shares, the face of `face` */
export function blendSubjects(base: Subject, face: Subject, options: BlendOptions): Subject {
  const outline = createOutline(base.level.landmarks)
  const share = (x: number, y: number) => {
    const [dx, dy] = [x - outline.centreX, y - outline.centreY]
    return 1 - smoothstep(FACE_UNTIL, HEAD_FROM, Math.hypot(dx, dy) / outline.radiusAt(dx, dy))
  }
  return {
    ...base,
    texture: blendTextures(base, face, options.texture, share),
    mesh: { ...base.mesh, local: blendShapes(base, face, options.shape, share) },
    scratch: {
      local: new Float32Array(base.scratch.local.length),
      uv: new Float32Array(base.scratch.uv.length),
      points: new Float32Array(base.scratch.points.length),
    },
  }
}

type Share = (x: number, y: number) => number

function blendShapes(base: Subject, face: Subject, shape: number, share: Share): Float32Array {
  const local = Float32Array.from(base.mesh.local)
  for (let i = 0; i < base.mesh.count; i++) {
    if (isSkirt(i)) continue
    const x = base.mesh.uv[2 * i] - base.level.offsetX
    const y = base.mesh.uv[2 * i + 1] - base.level.offsetY
    // What is between the lips shows the painting below the photograph; it moves with the mouth's own share.
    const weight = shape * (y < base.height ? share(x, y) : 1)
    for (let k = 3 * i; k < 3 * i + 3; k++) local[k] = mix(local[k], face.mesh.local[k], weight)
  }
  return local
}

function blendTextures(base: Subject, face: Subject, amount: number, share: Share): Texture {
  const { width, height } = base.texture
  const warped = createSurface(width, height)
  const points = new Float32Array(3 * base.mesh.count)
  for (let i = 0; i < base.mesh.count; i++) {
    points[3 * i] = base.mesh.uv[2 * i]
    points[3 * i + 1] = base.mesh.uv[2 * i + 1]
    points[3 * i + 2] = i < MESH_POINTS ? 1 : 2
  }
  clearDepth(warped)
  const triangles = facesOnly(base.mesh.triangles)
  drawMesh(warped, { points, uv: face.mesh.uv, triangles }, face.texture)
  const gain = colourGain(base, warped.pixels, warped.depth)
  const pixels = Uint32Array.from(base.texture.pixels)
  for (let v = 0, i = 0; v < height; v++) {
    for (let u = 0; u < width; u++, i++) {
      if (warped.depth[i] === Number.POSITIVE_INFINITY) continue
      const weight = amount * share(u + 0.5 - base.level.offsetX, v + 0.5 - base.level.offsetY)
      let texel = 255 << 24
      for (let c = 0; c < 3; c++) {
        const own = (pixels[i] >>> (8 * c)) & 255
        const other = Math.min(255, gain[c] * ((warped.pixels[i] >>> (8 * c)) & 255))
        texel |= Math.round(mix(own, other, weight)) << (8 * c)
      }
      pixels[i] = texel
    }
  }
  return { width, height, pixels }
}

/** Triangles without the skirt. */
function facesOnly(triangles: Uint16Array): Uint16Array {
  const kept: number[] = []
  for (let i = 0; i < triangles.length; i += 3) {
    const triangle = [...triangles.subarray(i, i + 3)]
    if (!triangle.some(isSkirt)) kept.push(...triangle)
  }
  return Uint16Array.from(kept)
}

/** Brings the mean colour of the other face to that of the own. */
function colourGain(base: Subject, warped: Uint32Array, depth: Float32Array): number[] {
  const sums = [0, 1, 2].map(() => ({ own: 1, other: 1 }))
  for (let i = 0; i < warped.length; i++) {
    if (depth[i] === Number.POSITIVE_INFINITY) continue
    for (const [c, sum] of sums.entries()) {
      sum.own += (base.texture.pixels[i] >>> (8 * c)) & 255
      sum.other += (warped[i] >>> (8 * c)) & 255
    }
  }
  return sums.map(({ own, other }) => own / other)
}

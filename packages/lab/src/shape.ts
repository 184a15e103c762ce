/**
 * What a real head does in a turn and its mesh does not say: depth that the mesh network does not know, skin that slides.
 * On footage of people the mesh leaves .021 / .032 / .064 outer-eye distances of a turn unexplained (5 %, median, 95 % of 26
 * turns of 6 people), on re-posed photographs .007–.014 / .011–.020 / .021–.029 (docs/evaluation.md, Evidence). A rendered
 * mesh alone reads .012 / .015 / .019: it is a re-posed photograph. So people get a shape of their own, as large as
 * their likeness allows (.019 / .026 / .033), and puppets do not have it. It repeats what was found, and proves nothing.
 */
import type { HeadMesh } from './head-mesh.ts'
import type { LevelPhoto } from './level.ts'
import { smoothstep } from './linear.ts'
import { createWander } from './motion.ts'
import { createRandom, deriveSeed } from './random.ts'
import type { Subject } from './subject.ts'
import { MESH_POINTS } from './topology.ts'

/**
 * Deviation over the face, face widths for each unit of sin(yaw). Most of it lies along the turn, as unknown depth does: that
 * costs a face less of its likeness than the same across.
 */
const DEVIATION = { along: 0.065, across: 0.03 } as const
/** Factor between the people of the mean and those with the most; the same below. */
const SPREAD = 1.15
/** Waves over one face width: of the bands that were tried (.6–3.5), the one that costs the least likeness. */
const WAVES = [[1.2, 2, 1]] as const
/** Skin is taut from here on, degrees of yaw: evidence is measured at about this angle, likeness beyond it as well. */
const TAUT_DEG = 20

/** Eyes and mouth move as wholes, or gaps would open in them: corners of each, and the reaches within and beyond, face widths. */
const WHOLES = [
  { corners: [33, 133], within: 0.12, beyond: 0.2 },
  { corners: [263, 362], within: 0.12, beyond: 0.2 },
  { corners: [61, 291], within: 0.18, beyond: 0.28 },
] as const

/**
 * The shape of one person, always the same for one photograph.
 * @returns displacement of every vertex in head coordinates for each unit of `slideOf`: none when the person looks ahead
 */
export function ownShape(mesh: HeadMesh, { landmarks, faceWidthPx }: LevelPhoto): Float32Array {
  const seed = landmarks.reduce((hash, value) => (Math.imul(hash, 31) + Math.round(value)) | 0, 7)
  const random = createRandom(deriveSeed(seed, 81))
  const size = SPREAD ** (2 * random() - 1)
  const wander = () => createWander(random, Math.SQRT1_2, WAVES)
  // A wave over 1000 "milliseconds" is a wave over one face width.
  const perFace = 1000 / faceWidthPx
  const shape = new Float32Array(mesh.local.length)
  const places = placesOf(mesh, faceWidthPx)
  for (const [axis, deviation] of [DEVIATION.along, DEVIATION.across].entries()) {
    const [byX, byY] = [wander(), wander()]
    const bumps = withoutAffine(
      mesh,
      Float64Array.from(places, ([x, y]) => byX(perFace * x) + byY(perFace * y)),
    )
    const scale = (size * deviation * faceWidthPx) / Math.sqrt(onFace(bumps, bumps) / MESH_POINTS)
    for (let i = 0; i < mesh.count; i++) shape[3 * i + axis] = mesh.rotation[i] * scale * bumps[i]
  }
  return shape
}

/** Where the waves are read for every vertex: near an eye or the mouth, in its middle. */
function placesOf({ local, count }: HeadMesh, faceWidthPx: number): [number, number][] {
  return Array.from({ length: count }, (_, i) => {
    let [x, y] = [local[3 * i], local[3 * i + 1]]
    for (const { corners, within, beyond } of WHOLES) {
      const [middleX, middleY] = [0, 1].map(
        (k) => (local[3 * corners[0] + k] + local[3 * corners[1] + k]) / 2,
      )
      const [dx, dy] = [x - middleX, y - middleY]
      const own = smoothstep(within, beyond, Math.hypot(dx, dy) / faceWidthPx)
      ;[x, y] = [middleX + own * dx, middleY + own * dy]
    }
    return [x, y]
  })
}

/** What no affine map of the face explains: the rest would be another pose or another size, which is not shape. */
function withoutAffine({ local, count }: HeadMesh, values: Float64Array): Float64Array {
  const without = (from: Float64Array, part: Float64Array) => {
    const share = onFace(from, part) / onFace(part, part)
    return from.map((value, i) => value - share * part[i])
  }
  const terms = [-1, 0, 1, 2].map((k) =>
    Float64Array.from({ length: count }, (_, i) => (k < 0 ? 1 : local[3 * i + k])),
  )
  const orthogonal: Float64Array[] = []
  for (const term of terms) orthogonal.push(orthogonal.reduce(without, term))
  return orthogonal.reduce(without, values)
}

/** Sum of products over the points of the face. */
function onFace(a: Float64Array, b: Float64Array): number {
  return a.subarray(0, MESH_POINTS).reduce((sum, value, i) => sum + value * b[i], 0)
}

/** How much of its shape a head shows at a yaw: rises with its sine until the skin is taut. */
export function slideOf(yawDeg: number): number {
  return Math.sin((Math.max(-TAUT_DEG, Math.min(TAUT_DEG, yawDeg)) * Math.PI) / 180)
}

/** The photograph over its mesh and nothing else: what software can make of it. */
export function asPuppet({ shape: _, ...subject }: Subject): Subject {
  return subject
}

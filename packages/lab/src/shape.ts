/**
 * What a real head does in a turn and its mesh does not say: depth that the mesh network does not know, skin that slides.
 * On footage of people the mesh leaves .021 / .032 / .064 outer-eye distances of a turn unexplained (5 %, median, 95 % of 26
 * turns of 6 people), on re-posed photographs .007–.014 / .011–.020 / .021–.029 (docs/evaluation.md, Evidence). A rendered
 * mesh alone reads .012 / .015 / .019: it is a re-posed photograph. So people get a shape of their own, calibrated to the
 * figures of people, and puppets do not have it. It makes the difference as large as it was found, and proves nothing.
 */
import type { HeadMesh } from './head-mesh.ts'
import type { LevelPhoto } from './level.ts'
import { createWander } from './motion.ts'
import { createRandom, deriveSeed } from './random.ts'
import type { Subject } from './subject.ts'

/**
 * Deviation along each axis, face widths for each unit of sin(yaw), evenly drawn on a logarithmic scale: .05 reads a residual
 * of .021 / .025 / .033 at about 20°.
 */
const DEVIATION = { least: 0.03, most: 0.09 } as const
/** Waves over one face width. */
const WAVES = [
  [1, 2, 1],
  [2, 3.5, 0.6],
] as const

/**
 * The shape of one person, always the same for one photograph.
 * @returns displacement of every vertex in head coordinates for each unit of sin(yaw); 0 at the photograph's own yaw
 */
export function ownShape(mesh: HeadMesh, { landmarks, faceWidthPx }: LevelPhoto): Float32Array {
  const seed = landmarks.reduce((hash, value) => (Math.imul(hash, 31) + Math.round(value)) | 0, 7)
  const random = createRandom(deriveSeed(seed, 81))
  const deviation = DEVIATION.least * (DEVIATION.most / DEVIATION.least) ** random()
  const wander = () => createWander(random, Math.SQRT1_2, WAVES)
  const [xAlong, xAcross, yAlong, yAcross] = [wander(), wander(), wander(), wander()]
  // A wave over 1000 "milliseconds" is a wave over one face width.
  const perFace = 1000 / faceWidthPx
  const shape = new Float32Array(mesh.local.length)
  for (let i = 0; i < mesh.count; i++) {
    const [x, y] = [perFace * mesh.local[3 * i], perFace * mesh.local[3 * i + 1]]
    const reach = mesh.rotation[i] * deviation * faceWidthPx
    shape[3 * i] = reach * (xAlong(x) + xAcross(y))
    shape[3 * i + 1] = reach * (yAlong(x) + yAcross(y))
  }
  return shape
}

/** The photograph over its mesh and nothing else: what software can make of it. */
export function asPuppet({ shape: _, ...subject }: Subject): Subject {
  return subject
}

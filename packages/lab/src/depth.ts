/** A subject with other depth than the mesh says: what an attacker has whose head model is not the service's. */
import { toHead } from './head-mesh.ts'
import { transpose } from './linear.ts'
import { createWander } from './motion.ts'
import { createRandom, deriveSeed } from './random.ts'
import type { Subject } from './subject.ts'

/** Deviation of the depth, in face widths: twice the spread of mesh depth between people. */
const DEVIATION = 0.04
/** Waves over one face width. */
const WAVES = [
  [0.5, 1.2, 1],
  [1.2, 2.2, 0.6],
] as const

/** The same photograph over a bumpier head: from the front nothing changes, in a turn everything moves otherwise. */
export function reshapeDepth(subject: Subject, seed: number): Subject {
  const { mesh, level } = subject
  const random = createRandom(deriveSeed(seed, 80))
  // A wave over 1000 "milliseconds" is a wave over one face width.
  const [along, across] = [createWander(random, 0.7, WAVES), createWander(random, 0.7, WAVES)]
  const perFace = 1000 / level.faceWidthPx
  const still = Float32Array.from(mesh.still)
  for (let i = 0; i < mesh.count; i++) {
    const [x, y, z] = [still[3 * i], still[3 * i + 1], still[3 * i + 2]]
    const bump = along(perFace * x) + across(perFace * y)
    const moved = z + mesh.rotation[i] * DEVIATION * level.faceWidthPx * bump
    const spread = (mesh.cameraDistancePx + moved) / (mesh.cameraDistancePx + z)
    still.set([x * spread, y * spread, moved], 3 * i)
  }
  return {
    ...subject,
    mesh: { ...mesh, still, local: toHead(still, mesh.pivot, transpose(mesh.photoFrame)) },
  }
}

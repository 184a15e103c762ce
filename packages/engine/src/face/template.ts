/**
 * A face as a biometric template: the unit vectors of all comparison networks, one after the other; or of as many as it takes
 * to tell that it is the person who was there before.
 */
import { IpseError } from '@ipse/protocol'
import type { Pyramid } from '../image/pyramid.ts'
import type { Box } from '../types.ts'
import type { FaceNetwork } from './face-network.ts'

/** @throws IpseError `internal` when the vector has no direction: a score from it would mean nothing */
export function toUnitLength(vector: Float32Array): Float32Array {
  let squares = 0
  for (const value of vector) squares += value * value
  const length = Math.sqrt(squares)
  if (!(length > 1e-12) || !Number.isFinite(length))
    throw new IpseError('internal', 'a comparison network gave a vector without direction')
  return vector.map((value) => value / length)
}

/** Distance of a unit vector from the first numbers of another; NaN when there are fewer of those. */
export function distanceFrom(known: Float32Array, part: Float32Array): number {
  let squares = 0
  for (let i = 0; i < part.length; i++) squares += (part[i]! - known[i]!) ** 2
  return Math.sqrt(squares)
}

/** @param before vector of a template: the first network's part is all that is given out when it is near enough to it */
export async function extractTemplate(
  networks: readonly FaceNetwork[],
  pyramid: Pyramid,
  mesh: Float32Array,
  box: Box,
  before?: Float32Array,
): Promise<Float32Array> {
  const parts: Float32Array[] = []
  for (const network of networks) {
    const part = toUnitLength(await network.run(pyramid, mesh, box))
    const { sameWithin = Number.NaN } = network.plan
    if (before && parts.length === 0 && distanceFrom(before, part) <= sameWithin) return part
    parts.push(part)
  }
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** A face as a biometric template: the unit vectors of all comparison networks, one after the other. */
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

export async function extractTemplate(
  networks: readonly FaceNetwork[],
  pyramid: Pyramid,
  mesh: Float32Array,
  box: Box,
): Promise<Float32Array> {
  const parts: Float32Array[] = []
  for (const network of networks) parts.push(toUnitLength(await network.run(pyramid, mesh, box)))
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

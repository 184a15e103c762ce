/**
 * Texture PAD: what networks think of the face's surface. Measurements only: the shipped networks do not separate
 * attacks (docs/evaluation.md), so nothing may be gated on them.
 */
import { assessed, failed, type Measurement } from '@ipse/protocol'
import type { FaceNetwork } from '../face/face-network.ts'
import type { Pyramid } from '../image/pyramid.ts'
import type { ModelOutput } from '../manifest.ts'
import type { Box, TexturePad } from '../types.ts'

/** Shorter side of a face box below which texture is interpolation, pixels. */
const MIN_FACE = 48

/** The bona fide share of an output, [0, 1] and rising with bona fide. */
export function bonaFideScore(values: Float32Array, output: ModelOutput): Measurement {
  if (output.kind === 'vector') return failed('internal')
  const value = values[output.bonaFideIndex]
  if (value === undefined) return failed('internal')
  if (output.kind === 'sigmoid') return assessed(value, 1 / (1 + Math.exp(-value)))
  if (output.kind === 'probabilities') return assessed(value, Math.min(1, Math.max(0, value)))
  const top = Math.max(...values)
  const total = values.reduce((sum, logit) => sum + Math.exp(logit - top), 0)
  return assessed(value, Math.exp(value - top) / total)
}

export async function measureTexture(
  networks: readonly FaceNetwork[],
  pyramid: Pyramid,
  mesh: Float32Array,
  box: Box,
): Promise<TexturePad> {
  const out: Record<string, Measurement> = {}
  const small = Math.min(box.width, box.height) < MIN_FACE
  for (const network of networks) {
    out[network.plan.id] = small
      ? failed('face-too-small')
      : bonaFideScore(await network.run(pyramid, mesh, box), network.plan.output)
  }
  return out
}

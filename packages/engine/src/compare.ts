/** Comparison of templates: fused score, calibrated similarity, mean of several. Pure. */
import { IpseError } from '@ipse/protocol'
import { distanceFrom, toUnitLength } from './face/template.ts'
import type { Comparison, Likeness, OperatingPoint, Template } from './types.ts'

/** How one network's unit vectors enter the score: + cosineWeight · cos(u, v) − distanceWeight · ‖u − v‖. */
export interface Part {
  readonly length: number
  readonly cosineWeight: number
  readonly distanceWeight: number
}

/** A template space: which vectors, how they are fused, and what was measured with them. */
export interface Space {
  readonly modelId: string
  readonly parts: readonly Part[]
  /** Distance of the first part's vectors up to which it alone tells that it is the same person (`FaceNetworkPlan`). */
  readonly sameWithin?: number
  /** FMR descending. */
  readonly operatingPoints: readonly OperatingPoint[]
  readonly defaultOperatingPoint: OperatingPoint
}

function partsOf(space: Space, template: Template): Float32Array[] {
  const length = space.parts.reduce((sum, part) => sum + part.length, 0)
  if (template.modelId !== space.modelId)
    throw new IpseError(
      'reference_unusable',
      `The template is of ${template.modelId}, not of ${space.modelId}`,
    )
  if (template.vector.length !== length)
    throw new IpseError(
      'reference_unusable',
      `The template has ${template.vector.length} numbers, not ${length}`,
    )
  let offset = 0
  return space.parts.map((part) => {
    const vector = template.vector.subarray(offset, offset + part.length)
    offset += part.length
    return vector
  })
}

function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return Math.min(1, Math.max(-1, sum))
}

/**
 * Score units per factor e of FMR, from the first to the last operating point: the odds of `similarity` rise as the
 * false match rate falls. With a single point the slope is unknown; a twentieth of a cosine's range (2) is taken.
 */
function slope(points: readonly OperatingPoint[]): number {
  const first = points[0]
  const last = points.at(-1)
  if (!first || !last || first.fmr === last.fmr) return 0.1
  return Math.max(1e-6, (last.threshold - first.threshold) / Math.log(first.fmr / last.fmr))
}

/** The monotone map from score to [0, 1] with 0.5 at the default operating point. */
export function similarity(space: Space, score: number): number {
  const { defaultOperatingPoint, operatingPoints } = space
  return 1 / (1 + Math.exp((defaultOperatingPoint.threshold - score) / slope(operatingPoints)))
}

/** @throws IpseError `reference_unusable` for templates of another model, or damaged ones */
export function compare(space: Space, a: Template, b: Template): Comparison {
  const left = partsOf(space, a)
  const right = partsOf(space, b)
  let score = 0
  space.parts.forEach(({ cosineWeight, distanceWeight }, index) => {
    const cos = cosine(left[index]!, right[index]!)
    score += cosineWeight * cos - distanceWeight * Math.sqrt(2 - 2 * cos)
  })
  if (!Number.isFinite(score)) throw new IpseError('reference_unusable', 'The template is damaged')
  return { score, similarity: similarity(space, score) }
}

/**
 * A face of a clip beside the template that its frame was compared with.
 * @param vector of all networks, or of the first alone, which was near enough
 * @throws IpseError `reference_unusable` when the template is of another model, `internal` for a part that is not near
 */
export function likeness(space: Space, vector: Float32Array, before: Template): Likeness {
  const [known] = partsOf(space, before)
  const { parts, sameWithin = Number.NaN, modelId } = space
  const [first] = parts
  if (parts.length === 1 || !first || !known || vector.length !== first.length)
    return { score: compare(space, { modelId, vector }, before).score }
  const away = distanceFrom(known, vector)
  if (!(away <= sameWithin)) throw new IpseError('internal', 'a part of a template that is not near enough')
  return { score: -first.distanceWeight * away, limit: -first.distanceWeight * sameWithin }
}

/** @throws IpseError `reference_unusable` for an empty list and for templates of another model */
export function merge(space: Space, templates: readonly Template[]): Template {
  if (templates.length === 0) throw new IpseError('reference_unusable', 'There is no template to merge')
  const split = templates.map((template) => partsOf(space, template))
  const vector = new Float32Array(templates[0]!.vector.length)
  let offset = 0
  space.parts.forEach(({ length }, index) => {
    const sum = new Float32Array(length)
    for (const parts of split) for (let i = 0; i < length; i++) sum[i]! += parts[index]![i]!
    vector.set(toUnitLength(sum), offset)
    offset += length
  })
  return { modelId: space.modelId, vector }
}

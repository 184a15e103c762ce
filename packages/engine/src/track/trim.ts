/**
 * Least squares that looks away from the worst tenth: fit, drop the points that fit worst, fit again. Not RANSAC,
 * which would throw away the nose, and the nose is the signal (docs/evaluation.md).
 */

const KEPT_SHARE = 0.9
const ROUNDS = 3

/** A motion fitted to a share of the points, with the RMS of that share in the unit of the points. */
export interface TrimmedFit<Model> {
  readonly model: Model
  readonly rms: number
}

/**
 * @param count number of points
 * @param fit the model of some points (by index), undefined when they do not determine one
 * @param squaredErrors writes the squared error of every point under a model
 */
export function fitTrimmed<Model>(
  count: number,
  fit: (indices: Uint32Array) => Model | undefined,
  squaredErrors: (model: Model, out: Float64Array) => void,
): TrimmedFit<Model> | undefined {
  const errors = new Float64Array(count)
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  let kept = order.slice()
  let model = fit(kept)
  for (let round = 0; round < ROUNDS && model !== undefined; round++) {
    squaredErrors(model, errors)
    order.sort((a, b) => errors[a] - errors[b] || a - b)
    kept = order.slice(0, Math.ceil(KEPT_SHARE * count))
    model = fit(kept)
  }
  if (model === undefined) return undefined
  squaredErrors(model, errors)
  let sum = 0
  for (const index of kept) sum += errors[index]
  return { model, rms: Math.sqrt(sum / kept.length) }
}

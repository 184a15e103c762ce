/**
 * From native values to the integers 0–100 of ISO/IEC 29794-5. The sigmoid and its parameters are those of its
 * reference implementation (BSI-OFIQ/OFIQ-Project, data/ofiq_config.jaxn) unless a component says otherwise.
 */

/** 1 / (1 + e^((x0 − x) / w)). */
export function sigmoid(x: number, x0: number, w: number): number {
  return 1 / (1 + Math.exp((x0 - x) / w))
}

/** A share in [0, 1] as an integer in [0, 100]. */
export function percent(share: number): number {
  return Math.round(100 * Math.min(1, Math.max(0, share)))
}

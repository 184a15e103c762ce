/** A template as it is kept and compared: turned by its own key. The scheme says how, and is authenticated with it. */
import { IpseError } from '@ipse/protocol'
import { createTransform, type Transform } from './transform.ts'
import type { PlainTemplate } from './vault.ts'

/**
 * A template that is compared without being turned back: the other one is turned the same way, and the score is that of the
 * bare ones.
 */
export interface ProtectedTemplate {
  readonly template: PlainTemplate
  /** Lengths of its vectors; nothing for one that is under no key. */
  readonly parts?: readonly number[]
  /** @throws IpseError `reference_unusable` for a template of another length */
  protect(other: PlainTemplate): PlainTemplate
  /** Turns back; for giving it another key, and for nothing else. */
  bare(template: PlainTemplate): PlainTemplate
}

/** A template that is under no key: from a picture that has just come in, or from before there were transforms. */
export function asBare(template: PlainTemplate): ProtectedTemplate {
  return { template, protect: (other) => other, bare: (same) => same }
}

/** Compares a probe with a template, which stays turned as it is. */
export function comparedWith<Result>(
  { template, protect }: ProtectedTemplate,
  probe: PlainTemplate,
  compare: (a: PlainTemplate, b: PlainTemplate) => Result,
): Result {
  // Another model's template may be of another length: the engine says that better.
  return compare(probe.modelId === template.modelId ? protect(probe) : probe, template)
}

const SCHEME = /^walsh-3\((\d{1,5}(?:,\d{1,5})*)\)\+aes-256-gcm\/2$/

/** @param parts lengths of the vectors that are compared one by one */
export function schemeOf(parts: readonly number[]): string {
  return `walsh-3(${parts.join(',')})+aes-256-gcm/2`
}

/** @throws IpseError `internal` for a scheme that is none of ours */
export function transformOf(scheme: string, key: Uint8Array): Transform {
  const parts = SCHEME.exec(scheme)?.[1]?.split(',').map(Number)
  if (!parts) throw new IpseError('internal', 'unknown sealing scheme')
  const transform = createTransform(key, parts)
  key.fill(0)
  return transform
}

export function writeTemplate({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

export function readTemplate(plain: Uint8Array): Float32Array {
  // A fresh buffer: Float32Array needs aligned bytes.
  return new Float32Array(new Uint8Array(plain).buffer)
}

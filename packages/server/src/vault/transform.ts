/**
 * Protected templates (ISO/IEC 24745): a keyed rotation of each template, so that two copies under different keys have nothing
 * to do with each other, and a new key makes the old copy useless. A rotation keeps every angle and distance: comparing two
 * templates under the same key gives the score of the bare ones, to the rounding of 32-bit numbers.
 *
 * Three rounds of sign flips, a Walsh–Hadamard transform and a permutation, all from the key. Without the key a copy tells
 * nothing of the face; with it everything (docs/vault.md says what that means), so the key lives where the copy does not.
 */
import { createCipheriv, hkdfSync } from 'node:crypto'
import { IpseError, utf8 } from '@ipse/protocol'

/** One round leaves flat vectors flat; after three, coordinates look like those of a random rotation. */
const ROUNDS = 3
const KEY_BYTES = 32
/** The keystream of AES-256-CTR from a zero counter: every key here makes one stream. */
const IV = new Uint8Array(16)
const WORD_BYTES = 4
const TWO_TO_32 = 2 ** 32

interface Round {
  /** +1 or −1 for each number. */
  readonly signs: Int8Array
  /** Where each number comes from. */
  readonly order: Uint32Array
}

export interface Transform {
  readonly parts: readonly number[]
  /** @throws IpseError `reference_unusable` for a vector of another length */
  protect(vector: Float32Array): Float32Array
  /** The inverse. */
  bare(vector: Float32Array): Float32Array
}

/**
 * @param key 32 bytes, of one template alone
 * @param parts lengths of the vectors that a template is made of, each compared on its own and so turned on its own
 */
export function createTransform(key: Uint8Array, parts: readonly number[]): Transform {
  const rounds = parts.map((length, index) => roundsOf(key, index, length))
  const length = parts.reduce((sum, part) => sum + part, 0)
  const each = (vector: Float32Array, turn: (part: Float64Array, rounds: readonly Round[]) => void) => {
    if (vector.length !== length)
      throw new IpseError('reference_unusable', `the template has ${vector.length} numbers, not ${length}`)
    const out = new Float32Array(length)
    let offset = 0
    for (const [index, size] of parts.entries()) {
      const part = Float64Array.from(vector.subarray(offset, offset + size))
      turn(part, rounds[index] ?? [])
      out.set(part, offset)
      offset += size
    }
    return out
  }
  return {
    parts,
    protect: (vector) => each(vector, forwards),
    bare: (vector) => each(vector, backwards),
  }
}

function roundsOf(key: Uint8Array, index: number, length: number): Round[] {
  const info = utf8(`ipse-template-transform/1 ${index} ${length}`)
  const streamKey = new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), info, KEY_BYTES))
  const zeros = new Uint8Array(ROUNDS * 2 * length * WORD_BYTES)
  // A copy of its own begins where 32-bit words may. Byte order is the machine's, as that of templates is.
  const stream = Uint8Array.from(createCipheriv('aes-256-ctr', streamKey, IV).update(zeros))
  streamKey.fill(0)
  const words = new Uint32Array(stream.buffer, stream.byteOffset, stream.length / WORD_BYTES)
  return Array.from({ length: ROUNDS }, (_, round) => {
    const from = 2 * round * length
    const signs = new Int8Array(length)
    for (let i = 0; i < length; i++) signs[i] = words[from + i]! & 1 ? 1 : -1
    return { signs, order: shuffled(words.subarray(from + length, from + 2 * length)) }
  })
}

/** Fisher–Yates; a place is chosen with a bias of less than length / 2³². */
function shuffled(words: Uint32Array): Uint32Array {
  const order = new Uint32Array(words.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  for (let i = order.length - 1; i >= 0; i--) {
    const j = Math.floor((words[i]! / TWO_TO_32) * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}

function forwards(part: Float64Array, rounds: readonly Round[]): void {
  const before = new Float64Array(part.length)
  for (const { signs, order } of rounds) {
    for (let i = 0; i < part.length; i++) part[i]! *= signs[i]!
    hadamard(part, false)
    before.set(part)
    for (let i = 0; i < part.length; i++) part[i] = before[order[i]!]!
  }
}

function backwards(part: Float64Array, rounds: readonly Round[]): void {
  const before = new Float64Array(part.length)
  for (const { signs, order } of rounds.toReversed()) {
    before.set(part)
    for (let i = 0; i < part.length; i++) part[order[i]!] = before[i]!
    hadamard(part, true)
    for (let i = 0; i < part.length; i++) part[i]! *= signs[i]!
  }
}

/**
 * Orthonormal, for any length: the first and the last 2ᵏ numbers one after the other, where 2ᵏ is the greatest power of two
 * that fits. The two overlap unless the length is a power of two, and then they are one. Nothing is padded, so a protected
 * template is as long as a bare one.
 */
function hadamard(part: Float64Array, inverse: boolean): void {
  const size = 2 ** Math.floor(Math.log2(part.length))
  const blocks = [part.subarray(0, size), part.subarray(part.length - size)]
  if (size === part.length) blocks.pop()
  for (const block of inverse ? blocks.toReversed() : blocks) walshHadamard(block)
}

/** In place, its own inverse. */
function walshHadamard(block: Float64Array): void {
  const size = block.length
  for (let half = 1; half < size; half *= 2)
    for (let from = 0; from < size; from += 2 * half)
      for (let i = from; i < from + half; i++) {
        const a = block[i]!
        const b = block[i + half]!
        block[i] = a + b
        block[i + half] = a - b
      }
  const scale = 1 / Math.sqrt(size)
  for (let i = 0; i < size; i++) block[i]! *= scale
}

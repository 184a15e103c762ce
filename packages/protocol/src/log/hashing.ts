/**
 * The hashes of the audit log's Merkle tree, RFC 9162 §2.1: a leaf can never be taken for a node. Synchronous, with SHA-256
 * as an argument: a million entries are hashed without one promise.
 */
import type { Bytes } from '../encoding.ts'

/** SHA-256 of a runtime that has it without promises, for trees. The bytes are only lent. */
export type Sha256 = (bytes: Uint8Array) => Bytes
/** SHA-256 for proofs, which are short: WebCrypto's will do. */
export type AnySha256 = (bytes: Uint8Array) => Bytes | Promise<Bytes>

export const HASH_BYTES = 32
const LEAF = 0
const NODE = 1

/** SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array, sha256: Sha256): Bytes
export function leafHash(entry: Uint8Array, sha256: AnySha256): Bytes | Promise<Bytes>
export function leafHash(entry: Uint8Array, sha256: AnySha256): Bytes | Promise<Bytes> {
  const bytes = new Uint8Array(1 + entry.length)
  bytes[0] = LEAF
  bytes.set(entry, 1)
  return sha256(bytes)
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: Sha256): Bytes
export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: AnySha256): Bytes | Promise<Bytes>
export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: AnySha256): Bytes | Promise<Bytes> {
  const bytes = new Uint8Array(1 + 2 * HASH_BYTES)
  bytes[0] = NODE
  bytes.set(left, 1)
  bytes.set(right, 1 + HASH_BYTES)
  return sha256(bytes)
}

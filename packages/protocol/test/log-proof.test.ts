/** Merkle proofs against other people's vectors, and against a tree that is built the slow way, by its definition. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import {
  appendLeaf,
  type Bytes,
  consistencyMembers,
  EMPTY_FRONTIER,
  equalBytes,
  foldRight,
  inclusionMembers,
  leafHash,
  nextLeafProof,
  nodeHash,
  type ProofMember,
  packHashes,
  rootOf,
  type TreeNode,
  unpackFrontier,
  utf8,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.ts'

const SHARED = process.env.IPSE_SHARED ?? join(import.meta.dirname, '../../../../shared')
const VECTORS = join(SHARED, 'vectors/merkle/testdata')
const OWN = join(import.meta.dirname, '../../../vectors/log/proofs.json')

const sha256 = (bytes: Uint8Array): Bytes => Uint8Array.from(hash('sha256', bytes, 'buffer'))
/** Go writes a hash that is missing as null. */
const bytes = (base64: string | null) => new Uint8Array(Buffer.from(base64 ?? '', 'base64'))

interface Vector {
  readonly desc: string
  readonly wantErr: boolean
  readonly proof: readonly string[] | null
  readonly root: string
  readonly leafIdx: number
  readonly treeSize: number
  readonly leafHash: string
  readonly size1: number
  readonly size2: number
  readonly root1: string
  readonly root2: string
}

async function holds(vector: Vector): Promise<boolean> {
  const proof = (vector.proof ?? []).map(bytes)
  if (vector.leafIdx === undefined)
    return verifyConsistency(
      { size: vector.size1, root: bytes(vector.root1) },
      { size: vector.size2, root: bytes(vector.root2) },
      proof,
    )
  const { leafIdx: index, treeSize: size } = vector
  return verifyInclusion({ index, size, leaf: bytes(vector.leafHash), proof }, bytes(vector.root), sha256)
}

/** Root of the leaves as RFC 9162 §2.1.1 defines it. */
function defined(leaves: readonly Bytes[]): Bytes {
  if (leaves.length < 2) return leaves[0] ?? sha256(new Uint8Array())
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return nodeHash(defined(leaves.slice(0, split)), defined(leaves.slice(split)), sha256)
}

const LEAVES = Array.from({ length: 70 }, (_, at) => leafHash(utf8(`entry ${at}`), sha256))
const subtree = ({ level, index }: TreeNode) =>
  defined(LEAVES.slice(index * 2 ** level, (index + 1) * 2 ** level))
const made = (members: readonly ProofMember[]) =>
  members.map((member) => foldRight(member.map(subtree), sha256) as Bytes)

suite('proofs of the audit log', () => {
  test('the vectors of transparency-dev/merkle, all 196', async (t) => {
    if (!existsSync(VECTORS)) return t.skip('NOT RUN: the vectors are not here (see vectors/README.md)')
    const files = globSync('{inclusion,consistency}/**/*.json', { cwd: VECTORS })
    assert.equal(files.length, 196)
    const wrong: string[] = []
    for (const file of files) {
      const vector = JSON.parse(readFileSync(join(VECTORS, file), 'utf8')) as Vector
      if ((await holds(vector)) === vector.wantErr) wrong.push(`${file}: ${vector.desc}`)
    }
    assert.deepEqual(wrong, [])
  })

  test('own vectors: trees of 1 to 8 leaves, each proof right and bent', async () => {
    const vectors = JSON.parse(readFileSync(OWN, 'utf8')) as readonly Vector[]
    assert.ok(vectors.length > 100)
    for (const vector of vectors) assert.equal(await holds(vector), !vector.wantErr, vector.desc)
  })

  test('the frontier has the root of the definition, at every size', () => {
    let frontier = EMPTY_FRONTIER
    assert.deepEqual(rootOf(frontier, sha256), defined([]))
    for (const [at, leaf] of LEAVES.entries()) {
      frontier = appendLeaf(frontier, leaf, sha256)
      assert.deepEqual(rootOf(frontier, sha256), defined(LEAVES.slice(0, at + 1)))
      assert.deepEqual(unpackFrontier(frontier.size, packHashes(frontier)), frontier)
    }
    assert.throws(() => unpackFrontier(3, new Uint8Array(32)), RangeError)
  })

  test('the frontier tells of every subtree that is completed, once', () => {
    let frontier = EMPTY_FRONTIER
    const told = new Map<string, Bytes>()
    for (const leaf of LEAVES)
      frontier = appendLeaf(frontier, leaf, sha256, (level, index, node) => {
        assert.ok(!told.has(`${level}/${index}`))
        told.set(`${level}/${index}`, node)
      })
    assert.equal(told.size, 35 + 17 + 8 + 4 + 2 + 1)
    for (const [name, node] of told) {
      const [level = 0, index = 0] = name.split('/').map(Number)
      assert.deepEqual(node, subtree({ level, index }))
    }
  })

  test('the next leaf is proved by what the frontier holds already', async () => {
    let frontier = EMPTY_FRONTIER
    for (const [index, leaf] of LEAVES.entries()) {
      const proof = nextLeafProof(frontier)
      frontier = appendLeaf(frontier, leaf, sha256)
      const root = rootOf(frontier, sha256)
      assert.ok(await verifyInclusion({ index, size: index + 1, leaf, proof }, root))
    }
  })

  test('every leaf of every size is proved, and for no other place, size or leaf', async () => {
    for (let size = 1; size <= LEAVES.length; size++) {
      const root = defined(LEAVES.slice(0, size))
      for (let index = 0; index < size; index++) {
        const leaf = LEAVES[index] as Bytes
        const proof = made(inclusionMembers(index, size))
        assert.ok(await verifyInclusion({ index, size, leaf, proof }, root, sha256))
        const other = LEAVES[(index + 1) % LEAVES.length] as Bytes
        assert.ok(!(await verifyInclusion({ index, size, leaf: other, proof }, root, sha256)))
        assert.ok(!(await verifyInclusion({ index: index ^ 1, size, leaf, proof }, root, sha256)))
        assert.ok(!(await verifyInclusion({ index, size, leaf, proof: [...proof, leaf] }, root, sha256)))
      }
    }
  })

  test('every earlier size is proved to be the beginning of every later one', async () => {
    for (let size = 0; size <= LEAVES.length; size++) {
      const after = { size, root: defined(LEAVES.slice(0, size)) }
      for (let from = 0; from <= size; from++) {
        const before = { size: from, root: defined(LEAVES.slice(0, from)) }
        const proof = made(consistencyMembers(from, size))
        assert.equal(await verifyConsistency(before, after, proof, sha256), from > 0, `${from} to ${size}`)
        if (from === 0 || from === size) continue
        const forged = { size: from, root: defined([...LEAVES.slice(1, from), LEAVES[0] as Bytes]) }
        if (!equalBytes(forged.root, before.root))
          assert.ok(!(await verifyConsistency(forged, after, proof, sha256)))
        assert.ok(!(await verifyConsistency(before, after, proof.slice(1), sha256)))
      }
    }
  })

  test('a hash of another length proves nothing', async () => {
    const leaf = LEAVES[0] as Bytes
    assert.ok(await verifyInclusion({ index: 0, size: 1, leaf, proof: [] }, leaf))
    assert.ok(!(await verifyInclusion({ index: 0, size: 1, leaf: leaf.slice(1), proof: [] }, leaf.slice(1))))
    assert.ok(!(await verifyInclusion({ index: 0, size: 2 ** 53, leaf, proof: [] }, leaf)))
  })
})

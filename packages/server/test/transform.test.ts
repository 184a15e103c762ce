/** Protected templates: exact scores under one key, nothing in common under two. Measured, and printed with the result. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTransform } from '../src/vault/transform.ts'
import { cosine, dSys, meanAndDeviation } from './unlinkability.ts'

const keyOf = (name: string | number) => new Uint8Array(createHash('sha256').update(`key ${name}`).digest())

/** Independent normal numbers from a seed: SplitMix-like counters through SHA-256, Box–Muller. */
function normals(seed: string, length: number): Float64Array {
  const out = new Float64Array(length)
  for (let at = 0; at < length; at += 4) {
    const words = createHash('sha256').update(`${seed} ${at}`).digest()
    for (let i = 0; i < 4 && at + i < length; i++) {
      const [u, v] = [words.readUInt32LE(8 * i), words.readUInt32LE(8 * i + 4)].map(
        (w) => (w + 0.5) / 2 ** 32,
      )
      out[at + i] = Math.sqrt(-2 * Math.log(u ?? 0.5)) * Math.cos(2 * Math.PI * (v ?? 0))
    }
  }
  return out
}

function unit(values: Float64Array): Float32Array {
  const length = Math.hypot(...values)
  return Float32Array.from(values, (value) => value / length)
}

/** Another picture of the same person: cosine about 0.8, as mated pairs of the shipped networks have. */
function another(seed: string, of: Float32Array): Float32Array {
  const noise = normals(seed, of.length)
  const scale = 0.75 / Math.sqrt(of.length)
  return unit(Float64Array.from(of, (value, i) => value + scale * (noise[i] ?? 0)))
}

const anyParts = fc.array(fc.integer({ min: 1, max: 96 }), { minLength: 1, maxLength: 3 })
const anyCase = anyParts.chain((parts) => {
  const length = parts.reduce((sum, part) => sum + part, 0)
  const vector = fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -1, max: 1 })
  return fc.record({
    parts: fc.constant(parts),
    key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    a: vector,
    b: vector,
  })
})

test('a transform keeps every product of two vectors, part by part, whatever their lengths', () => {
  fc.assert(
    fc.property(anyCase, ({ parts, key, a, b }) => {
      const { protect } = createTransform(key, parts)
      const [pa, pb] = [protect(a), protect(b)]
      let offset = 0
      for (const length of parts) {
        const dot = (x: Float32Array, y: Float32Array) =>
          x.subarray(offset, offset + length).reduce((sum, value, i) => sum + value * (y[offset + i] ?? 0), 0)
        assert.ok(Math.abs(dot(a, b) - dot(pa, pb)) < 1e-5 * length, `part of ${length}`)
        offset += length
      }
    }),
    { numRuns: 200 },
  )
})

test('a transform is undone by its key, and by no other', () => {
  fc.assert(
    fc.property(anyCase, ({ parts, key, a }) => {
      const { protect, bare } = createTransform(key, parts)
      const back = bare(protect(a))
      for (const [i, value] of a.entries()) assert.ok(Math.abs(value - (back[i] ?? 0)) < 1e-5)
    }),
    { numRuns: 200 },
  )
  const face = unit(normals('face', 128))
  const mine = createTransform(keyOf('mine'), [128])
  const others = Array.from({ length: 200 }, (_, i) =>
    cosine(face, createTransform(keyOf(i), [128]).bare(mine.protect(face))),
  )
  // Cosines of independent directions of 128 numbers deviate by 0.09: six times that never happens in 200.
  assert.ok(Math.max(...others.map(Math.abs)) < 0.53)
})

test('the same key gives the same transform, and a part of another length or place another one', () => {
  const face = unit(normals('face', 128))
  const key = keyOf('k')
  assert.deepEqual(createTransform(key, [128]).protect(face), createTransform(key, [128]).protect(face))
  const twice = Float32Array.from([...face, ...face])
  const both = createTransform(key, [128, 128]).protect(twice)
  assert.ok(Math.abs(cosine(both.subarray(0, 128), both.subarray(128))) < 0.53)
  assert.throws(() => createTransform(key, [128]).protect(twice), { code: 'reference_unusable' })
})

test('even a vector with all its weight in one place is spread over all of them', () => {
  for (const length of [128, 192, 1024]) {
    const spike = new Float32Array(length)
    spike[3] = 1
    const largest = Array.from({ length: 50 }, (_, i) =>
      Math.max(...createTransform(keyOf(i), [length]).protect(spike).map(Math.abs)),
    )
    // The largest of n normal numbers of deviation n^-½ stays below 6 n^-½.
    assert.ok(Math.max(...largest) < 6 / Math.sqrt(length), `${length}: ${Math.max(...largest)}`)
  }
})

test('scores of synthetic templates are exact, and two copies under different keys are unlinkable', (context) => {
  const [first, second] = [128, 1024]
  const people = 1500
  const changes: number[] = []
  const linked: Record<'mated' | 'nonMated', number[]> = { mated: [], nonMated: [] }
  let before: Float32Array | undefined
  for (let person = 0; person < people; person++) {
    const face = unit(normals(`person ${person}`, first))
    const again = another(`again ${person}`, face)
    const own = createTransform(keyOf(`a ${person}`), [first])
    const protectedFace = own.protect(face)
    changes.push(Math.abs(cosine(face, again) - cosine(protectedFace, own.protect(again))))
    linked.mated.push(cosine(protectedFace, createTransform(keyOf(`b ${person}`), [first]).protect(again)))
    if (before) linked.nonMated.push(cosine(protectedFace, before))
    before = createTransform(keyOf(`c ${person}`), [first]).protect(again)
  }
  for (let person = 0; person < 200; person++) {
    const face = unit(normals(`large ${person}`, second))
    const again = another(`large again ${person}`, face)
    const { protect } = createTransform(keyOf(person), [second])
    changes.push(Math.abs(cosine(face, again) - cosine(protect(face), protect(again))))
  }
  const most = Math.max(...changes)
  const linkable = dSys(linked.mated, linked.nonMated)
  const [mated, nonMated] = [meanAndDeviation(linked.mated), meanAndDeviation(linked.nonMated)]
  context.diagnostic(`largest change of a cosine: ${most.toExponential(1)} of ${changes.length} mated pairs`)
  context.diagnostic(
    `under different keys: mated ${mated.mean.toFixed(4)} ± ${mated.deviation.toFixed(4)}, ` +
      `non-mated ${nonMated.mean.toFixed(4)} ± ${nonMated.deviation.toFixed(4)}, D_sys ${linkable.toFixed(4)}`,
  )
  assert.ok(most < 5e-7, `${most}`)
  assert.ok(linkable <= 0.05, `${linkable}`)
  // The control: under one key the same estimate says that everything is linked.
  const bareMated = Array.from({ length: 300 }, (_, i) => {
    const face = unit(normals(`person ${i}`, first))
    return cosine(face, another(`again ${i}`, face))
  })
  assert.ok(dSys(bareMated, linked.nonMated.slice(0, 300)) > 0.9)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trianglesWithoutEyes } from '../src/eyes.ts'
import {
  boundaryLoops,
  EYES,
  eyeRing,
  INNER_LOWER_LIP,
  INNER_UPPER_LIP,
  MESH_POINTS,
  SILHOUETTE,
  TRIANGLES,
} from '../src/topology.ts'

test('the mesh has 880 triangles over all 468 points', () => {
  assert.equal(TRIANGLES.length, 3 * 880)
  assert.deepEqual(
    [...new Set(TRIANGLES)].sort((a, b) => a - b),
    Array.from({ length: MESH_POINTS }, (_, i) => i),
  )
})

test('the outer boundary has 36 edges and is the silhouette', () => {
  const outer = boundaryLoops(TRIANGLES).find((loop) => loop.includes(10))!
  assert.equal(outer.length, 36)
  assert.deepEqual(new Set(outer), new Set(SILHOUETTE))
})

test('the only hole is the mouth, with 20 inner-lip edges', () => {
  const holes = boundaryLoops(TRIANGLES).filter((loop) => !loop.includes(10))
  assert.equal(holes.length, 1)
  assert.equal(holes[0].length, 20)
  assert.deepEqual(new Set(holes[0]), new Set([...INNER_UPPER_LIP, ...INNER_LOWER_LIP]))
})

test('taking the eyes out opens two more holes, each a lid ring of 16 points', () => {
  const triangles = trianglesWithoutEyes()
  assert.equal(triangles.length / 3, 880 - 2 * 14)
  const loops = boundaryLoops(triangles)
  assert.equal(loops.length, 4)
  for (const eye of EYES) {
    assert.ok(loops.some((loop) => loop.length === 16 && eyeRing(eye).every((point) => loop.includes(point))))
  }
})

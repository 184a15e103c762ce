import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { clearDepth, createSurface, drawMesh, type Texture } from '../src/raster.ts'

const SIZE = 48

/** A texture whose red is the column and whose green is the row, times 4. */
function ramp(): Texture {
  const pixels = Uint32Array.from({ length: SIZE * SIZE }, (_, i) => {
    const [x, y] = [i % SIZE, Math.floor(i / SIZE)]
    return (255 << 24) | (77 << 16) | ((4 * y) << 8) | (4 * x)
  })
  return { width: SIZE, height: SIZE, pixels }
}

function quad(depth: number, uv: readonly number[]) {
  return {
    points: Float32Array.of(0, 0, depth, SIZE, 0, depth, 0, SIZE, depth, SIZE, SIZE, depth),
    uv: Float32Array.from(uv),
    triangles: Uint16Array.of(0, 1, 2, 1, 3, 2),
  }
}
const IDENTITY = [0, 0, SIZE, 0, 0, SIZE, SIZE, SIZE]

test('the identity draws the texture unchanged and covers every pixel once', () => {
  const surface = createSurface(SIZE, SIZE)
  const texture = ramp()
  clearDepth(surface)
  drawMesh(surface, quad(1, IDENTITY), texture)
  for (let y = 0; y < SIZE - 1; y++) {
    for (let x = 0; x < SIZE - 1; x++)
      assert.equal(surface.pixels[y * SIZE + x], texture.pixels[y * SIZE + x])
  }
  assert.ok(surface.depth.every((z) => z === 1))
})

test('the nearer of two sheets is seen, whichever is drawn first', () => {
  const near = quad(1, IDENTITY)
  const far = quad(2, [SIZE, 0, 0, 0, SIZE, SIZE, 0, SIZE])
  const drawn = [
    [near, far],
    [far, near],
  ].map((meshes) => {
    const surface = createSurface(SIZE, SIZE)
    clearDepth(surface)
    for (const mesh of meshes) drawMesh(surface, mesh, ramp())
    return surface.pixels
  })
  assert.deepEqual(drawn[0], drawn[1])
  assert.equal(drawn[0][10] & 255, 40)
})

test('half a texel between two texels is their mean', () => {
  const surface = createSurface(SIZE, SIZE)
  clearDepth(surface)
  drawMesh(
    surface,
    quad(
      1,
      IDENTITY.map((v, i) => (i % 2 ? v : v + 0.5)),
    ),
    ramp(),
  )
  assert.equal(surface.pixels[5 * SIZE + 10] & 255, 42)
  assert.equal((surface.pixels[5 * SIZE + 10] >>> 16) & 255, 77)
})

test('triangles anywhere, of any size, never write outside the surface', () => {
  const place = fc.double({ min: -500, max: 500, noNaN: true })
  fc.assert(
    fc.property(fc.array(place, { minLength: 6, maxLength: 6 }), ([ax, ay, bx, by, cx, cy]) => {
      const surface = createSurface(16, 12)
      clearDepth(surface)
      const mesh = {
        points: Float32Array.of(ax, ay, 1, bx, by, 1, cx, cy, 1),
        uv: Float32Array.of(-900, 0, 900, -900, 0, 900),
        triangles: Uint16Array.of(0, 1, 2),
      }
      drawMesh(surface, mesh, ramp())
      surface.depth.forEach((z, i) => {
        assert.equal(Number.isFinite(z), surface.pixels[i] !== 0)
      })
    }),
  )
})

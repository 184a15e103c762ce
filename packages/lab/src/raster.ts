/**
 * A span rasteriser: textured triangles with a depth buffer and bilinear sampling, on one core without WebGL.
 * Pixels and texels are 32 bits, red in the lowest byte (RGBA in little-endian memory).
 */

export interface Texture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint32Array
}

/** What is drawn into. */
export interface Surface {
  readonly width: number
  readonly height: number
  readonly pixels: Uint32Array
  readonly depth: Float32Array
}

export function createSurface(width: number, height: number): Surface {
  return { width, height, pixels: new Uint32Array(width * height), depth: new Float32Array(width * height) }
}

/** Vertices on the screen: `points` x, y in pixels and depth (smaller is nearer); `uv` in texels. */
export interface ScreenMesh {
  readonly points: Float32Array
  readonly uv: Float32Array
  readonly triangles: Uint16Array
}

/** Forgets all depths; pixels that no triangle covers keep their colour. */
export function clearDepth(surface: Surface): void {
  surface.depth.fill(Number.POSITIVE_INFINITY)
}

/** Draws every triangle, both sides, nearest wins. Draw near things first: hidden pixels cost no texture access. */
export function drawMesh(surface: Surface, mesh: ScreenMesh, texture: Texture): void {
  const { points, triangles } = mesh
  for (let i = 0; i < triangles.length; i += 3) {
    const a = triangles[i]
    const b = triangles[i + 1]
    const c = triangles[i + 2]
    const ay = points[3 * a + 1]
    const by = points[3 * b + 1]
    const cy = points[3 * c + 1]
    if (ay <= by) {
      if (by <= cy) drawTriangle(surface, mesh, texture, a, b, c)
      else if (ay <= cy) drawTriangle(surface, mesh, texture, a, c, b)
      else drawTriangle(surface, mesh, texture, c, a, b)
    } else if (ay <= cy) drawTriangle(surface, mesh, texture, b, a, c)
    else if (by <= cy) drawTriangle(surface, mesh, texture, b, c, a)
    else drawTriangle(surface, mesh, texture, c, b, a)
  }
}

/**
 * One triangle whose vertices come sorted by y. u and v run along a row as 16.16 fixed point. One function without arrays and
 * calls on purpose: numbers that pass between functions for each of the 20 000 rows of a frame would be garbage.
 */
function drawTriangle(
  surface: Surface,
  { points, uv }: ScreenMesh,
  texture: Texture,
  a: number,
  b: number,
  c: number,
): void {
  const { width, height, pixels, depth } = surface
  const ax = points[3 * a]
  const ay = points[3 * a + 1]
  const bx = points[3 * b]
  const by = points[3 * b + 1]
  const cx = points[3 * c]
  const cy = points[3 * c + 1]
  const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
  if (area === 0 || cy < 0 || ay > height) return
  // The gradient of a quantity f is (f at b − f at a) · (xb, yb) + (f at c − f at a) · (xc, yc).
  const xb = (cy - ay) / area
  const yb = (ax - cx) / area
  const xc = (ay - by) / area
  const yc = (bx - ax) / area
  const az = points[3 * a + 2]
  const bz = points[3 * b + 2] - az
  const cz = points[3 * c + 2] - az
  const zx = bz * xb + cz * xc
  const zy = bz * yb + cz * yc
  const au = uv[2 * a]
  const bu = uv[2 * b] - au
  const cu = uv[2 * c] - au
  const ux = bu * xb + cu * xc
  const uy = bu * yb + cu * yc
  const av = uv[2 * a + 1]
  const bv = uv[2 * b + 1] - av
  const cv = uv[2 * c + 1] - av
  const vx = bv * xb + cv * xc
  const vy = bv * yb + cv * yc
  const texels = texture.pixels
  const stride = texture.width
  const lastU = (texture.width - 2) << 16
  const lastV = (texture.height - 2) << 16
  const du = (ux * 65536) | 0
  const dv = (vx * 65536) | 0
  const longSlope = (cx - ax) / (cy - ay)
  const upperSlope = (bx - ax) / (by - ay)
  const lowerSlope = (cx - bx) / (cy - by)
  const firstRow = Math.max(0, Math.ceil(ay - 0.5))
  const lastRow = Math.min(height, Math.ceil(cy - 0.5))
  for (let y = firstRow; y < lastRow; y++) {
    const dy = y + 0.5 - ay
    const long = ax + longSlope * dy
    const short = y + 0.5 < by ? ax + upperSlope * dy : bx + lowerSlope * (y + 0.5 - by)
    const from = Math.max(0, Math.ceil(Math.min(long, short) - 0.5))
    const to = Math.min(width, Math.ceil(Math.max(long, short) - 0.5))
    const dx = from + 0.5 - ax
    let z = az + dx * zx + dy * zy
    let u = ((au + dx * ux + dy * uy - 0.5) * 65536) | 0
    let v = ((av + dx * vx + dy * vy - 0.5) * 65536) | 0
    for (let at = y * width + from, end = y * width + to; at < end; at++) {
      if (z < depth[at]) {
        depth[at] = z
        const uu = u < 0 ? 0 : Math.min(u, lastU)
        const vv = v < 0 ? 0 : Math.min(v, lastV)
        const texel = Math.imul(vv >> 16, stride) + (uu >> 16)
        pixels[at] = bilinear(
          texels[texel],
          texels[texel + 1],
          texels[texel + stride],
          texels[texel + stride + 1],
          (uu >> 8) & 255,
          (vv >> 8) & 255,
        )
      }
      z += zx
      u = (u + du) | 0
      v = (v + dv) | 0
    }
  }
}

/** The colour between four texels, by shares of 256; two colour channels share each multiplication. */
function bilinear(p0: number, p1: number, p2: number, p3: number, fu: number, fv: number): number {
  const w3 = (fu * fv) >> 8
  const w1 = fu - w3
  const w2 = fv - w3
  const w0 = 256 - fu - w2
  const redBlue =
    (Math.imul(p0 & 0xff00ff, w0) +
      Math.imul(p1 & 0xff00ff, w1) +
      Math.imul(p2 & 0xff00ff, w2) +
      Math.imul(p3 & 0xff00ff, w3)) >>>
    8
  const green =
    (Math.imul(p0 & 0xff00, w0) +
      Math.imul(p1 & 0xff00, w1) +
      Math.imul(p2 & 0xff00, w2) +
      Math.imul(p3 & 0xff00, w3)) >>>
    8
  return (redBlue & 0xff00ff) | (green & 0xff00) | 0xff000000
}

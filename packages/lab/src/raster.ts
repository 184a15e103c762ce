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

/** One triangle whose vertices come sorted by y. */
function drawTriangle(
  surface: Surface,
  mesh: ScreenMesh,
  texture: Texture,
  a: number,
  b: number,
  c: number,
): void {
  const { points, uv } = mesh
  const [ax, ay, az] = [points[3 * a], points[3 * a + 1], points[3 * a + 2]]
  const [bx, by, bz] = [points[3 * b], points[3 * b + 1], points[3 * b + 2]]
  const [cx, cy, cz] = [points[3 * c], points[3 * c + 1], points[3 * c + 2]]
  const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
  if (area === 0 || cy < 0 || ay > surface.height) return
  const gradient = (fa: number, fb: number, fc: number): [number, number] => [
    ((fb - fa) * (cy - ay) - (fc - fa) * (by - ay)) / area,
    ((fc - fa) * (bx - ax) - (fb - fa) * (cx - ax)) / area,
  ]
  const [au, av] = [uv[2 * a], uv[2 * a + 1]]
  const [ux, uy] = gradient(au, uv[2 * b], uv[2 * c])
  const [vx, vy] = gradient(av, uv[2 * b + 1], uv[2 * c + 1])
  const [zx, zy] = gradient(az, bz, cz)
  const firstRow = Math.max(0, Math.ceil(ay - 0.5))
  const lastRow = Math.min(surface.height, Math.ceil(cy - 0.5))
  for (let y = firstRow; y < lastRow; y++) {
    const yc = y + 0.5
    const long = ax + ((cx - ax) * (yc - ay)) / (cy - ay)
    const short =
      yc < by ? ax + ((bx - ax) * (yc - ay)) / (by - ay) : bx + ((cx - bx) * (yc - by)) / (cy - by)
    const from = Math.max(0, Math.ceil(Math.min(long, short) - 0.5))
    const to = Math.min(surface.width, Math.ceil(Math.max(long, short) - 0.5))
    if (from >= to) continue
    const dx = from + 0.5 - ax
    const dy = yc - ay
    drawSpan(
      surface,
      texture,
      y * surface.width + from,
      to - from,
      az + dx * zx + dy * zy,
      zx,
      au + dx * ux + dy * uy - 0.5,
      ux,
      av + dx * vx + dy * vy - 0.5,
      vx,
    )
  }
}

/** One row of one triangle. u and v run as 16.16 fixed point; two colour channels share each multiplication. */
function drawSpan(
  surface: Surface,
  texture: Texture,
  start: number,
  count: number,
  zStart: number,
  zStep: number,
  uStart: number,
  uStep: number,
  vStart: number,
  vStep: number,
): void {
  const { pixels, depth } = surface
  const texels = texture.pixels
  const stride = texture.width
  const lastU = (texture.width - 2) << 16
  const lastV = (texture.height - 2) << 16
  let z = zStart
  let u = (uStart * 65536) | 0
  let v = (vStart * 65536) | 0
  const du = (uStep * 65536) | 0
  const dv = (vStep * 65536) | 0
  for (let at = start, end = start + count; at < end; at++) {
    if (z < depth[at]) {
      depth[at] = z
      const uu = u < 0 ? 0 : Math.min(u, lastU)
      const vv = v < 0 ? 0 : Math.min(v, lastV)
      const texel = (vv >> 16) * stride + (uu >> 16)
      const fu = (uu >> 8) & 255
      const fv = (vv >> 8) & 255
      const w3 = (fu * fv) >> 8
      const w1 = fu - w3
      const w2 = fv - w3
      const w0 = 256 - fu - w2
      const p0 = texels[texel]
      const p1 = texels[texel + 1]
      const p2 = texels[texel + stride]
      const p3 = texels[texel + stride + 1]
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
      pixels[at] = (redBlue & 0xff00ff) | (green & 0xff00) | 0xff000000
    }
    z += zStep
    u += du
    v += dv
  }
}

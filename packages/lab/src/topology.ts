/**
 * What is known about the 468-point face mesh: its triangles, its outline, lips and eyelids.
 * Row lists: `meshAnnotations` of @vladmandic/human 3.3.6 (MIT licence). "Right" and "left" are the subject's own.
 */
import { TRIANGLES_BASE64 } from './topology-data.ts'

export const MESH_POINTS = 468

/** 880 triangles, three vertex indices each. */
export const TRIANGLES: Uint16Array = decodeTriangles(TRIANGLES_BASE64)

/** The outer boundary, 36 points, clockwise in the image from the top of the forehead. */
export const SILHOUETTE: readonly number[] = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
  150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
]

/** Inner lips from the image's left corner (78) to its right corner (308); first and last are shared. */
export const INNER_UPPER_LIP: readonly number[] = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
export const INNER_LOWER_LIP: readonly number[] = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]

/** All rows of the lower lip that follow the jaw as one piece. */
export const LOWER_LIP: readonly number[] = [
  95, 88, 178, 87, 14, 317, 402, 318, 324, 96, 89, 179, 86, 15, 316, 403, 319, 325, 77, 90, 180, 85, 16, 315,
  404, 320, 307, 146, 91, 181, 84, 17, 314, 405, 321, 375,
]
export const UPPER_LIP: readonly number[] = [
  191, 80, 81, 82, 13, 312, 311, 310, 415, 183, 42, 41, 38, 12, 268, 271, 272, 407, 184, 74, 73, 72, 11, 302,
  303, 304, 408, 185, 40, 39, 37, 0, 267, 269, 270, 409,
]

/** One eye: columns of crease, upper and lower lid edge belong together; corners are outer, inner. */
export interface EyeRows {
  readonly crease: readonly number[]
  readonly upper: readonly number[]
  readonly lower: readonly number[]
  readonly corners: readonly [number, number]
}
export const EYES: readonly [EyeRows, EyeRows] = [
  {
    crease: [247, 30, 29, 27, 28, 56, 190],
    upper: [246, 161, 160, 159, 158, 157, 173],
    lower: [7, 163, 144, 145, 153, 154, 155],
    corners: [33, 133],
  },
  {
    crease: [467, 260, 259, 257, 258, 286, 414],
    upper: [466, 388, 387, 386, 385, 384, 398],
    lower: [249, 390, 373, 374, 380, 381, 382],
    corners: [263, 362],
  },
]

/** The lid edges of one eye as a closed ring of 16 points. */
export function eyeRing(eye: EyeRows): number[] {
  return [eye.corners[0], ...eye.upper, eye.corners[1], ...eye.lower.toReversed()]
}

/** Edges that belong to one triangle only, as [from, to] in the winding of that triangle. */
export function boundaryEdges(triangles: ArrayLike<number>): [number, number][] {
  const edges = new Map<number, [number, number] | undefined>()
  for (let i = 0; i < triangles.length; i += 3) {
    for (let k = 0; k < 3; k++) {
      const from = triangles[i + k]
      const to = triangles[i + ((k + 1) % 3)]
      const key = Math.min(from, to) * 65536 + Math.max(from, to)
      edges.set(key, edges.has(key) ? undefined : [from, to])
    }
  }
  return [...edges.values()].filter((edge) => edge !== undefined)
}

/** Boundary edges joined to closed loops of vertex indices. */
export function boundaryLoops(triangles: ArrayLike<number>): number[][] {
  const next = new Map(boundaryEdges(triangles))
  const loops: number[][] = []
  while (next.size > 0) {
    const loop: number[] = []
    let at = next.keys().next().value as number
    for (let to = next.get(at); to !== undefined; to = next.get(at)) {
      loop.push(at)
      next.delete(at)
      at = to
    }
    loops.push(loop)
  }
  return loops
}

function decodeTriangles(base64: string): Uint16Array {
  const bytes = atob(base64)
  const indices = new Uint16Array(bytes.length / 2)
  for (let i = 0; i < indices.length; i++)
    indices[i] = bytes.charCodeAt(2 * i) | (bytes.charCodeAt(2 * i + 1) << 8)
  return indices
}

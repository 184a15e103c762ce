/**
 * Where head, neck, torso and background lie around a face: the silhouette as a radius by direction, and the weights
 * that decide which part of the picture turns with the head and which comes nearer with the body.
 * Factors are multiples of the silhouette radius, found by looking at many faces.
 */
import { centreOf } from './level.ts'
import { mix, smoothstep } from './linear.ts'
import { SILHOUETTE } from './topology.ts'

const BINS = 720

export interface Outline {
  readonly centreX: number
  readonly centreY: number
  /** Distance of the silhouette from the centre in that direction, pixels. */
  radiusAt(dx: number, dy: number): number
}

export function createOutline(landmarks: ArrayLike<number>): Outline {
  const [centreX, centreY] = centreOf(landmarks, SILHOUETTE)
  const radii = new Float32Array(BINS)
  for (let bin = 0; bin < BINS; bin++) {
    const angle = (2 * Math.PI * (bin + 0.5)) / BINS
    radii[bin] = castRay(landmarks, centreX, centreY, Math.cos(angle), Math.sin(angle))
  }
  const radiusAt = (dx: number, dy: number): number => {
    const turn = Math.atan2(dy, dx) / (2 * Math.PI)
    return radii[Math.floor((turn < 0 ? turn + 1 : turn) * BINS) % BINS]
  }
  return { centreX, centreY, radiusAt }
}

/** Distance from the centre to the silhouette polygon; the farthest crossing counts. */
function castRay(points: ArrayLike<number>, cx: number, cy: number, dx: number, dy: number): number {
  let farthest = 1
  for (let i = 0; i < SILHOUETTE.length; i++) {
    const a = SILHOUETTE[i]
    const b = SILHOUETTE[(i + 1) % SILHOUETTE.length]
    const [ax, ay] = [points[3 * a] - cx, points[3 * a + 1] - cy]
    const [ex, ey] = [points[3 * b] - cx - ax, points[3 * b + 1] - cy - ay]
    const determinant = dx * ey - dy * ex
    if (Math.abs(determinant) < 1e-9) continue
    const along = (ax * ey - ay * ex) / determinant
    const onEdge = (ax * dy - ay * dx) / determinant
    if (onEdge >= 0 && onEdge <= 1 && along > farthest) farthest = along
  }
  return farthest
}

/** Where the head ends in a direction (unit vector, y down): hair above, ears beside, jaw below. */
export function headOutline(dy: number): number {
  return dy < 0 ? mix(1.22, 1.55, dy * dy) : mix(1.22, 1.12, dy * dy)
}

/** How much a place turns with the head. Below the chin it falls at once: the neck twists, the torso keeps still. */
export function rotationWeight(scale: number, dy: number): number {
  const below = smoothstep(0.25, 0.8, dy)
  const from = mix(headOutline(dy), 1, below)
  const to = mix(2.45, 2.1, below)
  return 1 - smoothstep(from, to, scale)
}

/** How much of a screen's light reaches a place: all of it the head, some of it neck and torso, none the background. */
export function lightWeight(scale: number, dy: number): number {
  const head = 1 - smoothstep(headOutline(dy), headOutline(dy) * 1.2, scale)
  return Math.max(head, 0.5 * smoothstep(0.45, 0.8, dy))
}

/** How much a place belongs to the person: 1 for the head and the cone below the chin, 0 for the background. */
export function bodyWeight(scale: number, dy: number): number {
  const head = 1 - smoothstep(headOutline(dy) * 1.1, 2.3, scale)
  const torso = smoothstep(0.2, 0.6, dy)
  return Math.max(head, torso)
}

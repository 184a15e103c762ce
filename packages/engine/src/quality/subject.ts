/** What the quality components look at: the main face of one frame. */
import { meshPoint } from '../face/chips.ts'
import { FACE_OVAL, POINT } from '../face/mesh-points.ts'
import type { Similarity } from '../image/similarity.ts'
import type { Box, Point, Pose } from '../types.ts'

export interface Subject {
  readonly imageWidth: number
  readonly imageHeight: number
  /** All boxes, largest first. */
  readonly boxes: readonly Box[]
  /** Landmarks in image pixels. */
  readonly mesh: Float32Array
  readonly pose: Pose
  readonly rightEye: Point
  readonly leftEye: Point
  /** Distance of the eye centres, pixels. */
  readonly eyeDistancePx: number
  /** Distance from the middle of the eyes to the chin, pixels (the standard's T). */
  readonly faceHeightPx: number
  readonly region: FaceRegion
}

/** The face as grey pixels: a square of `side`, and which of its pixels lie inside the outline of the face. */
export interface FaceRegion {
  readonly side: number
  /** Luma, 0–255. */
  readonly luma: Float32Array
  readonly inside: Uint8Array
  /** How many pixels are inside. */
  readonly count: number
  /** Shares of the luma values 0–255 inside. */
  readonly histogram: Float64Array
}

/** Image pixels → pixels of the crop. */
function intoCrop(crop: Similarity, { x, y }: Point): Point {
  const scale = crop.a * crop.a + crop.b * crop.b
  const dx = x - crop.tx
  const dy = y - crop.ty
  return { x: (crop.a * dx + crop.b * dy) / scale, y: (crop.a * dy - crop.b * dx) / scale }
}

/** Marks the pixels whose centres lie in the polygon (even-odd rule, row by row). */
function fill(polygon: readonly Point[], side: number): Uint8Array {
  const out = new Uint8Array(side * side)
  for (let y = 0; y < side; y++) {
    const crossings: number[] = []
    for (let i = 0; i < polygon.length; i++) {
      const p = polygon[i]!
      const q = polygon[(i + 1) % polygon.length]!
      if (p.y <= y + 0.5 === q.y <= y + 0.5) continue
      crossings.push(p.x + ((y + 0.5 - p.y) / (q.y - p.y)) * (q.x - p.x))
    }
    crossings.sort((a, b) => a - b)
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i]! - 0.5))
      const to = Math.min(side - 1, Math.floor(crossings[i + 1]! - 0.5))
      for (let x = from; x <= to; x++) out[y * side + x] = 1
    }
  }
  return out
}

/**
 * @param rgb the crop, channels first, values in [0, 1]
 * @param crop crop → image
 */
export function faceRegion(
  rgb: Float32Array,
  side: number,
  crop: Similarity,
  mesh: Float32Array,
): FaceRegion {
  const area = side * side
  const luma = new Float32Array(area)
  const outline = FACE_OVAL.map((index) => intoCrop(crop, meshPoint(mesh, index)))
  const inside = fill(outline, side)
  const histogram = new Float64Array(256)
  for (let from = 0; from < area; from += side) readLuma(rgb, from, from + side, luma)
  let count = 0
  for (let from = 0; from < area; from += side)
    count += countInside(luma, inside, from, from + side, histogram)
  if (count > 0) for (let i = 0; i < 256; i++) histogram[i]! /= count
  return { side, luma, inside, count, histogram }
}

function readLuma(rgb: Float32Array, from: number, end: number, luma: Float32Array): void {
  const area = luma.length
  for (let i = from; i < end; i++)
    luma[i] = 255 * (0.2126 * rgb[i]! + 0.7152 * rgb[area + i]! + 0.0722 * rgb[2 * area + i]!)
}

/** Adds the pixels of the face to the histogram; how many they were. */
function countInside(
  luma: Float32Array,
  inside: Uint8Array,
  from: number,
  end: number,
  histogram: Float64Array,
): number {
  let count = 0
  for (let i = from; i < end; i++) {
    if (inside[i] === 0) continue
    histogram[Math.min(255, Math.max(0, Math.round(luma[i]!)))]!++
    count++
  }
  return count
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
}

export function subject(
  image: { readonly width: number; readonly height: number },
  boxes: readonly Box[],
  mesh: Float32Array,
  pose: Pose,
  region: FaceRegion,
): Subject {
  const rightEye = middle(meshPoint(mesh, POINT.rightEyeOuter), meshPoint(mesh, POINT.rightEyeInner))
  const leftEye = middle(meshPoint(mesh, POINT.leftEyeOuter), meshPoint(mesh, POINT.leftEyeInner))
  const eyes = middle(rightEye, leftEye)
  const chin = meshPoint(mesh, POINT.chin)
  return {
    imageWidth: image.width,
    imageHeight: image.height,
    boxes,
    mesh,
    pose,
    rightEye,
    leftEye,
    eyeDistancePx: Math.hypot(leftEye.x - rightEye.x, leftEye.y - rightEye.y),
    faceHeightPx: Math.hypot(chin.x - eyes.x, chin.y - eyes.y),
    region,
  }
}

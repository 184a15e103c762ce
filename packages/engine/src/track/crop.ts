/**
 * Which part of a frame is tracked, and at what size. All frames of one track share one scale and one lattice, so
 * that positions of different frames can be compared: track pixel = (image pixel + ½) · scale − ½.
 */
import type { Box, Point } from '../types.ts'

/** Pyramid levels, full size included: the coarsest spans 8 pixels, so a turn of 160°/s is followed at 8 fps. */
export const LEVELS = 4
/** Crops begin at multiples of this, so that every level of every frame samples the same lattice. */
const LATTICE = 2 ** (LEVELS - 1)
/** Outer-eye distance in track pixels; the flow window is made for it (docs/evaluation.md). */
export const TRACK_EYE_DISTANCE_PX = 100
/** Side of the crop over the longer side of the face box: the face, and the ring of half a box around it. */
const CROP_SHARE = 2
/** Small faces are enlarged at most so much: more would track the interpolation. */
const MAX_SCALE = 2
/** Longest side of a crop in track pixels: bounds the work when a box and its eyes do not fit together. */
const MAX_SIDE_PX = 512

/** A rectangle of track pixels and the scale that leads to it from image pixels. */
export interface Crop {
  readonly scale: number
  /** Upper left pixel, multiples of 8. */
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** How a track sees its frames: fixed when it starts. */
export interface CropPlan {
  readonly scale: number
  /** Side of the square in track pixels. */
  readonly side: number
}

/** @throws TypeError when the box or the eye distance is not a positive number */
export function planCrop(box: Box, outerEyeDistancePx: number): CropPlan {
  const longer = Math.max(box.width, box.height)
  if (!(longer > 0 && outerEyeDistancePx > 0)) throw new TypeError('The face has no size.')
  const side = CROP_SHARE * longer
  const scale = Math.min(TRACK_EYE_DISTANCE_PX / outerEyeDistancePx, MAX_SCALE, MAX_SIDE_PX / side)
  return { scale, side: side * scale }
}

/** The square of the plan around a face, cut at the borders of the image; may be empty. */
export function cropAround(plan: CropPlan, box: Box, image: { width: number; height: number }): Crop {
  const { scale, side } = plan
  const x = toTrack(box.x + box.width / 2, scale)
  const y = toTrack(box.y + box.height / 2, scale)
  const [left, width] = span(x, side, image.width * scale)
  const [top, height] = span(y, side, image.height * scale)
  return { scale, left, top, width, height }
}

/** The whole image at one scale. */
export function wholeImage(image: { width: number; height: number }, scale = 1): Crop {
  return {
    scale,
    left: 0,
    top: 0,
    width: Math.floor(image.width * scale),
    height: Math.floor(image.height * scale),
  }
}

function span(centre: number, side: number, limit: number): [from: number, length: number] {
  const from = LATTICE * Math.floor(Math.max(0, centre - side / 2) / LATTICE)
  const to = Math.min(Math.floor(limit), Math.ceil(centre + side / 2))
  return [from, Math.max(0, to - from)]
}

export function toTrack(image: number, scale: number): number {
  return (image + 0.5) * scale - 0.5
}

export function fromTrack(track: number, scale: number): number {
  return (track + 0.5) / scale - 0.5
}

export function pointToTrack(point: Point, scale: number): Point {
  return { x: toTrack(point.x, scale), y: toTrack(point.y, scale) }
}

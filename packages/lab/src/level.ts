/** Levels and scales a photograph so that the face stands upright, at a known size and place, in a frame of its own. */
import type { Photo } from './frame.ts'
import { anglesOf, poseFrame } from './linear.ts'
import type { Texture } from './raster.ts'
import { MESH_POINTS, SILHOUETTE } from './topology.ts'

/** Face width (points 234 to 454, in space) as a share of the frame's shorter side: 165 px in 640 × 480. */
export const FACE_WIDTH_SHARE = 0.344
/** Height of the face centre as a share of the frame height. */
const FACE_CENTRE_Y = 0.47
/** Extra texture on every side as a share of the frame side, for hand-held motion. */
const OVERSCAN = 0.12
/** At most this many samples per texel and axis when a large photograph is reduced. */
const MAX_SUPERSAMPLING = 5

export interface LevelPhoto {
  /** 468 × (x, y, z) in frame pixels. */
  readonly landmarks: Float32Array
  readonly texture: Texture
  /** Texel of frame pixel (0, 0). */
  readonly offsetX: number
  readonly offsetY: number
  /** Width of the face in frame pixels. */
  readonly faceWidthPx: number
  /** Share of texels whose colour had to be repeated from the photograph's edge. */
  readonly outsideShare: number
}

/** @throws TypeError when the landmarks are not 468 finite points or the face is degenerate */
export function levelPhoto(photo: Photo, landmarks: Float32Array, width: number, height: number): LevelPhoto {
  if (landmarks.length !== 3 * MESH_POINTS || !landmarks.every(Number.isFinite)) {
    throw new TypeError('A subject needs 468 landmarks of three finite numbers each.')
  }
  const photoFaceWidth = Math.hypot(...[0, 1, 2].map((k) => landmarks[3 * 454 + k] - landmarks[3 * 234 + k]))
  if (!(photoFaceWidth > 8)) throw new TypeError('The face in the photograph is too small to be used.')
  const faceWidthPx = FACE_WIDTH_SHARE * Math.min(width, height)
  const scale = faceWidthPx / photoFaceWidth
  const roll = (anglesOf(poseFrame(landmarks)).rollDeg * Math.PI) / 180
  const [cos, sin] = [Math.cos(roll), Math.sin(roll)]
  const [photoX, photoY] = centreOf(landmarks, SILHOUETTE)
  const [frameX, frameY] = [width / 2, height * FACE_CENTRE_Y]

  const levelled = new Float32Array(landmarks.length)
  for (let i = 0; i < MESH_POINTS; i++) {
    const dx = landmarks[3 * i] - photoX
    const dy = landmarks[3 * i + 1] - photoY
    levelled[3 * i] = frameX + (dx * cos + dy * sin) * scale
    levelled[3 * i + 1] = frameY + (dy * cos - dx * sin) * scale
    levelled[3 * i + 2] = landmarks[3 * i + 2] * scale
  }

  const offsetX = Math.round(width * OVERSCAN)
  const offsetY = Math.round(height * OVERSCAN)
  const texture = {
    width: width + 2 * offsetX,
    height: height + 2 * offsetY,
    pixels: new Uint32Array((width + 2 * offsetX) * (height + 2 * offsetY)),
  }
  const outside = resample(photo, texture, {
    originX: photoX - ((offsetX + frameX) * cos - (offsetY + frameY) * sin) / scale,
    originY: photoY - ((offsetX + frameX) * sin + (offsetY + frameY) * cos) / scale,
    stepX: cos / scale,
    stepY: sin / scale,
  })
  const outsideShare = outside / texture.pixels.length
  return { landmarks: levelled, texture, offsetX, offsetY, faceWidthPx, outsideShare }
}

/** A similarity from texels to photo pixels: texel (u, v) lies at origin + u·(stepX, stepY) + v·(−stepY, stepX). */
interface Similarity {
  readonly originX: number
  readonly originY: number
  readonly stepX: number
  readonly stepY: number
}

/** Fills the texture, averaging over the area of a texel; returns how many texels lie outside the photograph. */
function resample(photo: Photo, texture: Texture, map: Similarity): number {
  const samples = Math.max(1, Math.min(MAX_SUPERSAMPLING, Math.ceil(Math.hypot(map.stepX, map.stepY) - 0.2)))
  const sum = new Float64Array(3)
  let outside = 0
  for (let v = 0; v < texture.height; v++) {
    for (let u = 0; u < texture.width; u++) {
      sum.fill(0)
      for (let j = 0; j < samples; j++) {
        for (let i = 0; i < samples; i++) {
          const du = u + (i + 0.5) / samples
          const dv = v + (j + 0.5) / samples
          addSample(
            photo,
            map.originX + du * map.stepX - dv * map.stepY - 0.5,
            map.originY + du * map.stepY + dv * map.stepX - 0.5,
            sum,
          )
        }
      }
      const x = map.originX + u * map.stepX - v * map.stepY
      const y = map.originY + u * map.stepY + v * map.stepX
      if (x < 0 || y < 0 || x > photo.width || y > photo.height) outside++
      const n = samples * samples
      texture.pixels[v * texture.width + u] =
        (255 << 24) | (Math.round(sum[2] / n) << 16) | (Math.round(sum[1] / n) << 8) | Math.round(sum[0] / n)
    }
  }
  return outside
}

/** Adds the bilinear colour at (x, y); outside the photograph its edge is repeated (mirroring would repeat faces). */
function addSample(photo: Photo, x: number, y: number, sum: Float64Array): void {
  const { width, height, data, channels } = photo
  const cx = Math.max(0, Math.min(width - 1.001, x))
  const cy = Math.max(0, Math.min(height - 1.001, y))
  const xi = Math.floor(cx)
  const yi = Math.floor(cy)
  const fx = cx - xi
  const fy = cy - yi
  const at = (yi * width + xi) * channels
  const below = at + width * channels
  for (let c = 0; c < 3; c++) {
    sum[c] +=
      (1 - fy) * ((1 - fx) * data[at + c] + fx * data[at + channels + c]) +
      fy * ((1 - fx) * data[below + c] + fx * data[below + channels + c])
  }
}

/** Centre of the bounding box of some mesh points. */
export function centreOf(points: ArrayLike<number>, indices: readonly number[]): [number, number] {
  const xs = indices.map((i) => points[3 * i])
  const ys = indices.map((i) => points[3 * i + 1])
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2]
}

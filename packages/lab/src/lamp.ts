/**
 * The screen as a lamp: what the light of a colour that it shows does to a picture. A head before a screen takes it on where
 * its skin faces the screen (Lambert), the room behind it hardly (the light spreads with the square of the distance);
 * software that relights a picture as a whole makes no such difference. The answer is what this model says: it tests the
 * measuring, and proves nothing about real skin, which is less Lambertian.
 */
import type { LightColour } from '@ipse/protocol'
import { channelsOf, type Frame } from './frame.ts'
import { addSensorNoise, type Grain } from './noise.ts'
import { exposureCurve, toLinear } from './photometry.ts'
import { clearDepth, createSurface, drawMesh, type Texture } from './raster.ts'
import { drawSubject, type Subject, type SubjectState } from './subject.ts'

/** What the element shows, sRGB 0–255: the protocol's own table, which this core may not import at run time. */
export const SCREEN_SRGB: Readonly<Record<LightColour, readonly [number, number, number]>> = {
  white: [255, 255, 255],
  green: [64, 224, 96],
  blue: [96, 144, 255],
  violet: [199, 128, 255],
  dark: [22, 24, 29],
}

/** What is lit: a real head and hardly the room, or all of the picture alike. */
export type Lit = 'head' | 'picture'

/** Light of a white screen on skin that faces it, as a share of the room's light: a laptop in a living room in the evening. */
export const SCREEN_SHARE = 0.3
/** What reaches the background, as a share of what reaches the face: it is about five times as far away. */
const BACKGROUND = 0.04
/** Steps of light between none and all; one is .5 % of the room's light. */
const LEVELS = 64

/** Renders the subject in the light of a colour; without one it is as `renderSubject` does it. */
export type Lamp = (state: SubjectState, colour: LightColour, out: Frame, grain?: Grain) => void

export function createLamp(subject: Subject, lit: Lit, share = SCREEN_SHARE): Lamp {
  const shading = createSurface(subject.width, subject.height)
  const uv = new Float32Array(2 * subject.mesh.count).fill(1.5)
  const response = new Float32Array(subject.mesh.count)
  return (state, colour, out, grain) => {
    drawSubject(subject, state)
    if (lit === 'head') {
      faceTheScreen(subject, state, response)
      for (let i = 0; i < response.length; i++) uv[2 * i] = 0.5 + 255 * response[i]
      clearDepth(shading)
      const { points } = subject.scratch
      drawMesh(shading, { points, uv, triangles: subject.mesh.triangles }, RAMP)
    } else shading.pixels.fill(255)
    developLit(subject.surface.pixels, shading.pixels, lightCurves(state.gain, colour, share), out)
    if (grain) addSensorNoise(out, grain)
  }
}

/** A grey ramp: what is drawn with it shows a number between 0 and 1 that every vertex has. */
const RAMP: Texture = {
  width: 258,
  height: 4,
  pixels: Uint32Array.from({ length: 258 * 4 }, (_, i) => Math.min(255, i % 258)),
}

/** Light that each vertex gets, 0 to 1: by its normal in the pose that was drawn, its distance and what it belongs to. */
function faceTheScreen(
  { mesh, scratch: { points } }: Subject,
  state: SubjectState,
  into: Float32Array,
): void {
  const normals = new Float32Array(3 * mesh.count)
  const { triangles } = mesh
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t], 3 * triangles[t + 1], 3 * triangles[t + 2]]
    const [ux, uy, uz] = [points[b] - points[a], points[b + 1] - points[a + 1], points[b + 2] - points[a + 2]]
    const [vx, vy, vz] = [points[c] - points[a], points[c + 1] - points[a + 1], points[c + 2] - points[a + 2]]
    // Triangles are wound either way; all of them are seen from the front.
    const nz = ux * vy - uy * vx
    const side = nz < 0 ? -1 : 1
    for (const corner of [a, b, c]) {
      normals[corner] += side * (uy * vz - uz * vy)
      normals[corner + 1] += side * (uz * vx - ux * vz)
      normals[corner + 2] += side * nz
    }
  }
  const distance = mesh.cameraDistancePx
  for (let i = 0; i < mesh.count; i++) {
    const [x, y, z] = normals.subarray(3 * i, 3 * i + 3)
    const length = Math.hypot(x, y, z)
    const facing = length > 0 ? z / length : 0
    const spread = (distance / (distance / state.near + points[3 * i + 2])) ** 2
    into[i] = Math.min(1, BACKGROUND + mesh.lit[i] * facing * spread * (1 - BACKGROUND))
  }
}

/** For every level of light the exposure of each channel: the room's light and the screen's. */
function lightCurves(gain: number, colour: LightColour, share: number): readonly Uint8Array[] {
  return SCREEN_SRGB[colour].map((value) => {
    const curves = new Uint8Array(LEVELS * 256)
    for (let level = 0; level < LEVELS; level++) {
      const light = 1 + (share * toLinear(value) * level) / (LEVELS - 1)
      curves.set(exposureCurve(gain * light), 256 * level)
    }
    return curves
  })
}

function developLit(
  pixels: Uint32Array,
  shading: Uint32Array,
  curves: readonly Uint8Array[],
  out: Frame,
): void {
  const { data } = out
  const step = channelsOf(out)
  const [reds, greens, blues] = curves
  for (let i = 0, at = 0; i < pixels.length; i++, at += step) {
    const pixel = pixels[i]
    const level = ((shading[i] & 255) >> 2) << 8
    data[at] = reds[level | (pixel & 255)]
    data[at + 1] = greens[level | ((pixel >>> 8) & 255)]
    data[at + 2] = blues[level | ((pixel >>> 16) & 255)]
    if (step === 4) data[at + 3] = 255
  }
}

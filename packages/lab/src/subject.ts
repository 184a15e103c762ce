/**
 * A simulated capture subject from one photograph: prepared once, then rendered in any state. The geometry comes from
 * the same kind of face mesh that the engine measures with, so it serves plumbing, regressions and the order of
 * attacks; no error rate may be quoted from it.
 */
import { softenBackground } from './backdrop.ts'
import { closeLids, lookAside } from './eyes.ts'
import { channelsOf, type Frame, type Photo } from './frame.ts'
import { createHeadMesh, type HeadMesh } from './head-mesh.ts'
import { findIris } from './iris.ts'
import { type LevelPhoto, levelPhoto } from './level.ts'
import { anglesOf, headRotation } from './linear.ts'
import { CAVITY_HEIGHT, CAVITY_SHOWS_AT, CAVITY_WIDTH, paintCavity, showsTeeth } from './mouth.ts'
import type { Grain } from './noise.ts'
import { createOutline } from './outline.ts'
import { averageExposure, develop } from './photometry.ts'
import { clearDepth, createSurface, drawMesh, type Surface, type Texture } from './raster.ts'
import { ownShape, slideOf } from './shape.ts'
import { EYES } from './topology.ts'

export interface SubjectOptions {
  /** Frame size in pixels; default 640 × 480. */
  readonly width?: number
  readonly height?: number
  /** How this subject answers commands; the mean of the fixtures by default, `calibrateSubject` measures it. */
  readonly response?: Response
}

/** Measured angle = offset + gain · command, in degrees; commands are corrected by it. */
export interface Response {
  readonly yaw: { readonly gain: number; readonly offsetDeg: number }
  /** Pitch commands are changes, so they have no offset. */
  readonly pitch: { readonly gain: number }
}

/** Mean of six fixtures measured with the engine, see this package's README.md. */
const MEAN_RESPONSE: Response = { yaw: { gain: 1, offsetDeg: 0 }, pitch: { gain: 1 } }

/** Everything that can change from frame to frame. */
export interface SubjectState {
  /** Head pose. Yaw and roll are absolute; pitch is relative to the neutral pitch. Signs as in the engine's pose. */
  readonly yawDeg: number
  readonly pitchDeg: number
  readonly rollDeg: number
  /** Mouth opening, 0 as photographed to 1; about .6 is a widely open mouth. */
  readonly mouth: number
  /** Lids, 0 as photographed to 1 closed. */
  readonly blink: number
  /** How near the person is: 1 as photographed, 1.4 is 1.4 times as near. */
  readonly near: number
  /** Motion of a hand-held camera, as a share of frame width and height (at most ± .12). */
  readonly shift: { readonly x: number; readonly y: number }
  /** Exposure: a factor on linear light. */
  readonly gain: number
  /** Where the irises look, in eye widths to image right and down (about ± .2). */
  readonly gaze: { readonly x: number; readonly y: number }
}

/** The person of the photograph, facing the camera. */
export const NEUTRAL: SubjectState = {
  yawDeg: 0,
  pitchDeg: 0,
  rollDeg: 0,
  mouth: 0,
  blink: 0,
  near: 1,
  shift: { x: 0, y: 0 },
  gain: 1,
  gaze: { x: 0, y: 0 },
}

export interface Subject {
  readonly width: number
  readonly height: number
  /** The person and the softened background; the inside of the mouth is painted below it. */
  readonly texture: Texture
  /** The background alone. */
  readonly backdrop: Texture
  readonly level: LevelPhoto
  readonly mesh: HeadMesh
  /** What turns do to this head beyond its mesh, see `ownShape`; a puppet has none. */
  readonly shape?: Float32Array
  readonly response: Response
  /** Pose of the face in the photograph after levelling. */
  readonly photoYawDeg: number
  readonly photoPitchDeg: number
  /** Pitch of the rendered face at command 0: the photograph's own, brought into the usual range of a webcam. */
  readonly neutralPitchDeg: number
  /** Scratch memory of the renderer: a subject renders one frame at a time. */
  readonly surface: Surface
  readonly scratch: { readonly local: Float32Array; readonly uv: Float32Array; readonly points: Float32Array }
}

/** Range of the pitch that people measure when they look into a webcam; the mesh reads most faces a little low. */
const NEUTRAL_PITCH = [-11, 4] as const
/** How strongly the background follows when the person comes nearer (most of it is far away). */
const BACKGROUND_APPROACH = 0.3

/**
 * Prepares a subject; takes about 0.2 s.
 * @param photo the photograph, with some room around the face
 * @param landmarks 468 × (x, y, z) in pixels of the photograph, z away from the camera
 * @throws TypeError when the landmarks are not finite or the face is degenerate
 */
export function createSubject(photo: Photo, landmarks: Float32Array, options: SubjectOptions = {}): Subject {
  const width = options.width ?? 640
  const height = options.height ?? 480
  const level = levelPhoto(photo, landmarks, width, height)
  const outline = createOutline(level.landmarks)
  const irises = [findIris(level, EYES[0]), findIris(level, EYES[1])] as const
  const skin = skinColour(level)
  const backdrop = softenBackground(level, outline)
  const texture = withCavity(level.texture, paintCavity(skin, !showsTeeth(level.landmarks)))
  const mesh = createHeadMesh({ ...level, texture }, outline, irises)
  const { yawDeg, pitchDeg } = anglesOf(mesh.photoFrame)
  return {
    width,
    height,
    texture,
    backdrop,
    level,
    mesh,
    shape: ownShape(mesh, level),
    response: options.response ?? MEAN_RESPONSE,
    photoYawDeg: yawDeg,
    photoPitchDeg: pitchDeg,
    neutralPitchDeg: Math.max(NEUTRAL_PITCH[0], Math.min(NEUTRAL_PITCH[1], pitchDeg)),
    surface: createSurface(width, height),
    scratch: {
      local: new Float32Array(3 * mesh.count),
      uv: new Float32Array(2 * mesh.count),
      points: new Float32Array(3 * mesh.count),
    },
  }
}

/**
 * Renders the subject into `out` (RGB or RGBA, of the subject's size), without noise unless it is asked for.
 * @throws TypeError when `out` has another size
 */
export function renderSubject(subject: Subject, state: SubjectState, out: Frame, grain?: Grain): void {
  if (out.width !== subject.width || out.height !== subject.height) {
    throw new TypeError(`The frame must be ${subject.width} × ${subject.height}.`)
  }
  channelsOf(out)
  drawSubject(subject, state)
  develop(subject.surface, state.gain, out, grain)
}

/** Nothing is seen of a motion that is smaller than this during one exposure, pixels. */
const LEAST_BLUR_PX = 0.4

/** Renders the beginning, middle and end of one exposure and their mean: motion blur; who keeps still is rendered once. */
export function blurSubject(
  subject: Subject,
  [first, middle, last]: readonly [SubjectState, SubjectState, SubjectState],
  out: Frame,
  grain?: Grain,
): void {
  if (motionPx(subject, first, last) < LEAST_BLUR_PX) {
    renderSubject(subject, middle, out, grain)
    return
  }
  const { pixels } = subject.surface
  drawSubject(subject, first)
  const begun = pixels.slice()
  drawSubject(subject, middle)
  const halfway = pixels.slice()
  drawSubject(subject, last)
  averageExposure(begun, halfway, pixels)
  develop(subject.surface, middle.gain, out, grain)
}

/** The farthest that any vertex moves between two states, along one axis. */
function motionPx(subject: Subject, from: SubjectState, to: SubjectState): number {
  const { points } = subject.scratch
  place(subject, from)
  const before = points.slice()
  place(subject, to)
  let farthest = 0
  for (let i = 0; i < points.length; i++) {
    if (i % 3 !== 2) farthest = Math.max(farthest, Math.abs(points[i] - before[i]))
  }
  return farthest
}

/** Draws the subject into its own surface; gain is not applied. */
export function drawSubject(subject: Subject, state: SubjectState): void {
  const { mesh, scratch, surface } = subject
  place(subject, state)
  clearDepth(surface)
  const { points, uv } = scratch
  drawMesh(surface, { points, uv, triangles: mesh.triangles }, subject.texture)
  const mouth = state.mouth > CAVITY_SHOWS_AT ? mesh.openMouth : mesh.closedMouth
  drawMesh(surface, { points, uv, triangles: mouth }, subject.texture)
}

/** Where every vertex is seen in a state. */
function place(subject: Subject, state: SubjectState): void {
  deform(subject, state)
  project(subject, state)
}

/** Own shape, mouth, lids and gaze, in head coordinates. */
function deform(subject: Subject, state: SubjectState): void {
  const { mesh, scratch, shape } = subject
  scratch.uv.set(mesh.uv)
  scratch.local.set(mesh.local)
  if (shape) {
    const slide = slideOf(state.yawDeg)
    for (let i = 0; i < shape.length; i++) scratch.local[i] += slide * shape[i]
  }
  if (state.mouth !== 0) {
    for (let i = 0; i < scratch.local.length; i++) scratch.local[i] += state.mouth * mesh.mouth[i]
  }
  if (state.blink !== 0) closeLids(scratch.local, scratch.uv, state.blink)
  for (const { first, eyeWidth } of mesh.eyeballs) lookAside(scratch.local, first, eyeWidth, state.gaze)
}

/** Head turned about the neck, torso still, background far: three projections, mixed by the weights of the sheet. */
function project(subject: Subject, state: SubjectState): void {
  const { mesh, scratch } = subject
  const { points, local } = scratch
  const { still, pivot, principal } = mesh
  const turn = turnOf(subject, state)
  const focal = mesh.cameraDistancePx
  const distance = focal / state.near
  const far = 1 + BACKGROUND_APPROACH * (state.near - 1)
  const moveX = principal[0] + state.shift.x * subject.width
  const moveY = principal[1] + state.shift.y * subject.height
  for (let i = 0; i < mesh.count; i++) {
    const at = 3 * i
    const [lx, ly, lz] = [local[at], local[at + 1], local[at + 2]]
    const headZ = turn[6] * lx + turn[7] * ly + turn[8] * lz + pivot[2]
    const headScale = focal / (distance + headZ)
    const headX = (turn[0] * lx + turn[1] * ly + turn[2] * lz + pivot[0]) * headScale
    const headY = (turn[3] * lx + turn[4] * ly + turn[5] * lz + pivot[1]) * headScale
    const stillZ = still[at + 2]
    const torsoScale = focal / (distance + stillZ)
    const farScale = (far * focal) / (focal + stillZ)
    const body = mesh.body[i]
    const bodyScale = farScale + body * (torsoScale - farScale)
    const rotation = mesh.rotation[i]
    const restX = still[at] * bodyScale
    const restY = still[at + 1] * bodyScale
    points[at] = moveX + restX + rotation * (headX - restX)
    points[at + 1] = moveY + restY + rotation * (headY - restY)
    points[at + 2] = stillZ + rotation * (headZ - stillZ)
  }
}

function turnOf(subject: Subject, state: SubjectState): Float64Array {
  const { response } = subject
  const yaw = (state.yawDeg - response.yaw.offsetDeg) / response.yaw.gain
  const pitch = subject.neutralPitchDeg + state.pitchDeg / response.pitch.gain
  return headRotation(yaw, pitch, state.rollDeg)
}

/** Mean colour of the two cheeks. */
function skinColour(level: LevelPhoto): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0]
  let count = 0
  for (const cheek of [205, 425]) {
    const x = Math.round(level.landmarks[3 * cheek] + level.offsetX)
    const y = Math.round(level.landmarks[3 * cheek + 1] + level.offsetY)
    for (let v = y - 4; v <= y + 4; v++) {
      for (let u = x - 4; u <= x + 4; u++) {
        const texel = level.texture.pixels[v * level.texture.width + u]
        for (let c = 0; c < 3; c++) sum[c] += (texel >>> (8 * c)) & 255
        count++
      }
    }
  }
  return [sum[0] / count, sum[1] / count, sum[2] / count]
}

/** Appends the painted cavity below the texture. */
function withCavity(texture: Texture, cavity: Uint32Array): Texture {
  const pixels = new Uint32Array(texture.width * (texture.height + CAVITY_HEIGHT))
  pixels.set(texture.pixels)
  for (let y = 0; y < CAVITY_HEIGHT; y++) {
    pixels.set(
      cavity.subarray(y * CAVITY_WIDTH, (y + 1) * CAVITY_WIDTH),
      (texture.height + y) * texture.width,
    )
  }
  return { width: texture.width, height: texture.height + CAVITY_HEIGHT, pixels }
}

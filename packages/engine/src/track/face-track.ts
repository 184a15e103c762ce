/**
 * One face followed from a neutral frame to the end of a challenge step: corners of the face and of its surround,
 * one pyramid per frame. Feed it every frame in order; start a new one at every neutral pose.
 */
import { failed, type Measurement } from '@ipse/protocol'
import type { Box, FaceMesh, Image } from '../types.ts'
import { coMotion } from './co-motion.ts'
import { FACE_SPACING, findCorners, type Spacing, SURROUND_SPACING } from './corners.ts'
import { type CropPlan, cropAround, fromTrack, planCrop } from './crop.ts'
import { notMeasured, type Planarity, planarity } from './planarity.ts'
import { buildPyramid } from './pyramid.ts'
import { faceOutline, polygonMask, surroundMask } from './region.ts'
import { type StepReport, Tracker, type TrackPairs } from './tracker.ts'

/** Corners of the face and of its surround at the reference and now, in track pixels; never written to again. */
export interface FacePairs {
  readonly face: TrackPairs
  readonly surround: TrackPairs
}

export class FaceTrack {
  private readonly plan: CropPlan
  private readonly width: number
  private readonly height: number
  /** Outer-eye distance of the reference in track pixels. */
  readonly eyeDistancePx: number
  private readonly face: Tracker
  private readonly surround: Tracker
  private box: Box

  /**
   * Finds the corners of the reference frame.
   * @param image the frame, RGB
   * @param mesh its face: box, 468 landmarks and outer-eye distance, in pixels of the image
   * @throws TypeError when the face has no size
   */
  constructor(image: Image, mesh: Pick<FaceMesh, 'face' | 'landmarks' | 'outerEyeDistancePx'>) {
    const { box } = mesh.face
    this.plan = planCrop(box, mesh.outerEyeDistancePx)
    this.width = image.width
    this.height = image.height
    this.box = box
    this.eyeDistancePx = mesh.outerEyeDistancePx * this.plan.scale
    const pyramid = buildPyramid(image, cropAround(this.plan, box, image))
    const start = (mask: Uint8Array, spacing: Spacing): Tracker =>
      new Tracker(pyramid, findCorners(pyramid, mask, this.eyeDistancePx, spacing), this.eyeDistancePx)
    this.face = start(polygonMask(pyramid.crop, faceOutline(mesh.landmarks)), FACE_SPACING)
    this.surround = start(surroundMask(pyramid.crop, box, mesh.landmarks), SURROUND_SPACING)
  }

  /**
   * Follows the corners into the next frame and reports on those of the face.
   * @param box where the face is in this frame, when known: the part of the frame that is read follows it
   */
  follow(image: Image, box: Box = this.box): StepReport {
    if (image.width !== this.width || image.height !== this.height) this.face.breakOff()
    this.box = box
    const pyramid = buildPyramid(image, cropAround(this.plan, box, image))
    const report = this.face.step(pyramid)
    if (!report.broken) this.surround.step(pyramid)
    return report
  }

  /** Ends the track: a frame is missing or shows no face. Nothing can be measured across a gap. */
  breakOff(): void {
    this.face.breakOff()
  }

  get pairs(): FacePairs {
    return { face: this.face.pairs, surround: this.surround.pairs }
  }

  /** Track pixels per image pixel. */
  get scale(): number {
    return this.plan.scale
  }

  /** Corners of the face in the reference. */
  get started(): number {
    return this.face.started
  }

  get broken(): boolean {
    return this.face.broken
  }

  /** Plane or head, from the reference to the last frame; `track-lost` when the track was cut. */
  planarity(): Planarity {
    if (this.face.broken) return notMeasured(this.face.survivors, 'track-lost')
    const { from, to } = this.face.pairs
    return planarity(from, to, this.eyeDistancePx)
  }

  /** Share of the surround that moves with the face; `track-lost` when the track was cut. */
  coMotion(): Measurement {
    if (this.face.broken) return failed('track-lost')
    return coMotion(this.face.pairs, this.surround.pairs, this.eyeDistancePx)
  }

  /** Where the corners of the face are in the last frame: x, y pairs in image pixels. */
  places(): Float64Array {
    return this.face.pairs.to.map((value) => fromTrack(value, this.plan.scale))
  }
}

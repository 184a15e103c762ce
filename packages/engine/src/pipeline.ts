/** One image from bytes to measurements, on the calling thread. The order of the steps is the order of the lines. */
import { IpseError } from '@ipse/protocol'
import { fivePoints } from './face/chips.ts'
import type { Detection } from './face/detect.ts'
import { FaceNetwork } from './face/face-network.ts'
import { findFaces } from './face/find.ts'
import { type Before, type FollowedFace, followFace } from './face/follow.ts'
import { better, fineLandmarks, type Landmarks, MESH_SIDE } from './face/landmarks.ts'
import { POINT } from './face/mesh-points.ts'
import { eyeOpenness, mouthOpenness } from './face/openness.ts'
import { headPose } from './face/pose.ts'
import { extractTemplate } from './face/template.ts'
import { decode } from './image/decode.ts'
import { Pyramid } from './image/pyramid.ts'
import { release } from './image/release.ts'
import { thumbnail } from './image/thumbnail.ts'
import { doubleCompression } from './injection/double-compression.ts'
import type { Plan } from './models/plan.ts'
import { skinLight } from './pad/skin-light.ts'
import { spectralSigns } from './pad/spectrum.ts'
import { surfaceColour } from './pad/surface-colour.ts'
import { measureTexture } from './pad/texture.ts'
import { assessQuality } from './quality/assess.ts'
import { faceRegion, subject } from './quality/subject.ts'
import { faceVisibility } from './quality/visibility.ts'
import { type Meter, NO_METER } from './runtime/meter.ts'
import { Network } from './runtime/network.ts'
import type {
  Box,
  ClipFrame,
  ClipOptions,
  Face,
  FaceMesh,
  FrameMeasurement,
  Image,
  MeasureOptions,
} from './types.ts'

/** A measurement before the engine puts its template's model id on it. */
export type RawMeasurement = Omit<FrameMeasurement, 'template'> & Raw
/** The same of a frame of a clip. */
export type RawFrame = Omit<ClipFrame, 'template' | 'likeness'> & Raw

export interface Raw {
  /** Only the first network's part where a frame was compared and that was enough. */
  readonly vector?: Float32Array
}

function boxOf({ values }: Detection): Box {
  return { x: values[0]!, y: values[1]!, width: values[2]!, height: values[3]! }
}

function faceOf(score: number, box: Box, points: Float32Array): Face {
  return { box, score, points: fivePoints(points) }
}

function meshOf(face: Face, { points, presence }: Landmarks): FaceMesh {
  const right = 3 * POINT.rightEyeOuter
  const left = 3 * POINT.leftEyeOuter
  return {
    face,
    landmarks: points,
    presence,
    pose: headPose(points),
    eyeOpenness: eyeOpenness(points),
    mouthOpenness: mouthOpenness(points),
    outerEyeDistancePx: Math.hypot(points[left]! - points[right]!, points[left + 1]! - points[right + 1]!),
  }
}

export class Pipeline {
  private readonly detector: Network
  private readonly landmarker: Network
  private readonly embedders: readonly FaceNetwork[]
  private readonly pads: readonly FaceNetwork[]
  private readonly meter: Meter

  private constructor(
    detector: Network,
    landmarker: Network,
    embedders: readonly FaceNetwork[],
    pads: readonly FaceNetwork[],
    meter: Meter,
  ) {
    this.detector = detector
    this.landmarker = landmarker
    this.embedders = embedders
    this.pads = pads
    this.meter = meter
  }

  /** @throws IpseError `model_invalid` when a network does not load or does not fit its description */
  static async load(plan: Plan, meter: Meter = NO_METER): Promise<Pipeline> {
    const loaded = (networks: Plan['embedders']): Promise<FaceNetwork[]> =>
      Promise.all(networks.map((network) => FaceNetwork.load(network)))
    const [detector, landmarker, embedders, pads] = await Promise.all([
      Network.load(plan.detector),
      Network.load(plan.landmarks),
      loaded(plan.embedders),
      loaded(plan.pads),
    ])
    for (const pad of pads) {
      const { output, id } = pad.plan
      if (output.kind !== 'vector' && output.bonaFideIndex >= (await pad.outputLength()))
        throw new IpseError('model_invalid', `${id}: there is no output element ${output.bonaFideIndex}`)
    }
    return new Pipeline(detector, landmarker, embedders, pads, meter)
  }

  /** Lengths of the vectors of the comparison networks. */
  async vectorLengths(): Promise<number[]> {
    const lengths: number[] = []
    for (const embedder of this.embedders) lengths.push(await embedder.outputLength())
    return lengths
  }

  /** Not to be called again before it has settled: the networks' inputs are shared. */
  async measure(encoded: Uint8Array, options: MeasureOptions): Promise<RawMeasurement> {
    const image = await decode(encoded)
    this.meter.lap('decode')
    const pyramid = new Pyramid(image)
    const measured = await this.examine(image, pyramid, await this.search(image, pyramid), options)
    pyramid.release()
    release(image)
    return measured
  }

  /**
   * The same for the next picture of a clip, decoded already.
   * @param before the frame whose face is followed; without it, or where the face is not, the picture is searched
   */
  async measureNext(
    image: Image,
    { search = true, ...options }: ClipOptions,
    before: Before | undefined,
  ): Promise<RawFrame> {
    const pyramid = new Pyramid(image)
    const followed = before && (await followFace(this.landmarker, pyramid, before))
    this.meter.lap('landmarks')
    const seen =
      before && followed && !search
        ? { mesh: meshOf(faceOf(before.mesh.face.score, followed.box, followed.best.points), followed.best) }
        : await this.search(image, pyramid, followed)
    const measured = await this.examine(image, pyramid, seen, options)
    pyramid.release()
    return measured
  }

  /**
   * All faces, and the quality of the main one.
   * @param followed the main face of the frame before in this one: where a detection sits on it, its mesh is not read again
   */
  private async search(
    image: Image,
    pyramid: Pyramid,
    followed?: FollowedFace,
  ): Promise<Pick<FrameMeasurement, 'faces' | 'mesh' | 'quality'>> {
    const { detector, landmarker, meter } = this
    const trail = followed && this.regionOf(followed.best, followed.last)
    const found = await findFaces(detector, landmarker, pyramid, meter, followed)
    const main = found[0]
    if (!main) return { faces: [], quality: assessQuality(undefined) }
    const { best, region } =
      trail && main.rough === trail.best ? trail : await this.readAgain(pyramid, main.rough)
    const mesh = meshOf(faceOf(main.detection.score, boxOf(main.detection), best.points), best)
    meter.lap('landmarks')
    const others = found
      .slice(1)
      .map(({ detection, rough }) => faceOf(detection.score, boxOf(detection), rough.points))
    const faces = [mesh.face, ...others]
    const boxes = faces.map((face) => face.box)
    const quality = assessQuality(subject(image, boxes, best.points, mesh.pose, region))
    meter.lap('quality')
    return { faces, mesh, quality }
  }

  /** The second pass. */
  private async readAgain(pyramid: Pyramid, rough: Landmarks) {
    const fine = await fineLandmarks(this.landmarker, pyramid, rough)
    return this.regionOf(better(rough, fine), fine)
  }

  /** @param last the pass whose crop the landmark network's input still holds */
  private regionOf(best: Landmarks, last: Landmarks) {
    return { best, region: faceRegion(this.landmarker.input, MESH_SIDE, last.crop, best.points) }
  }

  /** What is asked for beside the face itself. */
  private async examine<Seen extends Pick<RawFrame, 'mesh'>>(
    image: Image,
    pyramid: Pyramid,
    seen: Seen,
    { compareWith, ...options }: ClipOptions,
  ) {
    const { meter } = this
    const frame = { width: image.width, height: image.height, thumbnail: thumbnail(pyramid), ...seen }
    meter.lap('thumbnail')
    if (!seen.mesh) return frame
    const { landmarks, face } = seen.mesh
    const vector =
      options.template || compareWith
        ? await extractTemplate(this.embedders, pyramid, landmarks, face.box, compareWith?.vector)
        : undefined
    meter.lap('template')
    const texture = options.texture
      ? await measureTexture(this.pads, pyramid, landmarks, face.box)
      : undefined
    meter.lap('texture')
    const picture = options.picture
      ? {
          ...spectralSigns(image, face.box),
          ...surfaceColour(image, face.box),
          singleCompression: doubleCompression(image),
        }
      : undefined
    meter.lap('picture')
    return {
      ...frame,
      light: skinLight(image, seen.mesh),
      visibility: faceVisibility(image, seen.mesh),
      ...(vector ? { vector } : {}),
      ...(texture ? { texture } : {}),
      ...(picture ? { picture } : {}),
    }
  }

  async release(): Promise<void> {
    const networks = [this.detector, this.landmarker, ...this.embedders, ...this.pads]
    for (const network of networks) await network.release()
  }
}

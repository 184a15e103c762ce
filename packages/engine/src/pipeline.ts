/** One image from bytes to measurements, on the calling thread. The order of the steps is the order of the lines. */
import { IpseError } from '@ipse/protocol'
import { fivePoints } from './face/chips.ts'
import type { Detection } from './face/detect.ts'
import { FaceNetwork } from './face/face-network.ts'
import { better, type Found, findFaces } from './face/find.ts'
import { fineLandmarks, type Landmarks, MESH_SIDE } from './face/landmarks.ts'
import { POINT } from './face/mesh-points.ts'
import { eyeOpenness, mouthOpenness } from './face/openness.ts'
import { headPose } from './face/pose.ts'
import { extractTemplate } from './face/template.ts'
import { decode } from './image/decode.ts'
import { Pyramid } from './image/pyramid.ts'
import { thumbnail } from './image/thumbnail.ts'
import type { Plan } from './models/plan.ts'
import { spectralSigns } from './pad/spectrum.ts'
import { surfaceColour } from './pad/surface-colour.ts'
import { measureTexture } from './pad/texture.ts'
import { assessQuality } from './quality/assess.ts'
import { faceRegion, subject } from './quality/subject.ts'
import { Network } from './runtime/network.ts'
import type { Box, Face, FaceMesh, FrameMeasurement, Image, MeasureOptions } from './types.ts'

/** A measurement before the engine puts its template's model id on it. */
export type RawMeasurement = Omit<FrameMeasurement, 'template'> & { readonly vector?: Float32Array }

function boxOf({ values }: Detection): Box {
  return { x: values[0]!, y: values[1]!, width: values[2]!, height: values[3]! }
}

function faceOf({ detection }: Found, points: Float32Array): Face {
  return { box: boxOf(detection), score: detection.score, points: fivePoints(points) }
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

  private constructor(
    detector: Network,
    landmarker: Network,
    embedders: readonly FaceNetwork[],
    pads: readonly FaceNetwork[],
  ) {
    this.detector = detector
    this.landmarker = landmarker
    this.embedders = embedders
    this.pads = pads
  }

  /** @throws IpseError `model_invalid` when a network does not load or does not fit its description */
  static async load(plan: Plan): Promise<Pipeline> {
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
    return new Pipeline(detector, landmarker, embedders, pads)
  }

  /** Lengths of the vectors of the comparison networks. */
  async vectorLengths(): Promise<number[]> {
    const lengths: number[] = []
    for (const embedder of this.embedders) lengths.push(await embedder.outputLength())
    return lengths
  }

  /** Not to be called again before it has settled: the networks' inputs are shared. */
  async measure(encoded: Uint8Array, options: MeasureOptions): Promise<RawMeasurement> {
    return this.measureImage(await decode(encoded), options)
  }

  /** The same for a picture that is decoded already. */
  async measureImage(image: Image, options: MeasureOptions): Promise<RawMeasurement> {
    const pyramid = new Pyramid(image)
    const found = await findFaces(this.detector, this.landmarker, pyramid)
    const frame = { width: image.width, height: image.height, thumbnail: thumbnail(pyramid) }
    const main = found[0]
    if (!main) return { ...frame, faces: [], quality: assessQuality(undefined) }

    const fine = await fineLandmarks(this.landmarker, pyramid, main.rough)
    const best = better(main.rough, fine)
    /** The landmark network's input still holds the second pass's crop. */
    const region = faceRegion(this.landmarker.input, MESH_SIDE, fine.crop, best.points)
    const mesh = meshOf(faceOf(main, best.points), best)
    const faces = [mesh.face, ...found.slice(1).map((face) => faceOf(face, face.rough.points))]
    const boxes = faces.map((face) => face.box)
    const quality = assessQuality(subject(image, boxes, best.points, mesh.pose, region))
    const { box } = mesh.face
    const vector = options.template
      ? await extractTemplate(this.embedders, pyramid, best.points, box)
      : undefined
    const texture = options.texture ? await measureTexture(this.pads, pyramid, best.points, box) : undefined
    return {
      ...frame,
      faces,
      mesh,
      quality,
      ...(vector ? { vector } : {}),
      ...(texture ? { texture } : {}),
      ...(options.picture ? { picture: { ...spectralSigns(image, box), ...surfaceColour(image, box) } } : {}),
    }
  }

  async release(): Promise<void> {
    const networks = [this.detector, this.landmarker, ...this.embedders, ...this.pads]
    for (const network of networks) await network.release()
  }
}

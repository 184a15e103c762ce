/**
 * What the engine gives to others. The server knows the engine by these types alone.
 * All coordinates are pixels of the decoded image, x to the right, y down; all angles degrees.
 */
import type { Measurement, Quality } from '@ipse/protocol'
import type { Planarity } from './track/planarity.ts'
import type { Structure } from './track/structure.ts'

export type { Planarity, Structure }

/** RGB, 8 bit, row-major, 3·width·height bytes, sRGB, orientation applied, metadata dropped. */
export interface Image {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
  /** Of the JPEG whose blocks of 8 × 8 still lie where it had them: its luma quantisation steps, zigzag order. */
  readonly lumaSteps?: Uint16Array
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** One detected face. `points`: subject's right eye, left eye, nose tip, right and left mouth corner. */
export interface Face {
  readonly box: Box
  /** Detector score in [0, 1], higher = more face-like. */
  readonly score: number
  readonly points: readonly [Point, Point, Point, Point, Point]
}

/** Head pose. Yaw > 0: the nose points to the image's right. Pitch > 0: the nose points up. Roll > 0: clockwise in the image. */
export interface Pose {
  readonly yawDeg: number
  readonly pitchDeg: number
  readonly rollDeg: number
}

/** A face with dense landmarks. */
export interface FaceMesh {
  readonly face: Face
  /** 468 × (x, y, z) in pixels; z grows away from the camera, in the same scale as x. */
  readonly landmarks: Float32Array
  /** Probability that the mesh sits on a face, [0, 1]. */
  readonly presence: number
  readonly pose: Pose
  /** Eye aspect ratio, mean of both eyes (open about 0.26, rises with opening). */
  readonly eyeOpenness: number
  /** Mouth aspect ratio: inner lip gap / mouth width (closed about 0.04, wide open about 0.43). */
  readonly mouthOpenness: number
  /** Distance of the outer eye corners (mesh points 33–263) in pixels. */
  readonly outerEyeDistancePx: number
}

/**
 * A biometric template: one vector per comparison network, each of unit length, concatenated in the order of
 * `modelId`. Comparable only with templates of the same `modelId`.
 */
export interface Template {
  readonly modelId: string
  readonly vector: Float32Array
}

/** A face of a clip beside the person who is expected there. */
export interface Likeness {
  /** Higher = more similar: the comparison score, or where `limit` is given the first network's share of it. */
  readonly score: number
  /** Present where the first network left no doubt and the others did not run: what the score had to reach. */
  readonly limit?: number
}

export interface Comparison {
  /** Fused comparison score; higher = more similar; unit and range belong to the model. */
  readonly score: number
  /** Calibrated similarity in [0, 1]; 0.5 at the model's default operating point. */
  readonly similarity: number
}

/** A threshold with the error rate it was measured at (principle 5). */
export interface OperatingPoint {
  readonly fmr: number
  readonly threshold: number
  readonly fnmr: number
  /** What it was measured on: name, number of mated and non-mated pairs, date. */
  readonly dataset: string
  readonly mated: number
  readonly nonMated: number
  readonly date: string
  /** How often look-alikes pass at this threshold, where that was measured: other people in the same photograph. */
  readonly lookAlikes?: { readonly fmr: number; readonly nonMated: number; readonly dataset: string }
}

/**
 * A threshold of a PAD network with the error rates it was measured at (principle 5): on the mean score of a clip's frontal
 * frames.
 */
export interface PadOperatingPoint {
  /** Share of attacks of the worst species with a mean of at least the threshold. */
  readonly apcer: number
  readonly threshold: number
  /** Share of bona fide presentations below it. */
  readonly bpcer: number
  readonly dataset: string
  /** Presentations of the species with the fewest, and bona fide ones. */
  readonly attacks: number
  readonly bonaFide: number
  readonly date: string
}

/** A PAD network of the operator. The shipped ones are none: they have no operating points. */
export interface OperatorPad {
  readonly id: string
  /** APCER descending; a network without points is reported only. */
  readonly operatingPoints: readonly PadOperatingPoint[]
}

export interface ModelInfo {
  readonly id: string
  readonly role: 'detector' | 'landmarks' | 'embedding' | 'pad'
  readonly version: string
  /** SHA-256 of the weight file(s) as shipped, hex. */
  readonly sha256: string
  readonly licence: string
}

/** Texture PAD measurements: one per PAD network, keyed by model id. `score` rises with bona fide. */
export type TexturePad = Readonly<Record<string, Measurement>>

/** Everything measured on one frame or photograph. */
export interface FrameMeasurement {
  readonly width: number
  readonly height: number
  /** All faces found, largest first. */
  readonly faces: readonly Face[]
  /** The largest face with its mesh; undefined when no face was found. */
  readonly mesh?: FaceMesh
  readonly quality: Quality
  /** Present when asked for and a face was found. */
  readonly template?: Template
  readonly texture?: TexturePad
  /** 32 × 32 grey thumbnail of the whole frame (mean-pooled luma), for duplicate and loop signs. */
  readonly thumbnail: Uint8Array
  /** Present when asked for and a face was found. */
  readonly picture?: PictureSigns
  /** Present when a face was found. */
  readonly light?: SkinLight
  readonly visibility?: Visibility
  /** Present in a clip, when the frame before had the same size. */
  readonly change?: ChangeSigns
}

/** How a picture was made. Signs for or against a display, a print or an enlarged picture; weak, see docs/evaluation.md. */
export interface PictureSigns {
  /** Strongest line of the spectrum above its ring's median, in median absolute deviations; median of five patches. */
  readonly spectralPeak: Measurement
  /** The same for pairs of lines at right angles, as the dots of a print make them. */
  readonly halftonePeak: Measurement
  /** ln(finest / middle) detail: the more negative, the more the picture was enlarged or smoothed. */
  readonly fineDetail: Measurement
  /** Share of the face that mirrors light, [0, 1]. */
  readonly specular: Measurement
  /** Standard deviation of the red difference (Cr) in the face, of 255. */
  readonly redSpread: Measurement
  /** 1 − the trace of an earlier JPEG coding on the same grid: about .85 without one, about 0 where it was coarse. */
  readonly singleCompression: Measurement
}

/** Mean of a patch in linear sRGB, [0, 1] each. */
export type LinearColour = readonly [red: number, green: number, blue: number]

/** How open the main face is to view. Covers of the skin's own colour are not seen: docs/evaluation.md. */
export interface Visibility {
  /** Contrast of the eyes, in shares of the skin's brightness: open eyes .12 and more, dark glasses about .02. */
  readonly eyes: Measurement
  /** Agreement in colour of the lower face with the skin above, [0, 1]: bare faces .73 and more, coloured masks about .5. */
  readonly lowerFace: Measurement
}

/** Where light is read; right and left are the subject's. The sides are on the cheekbones. */
export type LightPatch =
  | 'forehead'
  | 'nose'
  | 'rightCheek'
  | 'leftCheek'
  | 'rightSide'
  | 'leftSide'
  | 'surround'

/** Patches that could be read. */
export type SkinLight = Readonly<Partial<Record<LightPatch, LinearColour>>>

/** What changed from the frame before. */
export interface ChangeSigns {
  /** 20th percentile of the blocks' standard deviation of the difference / √2, grey levels: the sensor's noise. */
  readonly noise: number
  /** Share of 8 × 8 blocks that did not change at all, [0, 1]. */
  readonly unchangedBlocks: number
  /** Mean green value of the frame, 0–255. */
  readonly brightness: number
}

/** One turn of the head, from the last frame near the neutral pose to the widest that was followed. */
export interface TurnEvidence {
  /** Frames that were followed. */
  readonly frames: number
  /** Corners at the begin. */
  readonly started: number
  /** The track was cut: another picture, a missing face, too fast. Nothing is measured then. */
  readonly broken: boolean
  /** Largest median way of the corners from frame to frame, outer-eye distances. */
  readonly fastestWay: number
  /** Largest change of pose from frame to frame on the way to the measured frame, degrees. */
  readonly largestStepDeg: number
  /** Of the reference frame, image pixels. */
  readonly outerEyeDistancePx: number
  /** Change of pose at the measured frame. */
  readonly yawChangeDeg: number
  readonly pitchChangeDeg: number
  /** Plane or head, see track/planarity.ts. */
  readonly planarity: Planarity
  /** Share of the surround that moves with the face, [0, 1]; high: one thing. */
  readonly coMotion: Measurement
  /** How well the mesh's own depth explains the turn, see track/structure.ts. */
  readonly structure: Structure
}

/** What was followed from `beginTrack` to `endTrack`. */
export interface TrackEvidence {
  readonly turns: readonly TurnEvidence[]
  /** How far the irises move in the head, eye widths per 10° of yaw; high: eyes that look at something. */
  readonly gazeCoupling: Measurement
}

/** A frame of a clip. One that was only followed knows its main face; how many there are it cannot say. */
export type ClipFrame = Omit<FrameMeasurement, 'faces' | 'quality'> &
  Partial<Pick<FrameMeasurement, 'faces' | 'quality'>> & {
    /** Present when asked for and a face was found. */
    readonly likeness?: Likeness
  }

export interface MeasureOptions {
  /** Compute the template (two networks, about half of the cost). Default false. */
  readonly template?: boolean
  /** Run the PAD networks. Default false. */
  readonly texture?: boolean
  /** Look for signs of a display, a print or an enlarged picture; about 10 ms. Default false. */
  readonly picture?: boolean
}

export interface ClipOptions extends MeasureOptions {
  /**
   * Look for all faces and assess quality. The face of the frame before is looked for where it was, either way; without
   * `search` the others are not, and a frame costs half, unless that face is not there any more. Default true.
   */
  readonly search?: boolean
  /**
   * Who was in the clip before: compares the face with that template. Where the first network leaves no doubt that it is the
   * same person the others do not run, hence no template is given out, and `template` is not looked at.
   */
  readonly compareWith?: Template
}

/** The parts of the work on frames. `rest`: messages between threads and whatever is left. */
export type Stage =
  | 'decode'
  | 'thumbnail'
  | 'detect'
  | 'landmarks'
  | 'quality'
  | 'template'
  | 'texture'
  | 'picture'
  | 'change'
  | 'track'
  | 'rest'

/** CPU milliseconds of the engine's threads, by stage. */
export type Costs = Readonly<Partial<Record<Stage, number>>>

/**
 * The frames of one capture, measured in order on one thread that keeps what comparisons between frames need. Calls need
 * not wait for each other. All but `close` throw like `Engine.measure`.
 */
export interface Clip {
  measure(encoded: Uint8Array, options?: ClipOptions): Promise<ClipFrame>
  /** Follows the face from the last measured frame on, which shows the neutral pose; ends a track that is running. */
  beginTrack(): Promise<void>
  /** Ends the track; without one, or without a face at its begin, there are no turns in the answer. */
  endTrack(): Promise<TrackEvidence>
  /** Forgets the frames. A clip that is not closed is forgotten when nobody holds it or when many newer ones are open. */
  close(): void
}

export interface Engine {
  readonly models: readonly ModelInfo[]
  /** Comparison operating points, FMR descending. */
  readonly operatingPoints: readonly OperatingPoint[]
  /** The point at which `similarity` is 0.5; use it unless a policy names an error rate. */
  readonly defaultOperatingPoint: OperatingPoint
  /** The operator's PAD networks; empty when the slot is. */
  readonly pads: readonly OperatorPad[]
  /** Id of the template space that this engine writes and compares. */
  readonly templateModelId: string
  /** Lengths of the unit vectors that such a template is made of, one after the other; each is compared on its own. */
  readonly templateParts: readonly number[]
  /**
   * Decodes and measures one encoded image.
   * @throws IpseError `image_unreadable` for anything that is not a sound JPEG, PNG or WebP within the limits;
   * `engine_unavailable` after `close()` or when too many images are waiting
   */
  measure(encoded: Uint8Array, options?: MeasureOptions): Promise<FrameMeasurement>
  /** Opens a clip; single images and other clips go on on all threads. */
  openClip(): Clip
  /** @throws IpseError `reference_unusable` when the two templates are of different models */
  compare(a: Template, b: Template): Comparison
  /**
   * A plain JPEG of an encoded image's pixels and nothing else: no metadata, profile or text is left.
   * @throws IpseError `image_unreadable` as `measure`
   */
  redraw(encoded: Uint8Array): Promise<Uint8Array>
  /** Mean of several templates of one person, renormalised per network. */
  merge(templates: readonly Template[]): Template
  /** Releases the native sessions. */
  close(): Promise<void>
}

/** What the engine followed through one turn of the head, as plain numbers. No pixel and no corner is in it. */
import type { ChallengeStep, Measurement } from '@ipse/protocol'

export interface TurnObservation {
  /** Index and kind of the step in which the head turned. */
  readonly step: number
  readonly kind: ChallengeStep['kind']
  /** Change of pose from the begin of the turn to the measured frame, degrees. */
  readonly yawChangeDeg: number
  readonly pitchChangeDeg: number
  /** Corners of the face that were followed without a gap to the measured frame. */
  readonly corners: number
  /** Distance of the outer eye corners at the begin, pixels. */
  readonly outerEyeDistancePx: number
  /** The track was cut: another picture, a missing face, too fast. Nothing below is assessed then. */
  readonly broken: boolean
  /** Largest change of pose from frame to frame, degrees. */
  readonly largestStepDeg: number
  /** Distance from the best motion of a plane, in outer-eye distances; over the noise of tracking; way of the face. */
  readonly residual: Measurement
  readonly ratio: Measurement
  readonly displacement: Measurement
  /** Share of the surround that moves with the face, [0, 1]. */
  readonly coMotion: Measurement
  /** What the mesh's own depth leaves unexplained of the turn, outer-eye distances; and the share that it explains. */
  readonly structureResidual: Measurement
  readonly structureExplained: Measurement
  /** How far the irises moved in the head during the step, eye widths per 10°. */
  readonly gazeCoupling: Measurement
}

/** How a frame was made: signs of a display, a print or an enlarged picture. */
export interface PictureObservation {
  /** Strongest line of the spectrum, in median absolute deviations of its ring. */
  readonly spectralPeak: Measurement
  readonly halftonePeak: Measurement
  /** ln(finest / middle) detail. */
  readonly fineDetail: Measurement
  /** Share of mirroring skin, [0, 1]; spread of its red, of 255. */
  readonly specular: Measurement
  readonly redSpread: Measurement
  /** 1 − the trace of an earlier JPEG coding on the same grid. */
  readonly singleCompression: Measurement
}

/** What changed from the frame before. */
export interface ChangeObservation {
  /** Grey levels. */
  readonly noise: number
  /** Share of blocks that did not change at all, [0, 1]. */
  readonly unchangedBlocks: number
  /** Mean of the frame, 0–255. */
  readonly brightness: number
}

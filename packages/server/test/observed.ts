/** Frames and turns as the domain sees them: one plain face from ahead, unless a test says otherwise. */
import { assessed, QUALITY_COMPONENTS, type Quality } from '@ipse/protocol'
import type { FrameObservation } from '../src/domain/capture-record.ts'
import type { TurnObservation } from '../src/domain/turn-observation.ts'

type SeenFace = NonNullable<FrameObservation['face']>

/** @param scores components that are not 80 of 100 */
export function qualityOf(scores: Partial<Record<string, number>> = {}): Quality {
  return Object.fromEntries(
    QUALITY_COMPONENTS.map((name) => [name, assessed(scores[name] ?? 80, scores[name] ?? 80)]),
  ) as unknown as Quality
}

const FACE: SeenFace = {
  pose: { yawDeg: 0, pitchDeg: 0, rollDeg: 0 },
  presence: 0.9,
  widthShare: 0.3,
  centre: { x: 0.5, y: 0.5 },
  eyeOpenness: 0.26,
  mouthOpenness: 0.04,
  outerEyeDistancePx: 100,
  quality: qualityOf(),
}

export type FrameChange = Partial<Omit<FrameObservation, 'face'>> & { readonly face?: Partial<SeenFace> }

/** Captured when it arrives. With `faces: 0` there is no face. */
export function observed(arrivedMs: number, { face, ...change }: FrameChange = {}): FrameObservation {
  return {
    frame: Math.round(arrivedMs),
    step: 0,
    arrivedMs,
    capturedUs: 1000 * arrivedMs,
    digest: String(arrivedMs),
    width: 640,
    height: 480,
    thumbnail: new Uint8Array(1024),
    faces: 1,
    ...(change.faces === 0 ? {} : { face: { ...FACE, ...face } }),
    ...change,
  }
}

/** A head's turn as it is measured on people. */
export const HEAD: TurnObservation = {
  step: 1,
  kind: 'head-pose',
  yawChangeDeg: 19,
  pitchChangeDeg: 1,
  corners: 80,
  outerEyeDistancePx: 100,
  broken: false,
  largestStepDeg: 8,
  residual: assessed(0.039, 0.7),
  ratio: assessed(3.9, 0.7),
  displacement: assessed(0.25, 0.7),
  coMotion: assessed(0.05, 0.05),
  structureResidual: assessed(0.032, 0.6),
  structureExplained: assessed(0.45, 0.45),
  gazeCoupling: assessed(0.039, 0.6),
}

/** What is measured across the frames of one capture: its clip, and the turns that were followed in it. */
import type { Clip, ClipFrame, ClipOptions, TrackEvidence } from '@ipse/engine'
import type { ChallengePlan, ChallengeStep } from '@ipse/protocol'
import type { ApproachObservation } from '../domain/capture-record.ts'
import type { TurnObservation } from '../domain/turn-observation.ts'
import { createApproach } from './approach.ts'

/** Frames that are looked at for signs of a display or an enlargement: about 10 ms each. */
const PICTURES = 2

export interface CaptureEvidence {
  /** Like `Clip.measure`, for every frame of the capture in its order. */
  measure(encoded: Uint8Array, options: ClipOptions): Promise<ClipFrame>
  /** Follows the face from the last frame on when the step turns the head. */
  beginStep(index: number, step: ChallengeStep, plan: ChallengePlan): Promise<void>
  endStep(): Promise<void>
  close(): void
}

/** What is found. */
export interface Found {
  readonly turns: TurnObservation[]
  approach: ApproachObservation | undefined
}

export function createEvidence(clip: Clip, found: Found): CaptureEvidence {
  let pictures = 0
  let kind: ChallengeStep['kind'] | undefined
  const approach = createApproach()
  let followed: { readonly index: number; readonly step: ChallengeStep } | undefined
  return {
    async measure(encoded, options) {
      // The texture networks are asked for on chosen frames of the hold: those are the ones to look at.
      const picture = options.texture === true && pictures < PICTURES
      if (picture) pictures++
      const measured = await clip.measure(encoded, { ...options, picture })
      approach.see(kind, measured)
      return measured
    },
    async beginStep(index, step, plan) {
      kind = step.kind
      followed = isFollowed(step, plan) ? { index, step } : undefined
      if (followed) await clip.beginTrack()
    },
    async endStep() {
      if (kind === 'distance') found.approach = approach.found()
      if (!followed) return
      const { index, step } = followed
      followed = undefined
      found.turns.push(...observeTurns(await clip.endTrack(), index, step.kind))
    },
    close: () => clip.close(),
  }
}

/**
 * Turns aside show the shape of a head best; a path to follow, or up and down, only where no such turn is asked: following
 * takes about 7 ms a frame.
 */
function isFollowed(step: ChallengeStep, { steps }: ChallengePlan): boolean {
  if (turnsAside(step)) return true
  if (steps.some((planned) => turnsAside(planned.step))) return false
  return step.kind === 'follow' || step.kind === 'head-pose'
}

function turnsAside(step: ChallengeStep): boolean {
  if (step.kind !== 'head-pose' && step.kind !== 'gaze-hold') return false
  return step.direction === 'left' || step.direction === 'right'
}

/** From what the engine followed to plain observations of the turns. */
export function observeTurns(
  { turns, gazeCoupling }: TrackEvidence,
  step: number,
  kind: ChallengeStep['kind'],
): TurnObservation[] {
  return turns.map((turn) => ({
    step,
    kind,
    yawChangeDeg: turn.yawChangeDeg,
    pitchChangeDeg: turn.pitchChangeDeg,
    corners: turn.planarity.survivors,
    outerEyeDistancePx: turn.outerEyeDistancePx,
    broken: turn.broken,
    largestStepDeg: turn.largestStepDeg,
    residual: turn.planarity.residual,
    ratio: turn.planarity.ratio,
    displacement: turn.planarity.displacement,
    coMotion: turn.coMotion,
    structureResidual: turn.structure.residual,
    structureExplained: turn.structure.explained,
    gazeCoupling,
  }))
}

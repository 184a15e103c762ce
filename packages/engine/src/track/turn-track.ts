/**
 * The turns of one challenge step. Corners are followed only while the head is away from the neutral pose: a turn
 * begins with the last frame near it and is measured at its widest frame that still holds enough corners.
 */
import { type FailureReason, failed } from '@ipse/protocol'
import type { FaceMesh, Image, TrackEvidence, TurnEvidence } from '../types.ts'
import { coMotion } from './co-motion.ts'
import { type FacePairs, FaceTrack } from './face-track.ts'
import { GazeTrack } from './gaze.ts'
import { notMeasured, planarity } from './planarity.ts'
import { structure } from './structure.ts'

/** Change of pose at which a turn has begun, degrees: beyond the sway of people who keep still. */
const BEGIN_DEG = 3.5
/** Widest change that is measured, degrees: beyond, landmarks and pose saturate. */
const MAX_DEG = 35
/** Change at which structure is measured, degrees (docs/evaluation.md). */
const STRUCTURE_DEG = 20
/** A turn is over when the head has come back by this much from its widest, or is this wide with corners to spare. */
const BACK_DEG = 5
const WIDE_DEG = 24
/** Corners that the frame of a measurement should hold (docs/evaluation.md). */
const ENOUGH = 25
/** Turns that are followed in one step: bounds the work. */
const MAX_TURNS = 2

type TurningFace = Pick<FaceMesh, 'face' | 'landmarks' | 'pose' | 'outerEyeDistancePx' | 'eyeOpenness'>

interface View {
  readonly pairs: FacePairs
  readonly yawDeg: number
  readonly pitchDeg: number
  readonly angleDeg: number
}

/** A turn that is going on or over. */
interface Turn {
  readonly reference: TurningFace
  readonly track: FaceTrack
  widest: View | undefined
  /** Nearest to 20°. */
  near: View | undefined
  frames: number
  fastest: number
  lastAngleDeg: number
  largestStepDeg: number
  over: boolean
}

export class TurnTrack {
  private reference: { readonly image: Image; readonly mesh: TurningFace }
  private readonly neutral: FaceMesh['pose']
  private readonly gaze: GazeTrack
  private readonly turns: Turn[] = []
  private turn: Turn | undefined

  /** @param mesh of the frame in the neutral pose */
  constructor(image: Image, mesh: TurningFace) {
    this.reference = { image, mesh }
    this.neutral = mesh.pose
    this.gaze = new GazeTrack(image, mesh)
  }

  /** The next frame of the step; without a mesh it showed no face. */
  follow(image: Image, mesh: TurningFace | undefined): void {
    if (mesh === undefined) {
      this.breakOff()
      return
    }
    const away = changeOf(this.neutral, mesh)
    if (away.angleDeg < BEGIN_DEG && (this.turn === undefined || this.turn.over)) {
      this.reference = { image, mesh }
      this.turn = undefined
      this.gaze.follow(image, mesh)
      return
    }
    if (this.turn === undefined && this.turns.length < MAX_TURNS) this.begin()
    if (this.turn === undefined || this.turn.over) return
    this.gaze.follow(image, mesh)
    this.advance(this.turn, image, mesh)
  }

  private begin(): void {
    const { image, mesh } = this.reference
    const track = new FaceTrack(image, mesh)
    this.turn = {
      reference: mesh,
      track,
      widest: undefined,
      near: undefined,
      frames: 0,
      fastest: 0,
      lastAngleDeg: 0,
      largestStepDeg: 0,
      over: false,
    }
    this.turns.push(this.turn)
  }

  private advance(turn: Turn, image: Image, mesh: TurningFace): void {
    const report = turn.track.follow(image, mesh.face.box)
    turn.frames++
    turn.fastest = Math.max(turn.fastest, report.way || 0)
    if (report.broken) {
      turn.over = true
      return
    }
    const change = changeOf(turn.reference.pose, mesh)
    turn.largestStepDeg = Math.max(turn.largestStepDeg, change.angleDeg - turn.lastAngleDeg)
    turn.lastAngleDeg = change.angleDeg
    const view: View = { pairs: turn.track.pairs, ...change }
    const enough = report.survivors >= ENOUGH
    const { widest, near } = turn
    const held = widest !== undefined && widest.pairs.face.from.length / 2 >= ENOUGH
    if (change.angleDeg <= MAX_DEG) {
      const wider = widest === undefined || change.angleDeg > widest.angleDeg
      if (wider && (enough || !held)) turn.widest = view
      const miss = (angleDeg: number): number => Math.abs(angleDeg - STRUCTURE_DEG)
      if (near === undefined || miss(change.angleDeg) < miss(near.angleDeg)) turn.near = view
    }
    const reached = turn.widest?.angleDeg ?? 0
    if (change.angleDeg >= WIDE_DEG || change.angleDeg < reached - BACK_DEG) turn.over = true
  }

  /** A frame is missing or shows no face: the turn that is going on is lost. */
  breakOff(): void {
    if (this.turn === undefined || this.turn.over) return
    this.turn.track.breakOff()
    this.turn.over = true
  }

  evidence(): TrackEvidence {
    return { turns: this.turns.map(measure), gazeCoupling: this.gaze.coupling() }
  }
}

function measure({ reference, track, widest, near, frames, fastest, largestStepDeg }: Turn): TurnEvidence {
  const { eyeDistancePx, scale } = track
  const base = {
    frames,
    started: track.started,
    broken: track.broken,
    fastestWay: fastest,
    largestStepDeg,
    outerEyeDistancePx: reference.outerEyeDistancePx,
    yawChangeDeg: widest?.yawDeg ?? 0,
    pitchChangeDeg: widest?.pitchDeg ?? 0,
  }
  if (track.broken || widest === undefined || near === undefined) {
    const reason: FailureReason = track.broken ? 'track-lost' : 'too-few-frames'
    const unknown = failed(reason)
    return {
      ...base,
      planarity: notMeasured(0, reason),
      coMotion: unknown,
      structure: { residual: unknown, explained: unknown },
    }
  }
  const { face, surround } = widest.pairs
  return {
    ...base,
    planarity: planarity(face.from, face.to, eyeDistancePx),
    coMotion: coMotion(face, surround, eyeDistancePx),
    structure: structure(near.pairs.face, reference.landmarks, scale, eyeDistancePx),
  }
}

function changeOf(
  from: FaceMesh['pose'],
  { pose }: Pick<FaceMesh, 'pose'>,
): { yawDeg: number; pitchDeg: number; angleDeg: number } {
  const yawDeg = pose.yawDeg - from.yawDeg
  const pitchDeg = pose.pitchDeg - from.pitchDeg
  return { yawDeg, pitchDeg, angleDeg: Math.max(Math.abs(yawDeg), Math.abs(pitchDeg)) }
}

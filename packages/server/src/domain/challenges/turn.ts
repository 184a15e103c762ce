/** A turn of the head in an asked direction: what `head-pose` and `gaze-hold` have in common. */
import type { Direction, Guidance } from '@ipse/protocol'
import type { StepMeasures } from '../capture-record.ts'
import { type Answer, type Change, clamp, isYaw, type Sight, type Targets, type Verdict } from './kind.ts'

/** Frames in a row that show an answer; one alone may be a failure of the mesh. */
const ANSWER_FRAMES = 2
/** A wrong turn: this share of its target in another direction, that many frames in a row. */
const WRONG_SHARE = 0.8
const WRONG_FRAMES = 3
/** People mix up left and right, and are told “the other way”. So many wrong turns within one step are its answer. */
const WRONG_TURNS = 2
/** Share of the target at which an answer has begun: beyond idle sway of the head. */
const ONSET_SHARE = 0.4

export interface TurnRun {
  /** Frames in a row that show the answer, and another answer. */
  readonly reached: number
  readonly wrong: number
  /** Wrong turns so far; what follows never takes one back. */
  readonly wrongTurns: number
  /** The last wrong turn was counted and the head is not back yet: it does not count again. */
  readonly astray: boolean
}

export const NO_TURN: TurnRun = { reached: 0, wrong: 0, wrongTurns: 0, astray: false }

/** The face was lost: runs begin anew, what was counted stays. */
export function loseTurn(own: TurnRun): TurnRun {
  return { ...own, reached: 0, wrong: 0 }
}

export function turnMeasures({ own }: { readonly own: TurnRun }): StepMeasures {
  return { wrongTurns: own.wrongTurns }
}

export function judgeTurn(
  own: TurnRun,
  asked: Direction,
  targets: Targets,
  { change }: Pick<Sight, 'change'>,
): Answer<TurnRun> {
  const shares = sharesOf(change, targets)
  const share = shares[asked]
  const [other, otherShare] = strongestOther(shares, asked)
  const [along, across] = isYaw(asked) ? [change.yawDeg, change.pitchDeg] : [change.pitchDeg, change.yawDeg]
  const shown = share >= 1 && Math.abs(across) < Math.abs(along)
  const reached = shown ? own.reached + 1 : 0
  const away = !shown && otherShare > share
  const run = away && !own.astray && otherShare >= WRONG_SHARE ? own.wrong + 1 : 0
  const counted = run >= WRONG_FRAMES
  const astray = counted || (own.astray && away && otherShare >= ONSET_SHARE)
  const wrong = counted ? 0 : run
  const wrongTurns = own.wrongTurns + (counted ? 1 : 0)
  const verdict =
    reached >= ANSWER_FRAMES ? 'answered' : wrongTurns >= WRONG_TURNS ? 'wrong-answer' : 'pending'
  return {
    own: { reached, wrong, wrongTurns, astray },
    verdict,
    hint: turnHint(asked, share, other !== undefined && otherShare > Math.max(share, 0.5), verdict),
    progress: verdict === 'answered' ? 1 : clamp(share, 0, 0.95),
    good: shown,
    begun: share >= ONSET_SHARE,
  }
}

const PROMPTS = { left: 'turn-left', right: 'turn-right', up: 'look-up', down: 'look-down' } as const

function turnHint(asked: Direction, share: number, otherWay: boolean, verdict: Verdict): Guidance {
  if (verdict === 'answered') return 'well-done'
  if (otherWay) return 'other-way'
  return share >= ONSET_SHARE && share < 1 ? 'turn-further' : PROMPTS[asked]
}

/** How far the head went each way, in shares of that direction's target. The subject's left is positive yaw. */
function sharesOf({ yawDeg, pitchDeg }: Change, targets: Targets): Record<Direction, number> {
  const [yaw, pitch] = [yawDeg / targets.yawDeg, pitchDeg / targets.pitchDeg]
  return { left: yaw, right: -yaw, up: pitch, down: -pitch }
}

function strongestOther(
  shares: Record<Direction, number>,
  asked: Direction,
): [Direction | undefined, number] {
  let best: [Direction | undefined, number] = [undefined, 0]
  for (const [direction, share] of Object.entries(shares) as [Direction, number][])
    if (direction !== asked && share > best[1]) best = [direction, share]
  return best
}

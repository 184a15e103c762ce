/**
 * distance: come closer. A near face is distorted by perspective as no flat picture is. Off in every shipped policy:
 * docs/decisions/0009-challenges-off-by-default.md.
 */
import type { ChallengeStep } from '@ipse/protocol'
import { type ChallengeKind, clamp } from './kind.ts'

/** How much wider the face has to get: about from 50 to 38 cm. */
const NEARER = 1.3
/** Frames in a row that near: what their shape is read from. */
const FRAMES = 10
/** Share of the way at which an answer has begun. */
const ONSET_SHARE = 0.4

/** Own: frames in a row that were near enough. */
export const distance: ChallengeKind<Extract<ChallengeStep, { kind: 'distance' }>, number> = {
  strict: false,
  draw: ({ stepLimitMs }) => [{ step: { kind: 'distance', nearer: NEARER }, limitMs: stepLimitMs }],
  begin: () => 0,
  lose: () => 0,
  judge({ own, step, neutral }, { face }) {
    const grown = neutral === undefined ? 0 : face.widthShare / neutral.widthShare
    const share = (grown - 1) / (step.nearer - 1)
    const run = share >= 1 ? own + 1 : 0
    const done = run >= FRAMES
    return {
      own: run,
      verdict: done ? 'answered' : 'pending',
      hint: done ? 'well-done' : run > 0 ? 'hold-still' : 'come-closer',
      progress: done ? 1 : clamp(0.5 * share + (0.5 * run) / FRAMES, 0, 0.95),
      good: run > 0,
      begun: share >= ONSET_SHARE,
    }
  },
}

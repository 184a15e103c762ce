/** A capture that somebody recorded earlier: every turn in a fixed order, by a live person. Raw material of replays. */
import { createActor } from '../actor.ts'
import { createActorFeed, createRecording, type Feed, type ScriptedStep } from '../feed.ts'
import type { Subject } from '../subject.ts'

export const RECORDED_FPS = 15
export const RECORDED_MS = 9000

/** Left, right, up, each with a return: the order that a published challenge had that day. */
export const RECORDED_SCRIPT: readonly ScriptedStep[] = [
  { atMs: 0, step: { kind: 'hold' } },
  { atMs: 1500, step: { kind: 'head-pose', direction: 'left', targetDeg: 18 } },
  { atMs: 3000, step: { kind: 'center' } },
  { atMs: 4200, step: { kind: 'head-pose', direction: 'right', targetDeg: 18 } },
  { atMs: 5700, step: { kind: 'center' } },
  { atMs: 6700, step: { kind: 'head-pose', direction: 'up', targetDeg: 12 } },
  { atMs: 8000, step: { kind: 'center' } },
]

export function recordCapture(subject: Subject, seed: number, loop: boolean): Feed {
  const live = createActorFeed({ subject, actor: createActor({ seed }), seed })
  return createRecording(live, { fps: RECORDED_FPS, durationMs: RECORDED_MS, script: RECORDED_SCRIPT, loop })
}

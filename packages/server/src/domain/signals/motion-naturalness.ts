/** motion-naturalness: do the asked turns speed up and slow down as people's do? A small sign, reported. */
import { assessed, type ChallengeStep, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'
import { movementOf, naturalnessOf } from '../challenges/motion.ts'

/** Native: median over the turns; 1 and more is within what people do. */
export function motionNaturalness({ frames, steps }: CaptureRecord): Signal {
  const turns = steps.flatMap(({ step }, index) => {
    const angle = angleOf(step)
    if (angle === undefined) return []
    const movement = movementOf(
      frames.filter((frame) => frame.step === index),
      angle,
    )
    return movement === undefined ? [] : [naturalnessOf(movement)]
  })
  const median = turns.toSorted((a, b) => a - b)[turns.length >> 1]
  return {
    name: 'motion-naturalness',
    measurement: median === undefined ? failed('too-few-frames') : assessed(median, Math.min(1, median)),
    samples: turns.length,
  }
}

function angleOf(step: ChallengeStep): 'yawDeg' | 'pitchDeg' | undefined {
  if (step.kind !== 'head-pose' && step.kind !== 'gaze-hold') return undefined
  return step.direction === 'left' || step.direction === 'right' ? 'yawDeg' : 'pitchDeg'
}

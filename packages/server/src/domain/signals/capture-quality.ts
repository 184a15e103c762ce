/** capture-quality: mean quality of the frames that were merged into the probe, 0 to 100. */
import { assessed, failed, type Quality, type QualityComponent, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

/** Components that bear on comparison; pose and expression are the challenge's business. */
const COMPONENTS = [
  'interEyeDistance',
  'sharpness',
  'luminanceMean',
  'underExposurePrevention',
  'overExposurePrevention',
  'dynamicRange',
] as const satisfies readonly QualityComponent[]

export function captureQuality({ frames, probeFrames }: CaptureRecord): Signal {
  const scores = frames
    .filter(({ frame }) => probeFrames.includes(frame))
    .flatMap(({ face }) => (face?.quality === undefined ? [] : [unifiedScore(face.quality)]))
    .filter((score) => score !== undefined)
  const mean = scores.reduce((total, score) => total + score, 0) / scores.length
  return {
    name: 'capture-quality',
    measurement: scores.length === 0 ? failed('too-few-frames') : assessed(mean, mean / 100),
    samples: scores.length,
  }
}

function unifiedScore(quality: Quality): number | undefined {
  const scores = COMPONENTS.flatMap((name) => {
    const measured = quality[name]
    return measured.status === 'assessed' ? [measured.score] : []
  })
  return scores.length === 0 ? undefined : scores.reduce((total, score) => total + score, 0) / scores.length
}

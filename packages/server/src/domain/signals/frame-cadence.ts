/** frame-cadence: do the capture times that the device states agree with the times at which frames arrived? */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'

/** Shorter captures are all jitter, milliseconds. */
const MIN_SPAN_MS = 1_000

/** Native: 1 − |stated span / arrival span − 1|, not below 0; 0 when stated times do not rise. */
export function frameCadence({ frames }: CaptureRecord): Signal {
  const [first, last] = [frames[0], frames.at(-1)]
  const arrivedMs = (last?.arrivedMs ?? 0) - (first?.arrivedMs ?? 0)
  if (!first || !last || arrivedMs < MIN_SPAN_MS)
    return { name: 'frame-cadence', measurement: failed('too-few-frames'), samples: frames.length }
  const rises = frames.every((frame, i) => i === 0 || frame.capturedUs > (frames[i - 1]?.capturedUs ?? 0))
  const statedMs = (last.capturedUs - first.capturedUs) / 1000
  const agreement = rises ? Math.max(0, 1 - Math.abs(statedMs / arrivedMs - 1)) : 0
  return { name: 'frame-cadence', measurement: assessed(agreement, agreement), samples: frames.length }
}

/** Captures as people make them: again while the service asks for it. A busy machine may be too slow once. */
import { type CaptureOptions, type CaptureResult, runCapture } from '@ipse/lab/capture-client'
import { createDeviceKey } from '@ipse/protocol'

/**
 * @param camera of each attempt, from 0
 * @returns the outcome that is no retry, or the last one that the session allows
 */
export async function captureToTheEnd(
  options: Omit<CaptureOptions, 'camera'>,
  camera: (attempt: number) => CaptureOptions['camera'],
): Promise<CaptureResult> {
  const device = options.device ?? (await createDeviceKey())
  for (let attempt = 0; ; attempt++) {
    const outcome = await runCapture({ ...options, device, camera: camera(attempt) })
    if (outcome.outcome !== 'retry' || outcome.attemptsLeft === 0) return outcome
  }
}

/**
 * What a recording can show. Signals that need a live challenge, the device's own account or times of arrival are not
 * supported, whatever the record holds: a recording never passes for a live person.
 */
import {
  type FailureReason,
  failed,
  type Purpose,
  SIGNAL_NAMES,
  type Signal,
  type SignalName,
} from '@ipse/protocol'
import { type CaptureRecord, signalsOf } from '@ipse/server'

/** Signals that only a live capture has, and what is missing in a recording. */
export const LIVE_ONLY: Readonly<Partial<Record<SignalName, string>>> = {
  'challenge-response': 'nothing was asked',
  'challenge-pace': 'nothing was asked',
  'motion-naturalness': 'nothing was asked',
  'camera-constraint': 'the camera was not asked for another mode',
  'capture-novelty': 'there is no index of earlier captures',
  'colour-light': 'no light was shown',
  'colours-shown': 'no light was shown',
  'colour-relief': 'no light was shown',
  distance: 'nobody was asked to come closer',
  'frame-cadence': 'there are no times of arrival',
  'capture-device': 'the device says nothing about itself',
  attestation: 'there is no transcript that a device could have signed',
}

const REASON: FailureReason = 'not-supported'

/** Signals that a recording can carry; a comparison needs a reference and says nothing about liveness. */
export const RECORDED_SIGNALS: readonly SignalName[] = SIGNAL_NAMES.filter(
  (name) => !Object.hasOwn(LIVE_ONLY, name) && name !== 'match',
)

export function recordedSignals(record: CaptureRecord, purpose: Purpose): Signal[] {
  return signalsOf(record, purpose).map((signal) =>
    Object.hasOwn(LIVE_ONLY, signal.name)
      ? { name: signal.name, measurement: failed(REASON), samples: 0 }
      : signal,
  )
}

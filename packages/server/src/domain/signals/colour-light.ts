/**
 * colours-shown, colour-light, colour-relief: light from the screen on the face. A recording does not take on the colours
 * of this capture; software that relights a whole picture answers everywhere alike. What relights a face well passes:
 * docs/decisions/0009-challenges-off-by-default.md.
 */
import { assessed, failed, type Signal } from '@ipse/protocol'
import type { CaptureRecord } from '../capture-record.ts'
import { LEAST_SNR } from '../challenges/colour-light.ts'
import type { LightResponse } from '../challenges/light-response.ts'

/** Native: 1 when the colours were shown, 0 when the person declined; not assessed when nothing was asked. */
export function coloursShown({ steps, facts }: CaptureRecord): Signal {
  const shown = steps.filter(({ step }) => step.kind === 'colour-light').length
  const measurement =
    shown > 0
      ? assessed(1, 1)
      : facts?.colours === 'declined'
        ? assessed(0, 0)
        : failed(facts?.colours === 'agreed' ? 'not-answered' : 'not-supported')
  return { name: 'colours-shown', measurement, samples: shown }
}

/** Native: correlation of the answers with the colours, over the step that agrees least. */
export function colourLight(record: CaptureRecord): Signal {
  return signalOf(record, 'colour-light', ({ agreement }) => agreement)
}

/**
 * Native: 1 − the answer of the surround or of the cheekbones, whichever is less, as a share of the face's: 0 is a picture
 * that answers as a whole. One of the two is enough, since dark surrounds cannot be read.
 */
export function colourRelief(record: CaptureRecord): Signal {
  return signalOf(record, 'colour-relief', ({ surroundShare, shape }) => {
    const shares = [surroundShare, shape === undefined ? undefined : Math.exp(-shape)]
    const read = shares.filter((share) => share !== undefined)
    return read.length === 0 ? undefined : 1 - Math.min(...read)
  })
}

function signalOf(
  { steps }: CaptureRecord,
  name: 'colour-light' | 'colour-relief',
  read: (response: LightResponse) => number | undefined,
): Signal {
  const asked = steps.filter(({ step }) => step.kind === 'colour-light')
  const responses = asked.flatMap(({ measures }) => measures?.light ?? [])
  const strong = responses.filter(({ snr }) => snr >= LEAST_SNR)
  const values = strong.flatMap((response) => read(response) ?? [])
  const least = Math.min(...values)
  const reason =
    asked.length === 0
      ? 'not-supported'
      : responses.length < asked.length
        ? 'too-few-frames'
        : strong.length < asked.length
          ? 'light-too-weak'
          : 'too-few-points'
  return {
    name,
    measurement: values.length < Math.max(1, asked.length) ? failed(reason) : assessed(least, clamp(least)),
    samples: values.length,
  }
}

function clamp(value: number): number {
  return Math.max(0, Math.min(1, value))
}

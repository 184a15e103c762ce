/** Which number of a recording is judged: a signal, or one PAD network of the texture signal. All rise with bona fide. */
import type { Engine } from '@ipse/engine'
import { assessed, failed, IpseError, type Measurement, type SignalName } from '@ipse/protocol'
import type { CaptureRecord } from '@ipse/server'
import { RECORDED_SIGNALS, recordedSignals } from '../assess/recorded-signals.ts'

export interface ScoreSource {
  /** As in `--score`: the name of a signal, or the id of a PAD network. */
  readonly name: string
  readonly signal: SignalName
  /** The PAD networks whose mean it is; none for other signals. */
  readonly networks: readonly string[]
  measure(record: CaptureRecord): Measurement
}

/**
 * @param name `texture` is the mean of the operator's PAD networks, or of the shipped ones where there is no other
 * @param own ids of the operator's PAD networks
 * @throws IpseError `invalid_request` listing the names that there are
 */
export function scoreSource(
  name: string,
  { models }: Pick<Engine, 'models'>,
  own: readonly string[],
): ScoreSource {
  const pads = models.filter(({ role }) => role === 'pad').map(({ id }) => id)
  const networks = name === 'texture' ? (own.length > 0 ? own : pads) : pads.filter((id) => id === name)
  if (networks.length > 0)
    return { name, signal: 'texture', networks, measure: (record) => meanTexture(record, networks) }
  const signal = RECORDED_SIGNALS.find((candidate) => candidate === name)
  if (signal === undefined || signal === 'texture')
    throw new IpseError(
      'invalid_request',
      `--score ${name}: a recording has the scores ${[...RECORDED_SIGNALS, ...pads].join(', ')}`,
    )
  return {
    name,
    signal,
    networks: [],
    measure: (record) =>
      recordedSignals(record, 'liveness').find((found) => found.name === signal)?.measurement ??
      failed('not-supported'),
  }
}

/** Mean over the frames that the networks saw; a network that saw none leaves the whole without a response. */
function meanTexture({ frames }: CaptureRecord, networks: readonly string[]): Measurement {
  const means: number[] = []
  for (const id of networks) {
    const measured = frames.flatMap(({ texture }) => texture?.[id] ?? [])
    const scores = measured.flatMap((one) => (one.status === 'assessed' ? [one.score] : []))
    if (scores.length === 0) {
      const [reason] = measured.flatMap((one) => (one.status === 'assessed' ? [] : [one.reason]))
      return failed(reason ?? 'no-face')
    }
    means.push(mean(scores))
  }
  return assessed(mean(means), mean(means))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

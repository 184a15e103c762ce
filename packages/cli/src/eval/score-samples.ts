/** Measures every presentation of a list once. What gives no score is a non-response, with its reason, and counted. */
import { availableParallelism } from 'node:os'
import type { Engine } from '@ipse/engine'
import { type FailureReason, IpseError } from '@ipse/protocol'
import type { CaptureRecord } from '@ipse/server'
import { readFrames } from '../assess/clip-frames.ts'
import { recordOf } from '../assess/record.ts'
import type { ScoredSample } from './pad-report.ts'
import type { ScoreSource } from './pad-scores.ts'
import type { Sample } from './samples.ts'

export interface Scored extends ScoredSample {
  readonly sample: Sample
  /** Why there is no score. */
  readonly reason?: FailureReason | 'image_unreadable'
}

/**
 * @param onDone is told how many presentations are done
 * @throws IpseError naming list and line for files that are not there: a wrong list is not a bad presentation
 */
export async function scoreSamples(
  engine: Engine,
  list: string,
  samples: readonly Sample[],
  source: ScoreSource,
  onDone: (done: number) => void,
): Promise<Scored[]> {
  const scored: Scored[] = new Array(samples.length)
  let next = 0
  let done = 0
  async function worker(): Promise<void> {
    for (let i = next++; i < samples.length; i = next++) {
      const sample = samples[i]!
      scored[i] = await scoreOf(engine, sample, source).catch((cause: unknown) => {
        next = samples.length
        if (!(cause instanceof IpseError)) throw cause
        throw new IpseError(cause.code, `${list}: line ${sample.line}: ${cause.message}`, { cause })
      })
      onDone(++done)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return scored
}

async function scoreOf(engine: Engine, sample: Sample, source: ScoreSource): Promise<Scored> {
  const kind = sample.species === undefined ? {} : { species: sample.species }
  try {
    const { record } = await recordOf(engine, await readFrames(sample.path))
    const measured = source.measure(record)
    return measured.status === 'assessed'
      ? { sample, ...kind, score: measured.native }
      : { sample, ...kind, reason: facesMissing(record) ?? measured.reason }
  } catch (error) {
    if (error instanceof IpseError && error.code === 'image_unreadable')
      return { sample, ...kind, reason: error.code }
    throw error
  }
}

/** Where no picture shows one face alone, that is the reason. */
function facesMissing({ frames }: CaptureRecord): FailureReason | undefined {
  if (frames.some(({ faces }) => faces === 1)) return undefined
  return frames.some(({ face }) => face !== undefined) ? 'several-faces' : 'no-face'
}

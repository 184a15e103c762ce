/** What travels between the engine and its workers. */
import type { ErrorCode } from '@ipse/protocol'
import type { Plan } from '../models/plan.ts'
import type { RawFrame, RawMeasurement } from '../pipeline.ts'
import type { ClipOptions, Costs, MeasureOptions, TrackEvidence } from '../types.ts'

/** What a worker is started with. */
export interface WorkerData {
  /** Say what the work costs. */
  readonly metered: boolean
}

export type Request =
  | { readonly kind: 'load'; readonly plan: Plan }
  | {
      readonly kind: 'measure'
      readonly encoded: Uint8Array
      readonly options: MeasureOptions
    }
  | {
      readonly kind: 'measure-next'
      readonly clip: number
      readonly encoded: Uint8Array
      readonly options: ClipOptions
    }
  | { readonly kind: 'begin-track' | 'end-track' | 'forget'; readonly clip: number }
  | { readonly kind: 'close' }

/** What the work has cost since the reply before comes along, where that is asked for. */
export type Reply = Answer & { readonly costs?: Costs }

type Answer =
  | { readonly kind: 'ready'; readonly vectorLengths: readonly number[] }
  | { readonly kind: 'measured'; readonly measurement: RawMeasurement }
  | { readonly kind: 'measured-next'; readonly frame: RawFrame }
  | { readonly kind: 'tracked'; readonly evidence: TrackEvidence }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }

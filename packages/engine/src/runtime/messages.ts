/** What travels between the engine and its workers. */
import type { ErrorCode } from '@ipse/protocol'
import type { Plan } from '../models/plan.ts'
import type { RawMeasurement } from '../pipeline.ts'
import type { MeasureOptions, TrackEvidence } from '../types.ts'

export type Request =
  | { readonly kind: 'load'; readonly plan: Plan }
  | {
      readonly kind: 'measure'
      readonly encoded: Uint8Array
      readonly options: MeasureOptions
      /** The clip that the frame belongs to. */
      readonly clip?: number
    }
  | { readonly kind: 'begin-track' | 'end-track' | 'forget'; readonly clip: number }
  | { readonly kind: 'close' }

export type Reply =
  | { readonly kind: 'ready'; readonly vectorLengths: readonly number[] }
  | { readonly kind: 'measured'; readonly measurement: RawMeasurement }
  | { readonly kind: 'tracked'; readonly evidence: TrackEvidence }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }

/** What a worker needs to measure: the networks as ONNX bytes in shared memory, and what each of them expects. */
import type { ModelOutput } from '../manifest.ts'

/** How the face is put before a network. */
export type Alignment =
  | { readonly kind: 'dlib' }
  | { readonly kind: 'faceres' }
  | { readonly kind: 'arcface112' }
  | { readonly kind: 'crop'; readonly scale: number }

export interface FaceNetworkPlan {
  readonly id: string
  /** Distance of unit vectors up to which this network alone tells, within one capture, that it is the same person. */
  readonly sameWithin?: number
  readonly model: Uint8Array
  /** Square input, pixels a side. */
  readonly side: number
  readonly layout: 'NCHW' | 'NHWC'
  readonly channels: 'RGB' | 'BGR'
  /** Tensor value = (byte − mean) · factor, per channel in the order of `channels`. */
  readonly mean: readonly [number, number, number]
  readonly factor: readonly [number, number, number]
  readonly alignment: Alignment
  readonly inputName?: string
  readonly output: ModelOutput
}

export interface Plan {
  readonly detector: Uint8Array
  readonly landmarks: Uint8Array
  readonly embedders: readonly FaceNetworkPlan[]
  readonly pads: readonly FaceNetworkPlan[]
}

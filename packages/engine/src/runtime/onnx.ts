/** The one door to ONNX Runtime. */
import './telemetry.ts'

export const { InferenceSession, Tensor } = await import('onnxruntime-node')

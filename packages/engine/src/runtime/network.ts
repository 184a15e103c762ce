/** One loaded network. Runs take the calling thread: frames in flight are spread over workers, see `pool.ts`. */
import type { InferenceSession as Session } from 'onnxruntime-node'
import { InferenceSession, Tensor } from './onnx.ts'

export class Network {
  private readonly session: Session
  /** Shape of the input, batch first. */
  readonly inputDims: readonly number[]
  /** Reused for every run: the caller fills it. */
  readonly input: Float32Array
  private readonly feeds: Record<string, InstanceType<typeof Tensor>>

  private constructor(session: Session, inputName: string, dims: readonly number[]) {
    this.session = session
    this.inputDims = dims
    this.input = new Float32Array(dims.reduce((product, size) => product * size, 1))
    this.feeds = { [inputName]: new Tensor('float32', this.input, dims) }
  }

  /**
   * @param model ONNX bytes with one FLOAT input
   * @param dims shape of the input when the model leaves it open
   * @throws Error when the runtime refuses the model
   */
  static async load(model: Uint8Array, dims?: readonly number[], inputName?: string): Promise<Network> {
    /** The binding does not take shared memory: a copy that lives until the session is built. */
    const bytes = model.buffer instanceof SharedArrayBuffer ? new Uint8Array(model) : model
    const session = await InferenceSession.create(bytes, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
    })
    const [input, ...others] = session.inputMetadata
    if (!input?.isTensor || input.type !== 'float32' || others.length > 0)
      throw new Error('the model does not have exactly one float input')
    if (inputName !== undefined && input.name !== inputName) throw new Error(`there is no input ${inputName}`)
    const declared = input.shape.map((size) => (typeof size === 'number' ? size : undefined))
    if (
      dims &&
      (declared.length !== dims.length || declared.some((size, i) => size && size > 0 && size !== dims[i]))
    )
      throw new Error(`the model takes [${input.shape.join()}], not [${dims.join()}]`)
    const fixed = dims ?? declared.map((size) => size ?? 1)
    return new Network(session, input.name, fixed)
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames
  }

  /** Runs on what `input` holds now; the arrays belong to the caller. */
  async run(): Promise<Readonly<Record<string, Float32Array>>> {
    const results = await this.session.run(this.feeds)
    const out: Record<string, Float32Array> = {}
    for (const name of this.session.outputNames) out[name] = results[name]!.data as Float32Array
    return out
  }

  async release(): Promise<void> {
    await this.session.release()
  }
}

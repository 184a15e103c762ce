/** Workers and the queue before them. The queue is bounded in images and in bytes, so that memory is. */
import { SHARE_ENV, Worker } from 'node:worker_threads'
import { IpseError } from '@ipse/protocol'
import type { Plan } from '../models/plan.ts'
import type { RawFrame, RawMeasurement } from '../pipeline.ts'
import type { ClipOptions, Costs, MeasureOptions, TrackEvidence } from '../types.ts'
import type { Reply, Request, WorkerData } from './messages.ts'

/** Images that may wait, and their bytes together. */
const MAX_WAITING = 512
const MAX_WAITING_BYTES = 256 * 1024 * 1024
/** When a caller who was turned away should come again, milliseconds: about forty frames of one worker. */
const RETRY_AFTER_MS = 1000

type Work = Exclude<Request, { kind: 'load' | 'close' }>

interface Job {
  readonly request: Work
  /** The only thread that may do it; any, when absent. */
  readonly member: Member | undefined
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: IpseError) => void
}

interface Member {
  readonly worker: Worker
  /** Clips whose frames go to this thread. */
  readonly clips: Set<number>
  job: Job | undefined
  loading: { readonly resolve: () => void; readonly reject: (error: IpseError) => void } | undefined
}

const bytesOf = (request: Work): number => ('encoded' in request ? request.encoded.length : 0)

const unavailable = (detail: string, cause?: unknown): IpseError =>
  new IpseError('engine_unavailable', detail, cause === undefined ? {} : { cause })

export class Pool {
  private readonly members: Member[] = []
  private readonly waiting: Job[] = []
  private waitingBytes = 0
  private closed = false
  private lastClip = 0
  private readonly onCosts: ((costs: Costs) => void) | undefined
  /** Lengths of the vectors of the comparison networks. */
  vectorLengths: readonly number[] = []

  /**
   * Starts the threads; they load their libraries while the caller reads the models.
   * @param onCosts hears what the work of the threads costs
   */
  constructor(threads: number, onCosts?: (costs: Costs) => void) {
    this.onCosts = onCosts
    const workerData: WorkerData = { metered: onCosts !== undefined }
    for (let i = 0; i < threads; i++) {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { env: SHARE_ENV, workerData })
      const member: Member = { worker, clips: new Set(), job: undefined, loading: undefined }
      this.members.push(member)
      worker.on('message', (reply: Reply) => this.receive(member, reply))
      worker.on('error', (cause) => this.lose(member, cause))
      worker.on('exit', () => this.lose(member))
    }
  }

  /** @throws IpseError `model_invalid` when a network does not load, `engine_unavailable` when a thread is gone */
  async load(plan: Plan): Promise<void> {
    if (this.members.length === 0) throw unavailable('No worker of the engine could be started')
    const request: Request = { kind: 'load', plan }
    await Promise.all(
      this.members.map(
        (member) =>
          new Promise<void>((resolve, reject) => {
            member.loading = { resolve, reject }
            member.worker.postMessage(request)
          }),
      ),
    )
  }

  private receive(member: Member, reply: Reply): void {
    if (reply.costs) this.onCosts?.(reply.costs)
    const { job, loading } = member
    member.job = undefined
    member.loading = undefined
    if (reply.kind === 'failed') (job ?? loading)?.reject(new IpseError(reply.code, reply.message))
    else if (reply.kind === 'ready') {
      this.vectorLengths = reply.vectorLengths
      loading?.resolve()
    } else job?.resolve(reply)
    this.next()
  }

  /** A worker that is gone takes its frame with it; when the last one goes, so does everything that waits. */
  private lose(member: Member, cause?: unknown): void {
    const index = this.members.indexOf(member)
    if (index >= 0) this.members.splice(index, 1)
    const error = unavailable('A worker of the engine ended', cause)
    member.job?.reject(error)
    member.loading?.reject(error)
    member.job = undefined
    member.loading = undefined
    this.dismiss('The thread of the clip ended', (job) => job.member === member)
    if (this.members.length === 0) this.dismiss('The engine has no worker left')
  }

  private dismiss(detail: string, which: (job: Job) => boolean = () => true): void {
    for (const job of this.waiting.splice(0)) {
      if (which(job)) {
        this.waitingBytes -= bytesOf(job.request)
        job.reject(unavailable(detail))
      } else this.waiting.push(job)
    }
  }

  private next(): void {
    for (const member of this.members) {
      if (member.job) continue
      const at = this.waiting.findIndex((job) => job.member === undefined || job.member === member)
      const [job] = at < 0 ? [] : this.waiting.splice(at, 1)
      if (!job) continue
      this.waitingBytes -= bytesOf(job.request)
      member.job = job
      member.worker.postMessage(job.request)
    }
  }

  /** @throws IpseError what the pipeline throws; `engine_unavailable` after `close()` or when too much is waiting */
  async measure(encoded: Uint8Array, options: MeasureOptions): Promise<RawMeasurement> {
    const reply = await this.ask({ kind: 'measure', encoded, options })
    if (reply.kind !== 'measured') throw unavailable('The answer of a worker does not fit')
    return reply.measurement
  }

  /** The next frame of a clip. @throws IpseError like `measure` */
  async measureNext(clip: number, encoded: Uint8Array, options: ClipOptions): Promise<RawFrame> {
    const reply = await this.ask({ kind: 'measure-next', clip, encoded, options })
    if (reply.kind !== 'measured-next') throw unavailable('The answer of a worker does not fit')
    return reply.frame
  }

  /** A new clip on the thread that has the fewest; its number. */
  openClip(): number {
    const clip = ++this.lastClip
    const fewest = this.members.toSorted((a, b) => a.clips.size - b.clips.size)[0]
    fewest?.clips.add(clip)
    return clip
  }

  async beginTrack(clip: number): Promise<void> {
    await this.ask({ kind: 'begin-track', clip })
  }

  async endTrack(clip: number): Promise<TrackEvidence> {
    const reply = await this.ask({ kind: 'end-track', clip })
    if (reply.kind !== 'tracked') throw unavailable('The answer of a worker does not fit')
    return reply.evidence
  }

  /** Frames that are under way are still measured. Nothing happens for a clip that is closed already. */
  closeClip(clip: number): void {
    const member = this.memberOf(clip)
    if (!member) return
    this.ask({ kind: 'forget', clip }).catch(() => {})
    member.clips.delete(clip)
  }

  private memberOf(clip: number): Member | undefined {
    return this.members.find(({ clips }) => clips.has(clip))
  }

  private ask(request: Work): Promise<Reply> {
    if (this.closed) return Promise.reject(unavailable('The engine is closed'))
    if (this.members.length === 0) return Promise.reject(unavailable('The engine has no worker left'))
    const member = 'clip' in request ? this.memberOf(request.clip) : undefined
    if ('clip' in request && !member) return Promise.reject(unavailable('The clip is closed'))
    const bytes = this.waitingBytes + bytesOf(request)
    if (this.waiting.length >= MAX_WAITING || (this.waiting.length > 0 && bytes > MAX_WAITING_BYTES)) {
      const detail = 'Too many images are waiting to be measured'
      return Promise.reject(new IpseError('engine_unavailable', detail, { retryAfterMs: RETRY_AFTER_MS }))
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, member, resolve, reject })
      this.waitingBytes = bytes
      this.next()
    })
  }

  /** Frames in work are finished, those that wait are turned away, the networks are released. */
  async close(): Promise<void> {
    this.closed = true
    this.dismiss('The engine is closed')
    const request: Request = { kind: 'close' }
    const ended = this.members.map(
      ({ worker }) => new Promise<void>((resolve) => worker.once('exit', () => resolve())),
    )
    for (const { worker } of this.members) worker.postMessage(request)
    await Promise.all(ended)
  }
}

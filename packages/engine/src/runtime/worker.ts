/**
 * One thread with its own networks. ONNX Runtime's Node binding runs on the calling thread, so several frames in
 * flight need several of these. One request at a time.
 */
import './telemetry.ts'
import { parentPort, workerData } from 'node:worker_threads'
import { IpseError } from '@ipse/protocol'
import { ClipShelf } from '../clip-shelf.ts'
import { Pipeline } from '../pipeline.ts'
import type { Reply, Request, WorkerData } from './messages.ts'
import { Meter } from './meter.ts'

if (!parentPort) throw new Error('worker.ts is started as a worker thread')
const port = parentPort
const meter = new Meter((workerData as WorkerData).metered)

function reply(message: Reply): void {
  const costs = meter.take()
  port.postMessage(costs ? { ...message, costs } : message)
}

function failure(error: unknown): Reply {
  if (error instanceof IpseError) return { kind: 'failed', code: error.code, message: error.message }
  return { kind: 'failed', code: 'internal', message: error instanceof Error ? error.message : String(error) }
}

let pipeline: Pipeline | undefined
const clips = new ClipShelf(meter)

async function serve(request: Request): Promise<void> {
  if (request.kind === 'close') {
    await pipeline?.release()
    port.close()
    return
  }
  try {
    if (request.kind === 'load') {
      pipeline = await Pipeline.load(request.plan, meter)
      reply({ kind: 'ready', vectorLengths: await pipeline.vectorLengths() })
    } else if (request.kind === 'measure') {
      if (!pipeline) throw new IpseError('engine_unavailable')
      reply({ kind: 'measured', measurement: await pipeline.measure(request.encoded, request.options) })
    } else if (request.kind === 'measure-next') {
      if (!pipeline) throw new IpseError('engine_unavailable')
      const { clip, encoded, options } = request
      reply({ kind: 'measured-next', frame: await clips.measure(clip, pipeline, encoded, options) })
    } else if (request.kind === 'end-track')
      reply({ kind: 'tracked', evidence: clips.endTrack(request.clip) })
    else {
      if (request.kind === 'begin-track') clips.beginTrack(request.clip)
      else clips.forget(request.clip)
      reply({ kind: 'done' })
    }
  } catch (error) {
    reply(failure(error))
  }
}

let last: Promise<void> = Promise.resolve()
port.on('message', (request: Request) => {
  last = last.then(() => serve(request))
})

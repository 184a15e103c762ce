/**
 * One thread with its own networks. ONNX Runtime's Node binding runs on the calling thread, so several frames in
 * flight need several of these. One request at a time.
 */
import './telemetry.ts'
import { parentPort, workerData } from 'node:worker_threads'
import { IpseError } from '@ipse/protocol'
import type { Plan } from '../models/plan.ts'
import { Pipeline } from '../pipeline.ts'
import type { Reply, Request } from './messages.ts'

if (!parentPort) throw new Error('worker.ts is started as a worker thread')
const port = parentPort

function reply(message: Reply): void {
  port.postMessage(message)
}

function failure(error: unknown): Reply {
  if (error instanceof IpseError) return { kind: 'failed', code: error.code, message: error.message }
  return { kind: 'failed', code: 'internal', message: error instanceof Error ? error.message : String(error) }
}

async function serve(pipeline: Pipeline, request: Request): Promise<void> {
  if (request.kind === 'close') {
    await pipeline.release()
    port.close()
    return
  }
  try {
    reply({ kind: 'measured', measurement: await pipeline.measure(request.encoded, request.options) })
  } catch (error) {
    reply(failure(error))
  }
}

try {
  const pipeline = await Pipeline.load(workerData as Plan)
  const vectorLengths = await pipeline.vectorLengths()
  let last: Promise<void> = Promise.resolve()
  port.on('message', (request: Request) => {
    last = last.then(() => serve(pipeline, request))
  })
  reply({ kind: 'ready', vectorLengths })
} catch (error) {
  reply(failure(error))
  port.close()
}

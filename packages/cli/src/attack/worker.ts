/** A thread that renders and films: gets jobs, answers with presentations. */
import { parentPort, workerData } from 'node:worker_threads'
import { createPerformer, type PerformerOptions } from './performer.ts'
import type { Job } from './presentation.ts'

const perform = createPerformer(workerData as PerformerOptions)

parentPort?.on('message', ({ id, job }: { id: number; job: Job }) => {
  perform(job).then(
    (presentation) => parentPort?.postMessage({ id, presentation }),
    (error: unknown) => {
      const { code, message } = error as { code?: string; message: string }
      parentPort?.postMessage({ id, error: { code, message } })
    },
  )
})

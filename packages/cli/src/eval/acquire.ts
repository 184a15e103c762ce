/** Measures every image of a list once. What gives no template is a failure to acquire (ISO/IEC 19795-1), and counted. */
import { availableParallelism } from 'node:os'
import type { Engine, Template } from '@ipse/engine'
import { IpseError } from '@ipse/protocol'
import { measureFile } from '../engine.ts'
import { netpbmToPng } from './netpbm.ts'

export interface Failure {
  readonly image: string
  readonly reason: 'no-face' | 'no-template' | 'image_unreadable'
}

export interface Acquired {
  /** In the order of the images; undefined where none could be made. */
  readonly templates: readonly (Template | undefined)[]
  readonly failures: readonly Failure[]
}

/**
 * @param onDone is told how many images are done
 * @throws IpseError `invalid_request` for files that are not there: a wrong list is not a bad image
 */
export async function acquire(
  engine: Engine,
  images: readonly string[],
  onDone: (done: number) => void,
): Promise<Acquired> {
  const templates: (Template | undefined)[] = new Array(images.length)
  const failures: (Failure | undefined)[] = new Array(images.length)
  let next = 0
  let done = 0
  async function worker(): Promise<void> {
    for (let i = next++; i < images.length; i = next++) {
      const image = images[i]!
      const result = await templateOf(engine, image)
      if (typeof result === 'string') failures[i] = { image, reason: result }
      else templates[i] = result
      onDone(++done)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return { templates, failures: failures.filter((failure) => failure !== undefined) }
}

async function templateOf(engine: Engine, image: string): Promise<Template | Failure['reason']> {
  try {
    const unpack = (bytes: Buffer) => netpbmToPng(bytes) ?? bytes
    const { template, faces } = await measureFile(engine, image, { template: true }, unpack)
    return template ?? (faces.length === 0 ? 'no-face' : 'no-template')
  } catch (error) {
    if (error instanceof IpseError && error.code === 'image_unreadable') return error.code
    throw error
  }
}

/** The engine as commands use it: with the operator's networks where a manifest names them, closed at the end. */
import { dirname } from 'node:path'
import {
  createEngine,
  type Engine,
  type FrameMeasurement,
  type MeasureOptions,
  parseManifest,
} from '@ipse/engine'
import { IpseError } from '@ipse/protocol'
import type { Command } from 'commander'
import { readNamedFile } from './files.ts'

export interface EngineFlags {
  /** Path of the operator's model manifest; model files are looked for beside it. */
  readonly manifest?: string
}

export function engineFlags(command: Command): Command {
  return command.option('--manifest <file>', "manifest of the operator's own networks (JSON)")
}

/** @throws IpseError `model_invalid` for a manifest or a model that is not what it says */
export async function startEngine(flags: EngineFlags, threads?: number): Promise<Engine> {
  const more = threads === undefined ? {} : { threads }
  if (flags.manifest === undefined) return createEngine(more)
  const manifest = parseManifest(parseJson(flags.manifest, await readNamedFile(flags.manifest)))
  return createEngine({ ...more, manifest, modelsDir: dirname(flags.manifest) })
}

function parseJson(path: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new IpseError('model_invalid', `${path}: ${(cause as Error).message}`, { cause })
  }
}

/** Runs the work with an engine and closes it however the work ends. */
export async function withEngine<T>(flags: EngineFlags, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await startEngine(flags)
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

/**
 * Reads and measures a photograph.
 * @param unpack may turn a format that the engine does not take into one that it does
 * @throws IpseError naming the file
 */
export async function measureFile(
  engine: Engine,
  path: string,
  options: MeasureOptions = {},
  unpack: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Promise<FrameMeasurement> {
  const bytes = unpack(await readNamedFile(path))
  return engine.measure(bytes, options).catch((cause: unknown) => {
    if (cause instanceof IpseError && cause.code === 'image_unreadable')
      throw new IpseError('image_unreadable', `${path}: ${cause.message}`, { cause })
    throw cause
  })
}

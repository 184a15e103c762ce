/** The engine: models from disk, threads that measure, pure comparison. No HTTP, no store, no clock. */
import './runtime/telemetry.ts'
import { availableParallelism } from 'node:os'
import { compare, likeness, merge, type Space } from './compare.ts'
import { inspect } from './image/inspect.ts'
import { redraw } from './image/redraw.ts'
import type { Manifest } from './manifest.ts'
import {
  DEFAULT_FMR,
  DEFAULT_FUSION,
  DEFAULT_OPERATING_POINTS,
  DEFAULT_SAME_WITHIN,
  DEFAULT_SPACE_ID,
} from './models/default-space.ts'
import { loadModels } from './models/load.ts'
import type { Raw } from './pipeline.ts'
import { Pool } from './runtime/pool.ts'
import type { Clip, Costs, Engine, ModelInfo } from './types.ts'

/** More threads than this are worth asking for by name: each takes about 190 MB with its networks. */
const MAX_DEFAULT_THREADS = 4

export interface EngineOptions {
  /** Frames that are measured at a time. Default: one per core, at most 4. */
  readonly threads?: number
  /** Folder of the operator's model files; searched before the packages for the shipped ones, too. */
  readonly modelsDir?: string
  /** The operator's networks, from `parseManifest`. */
  readonly manifest?: Manifest
  /** Hears what the work of the threads costs, reply by reply; for benches. */
  readonly onCosts?: (costs: Costs) => void
}

function spaceOf(manifest: Manifest, vectorLengths: readonly number[]): Space {
  const own = manifest.models.find((model) => model.role === 'embedding')
  const fusion = own ? [{ cosineWeight: 1, distanceWeight: 0 }] : DEFAULT_FUSION
  const operatingPoints = own ? own.operatingPoints : DEFAULT_OPERATING_POINTS
  return {
    modelId: own ? `${own.id}/${own.sha256.slice(0, 12)}` : DEFAULT_SPACE_ID,
    parts: fusion.map((weights, index) => ({ ...weights, length: vectorLengths[index]! })),
    ...(own ? {} : { sameWithin: DEFAULT_SAME_WITHIN }),
    operatingPoints,
    defaultOperatingPoint:
      (own ? undefined : operatingPoints.find((point) => point.fmr === DEFAULT_FMR)) ??
      operatingPoints.at(-1)!,
  }
}

/** Models into the pool; on failure nothing stays behind. */
async function prepare(
  pool: Pool,
  manifest: Manifest,
  modelsDir: string | undefined,
): Promise<readonly ModelInfo[]> {
  try {
    const { plan, infos } = await loadModels(manifest, modelsDir)
    await pool.load(plan)
    return infos
  } catch (error) {
    await pool.close()
    throw error
  }
}

/**
 * Starts an engine. Takes a few tenths of a second; `close()` releases it.
 * @throws IpseError `model_invalid` when a model is missing, altered or not what its manifest says
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const manifest = options.manifest ?? { models: [] }
  const threads = options.threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism())
  if (!Number.isInteger(threads) || threads < 1)
    throw new TypeError('threads must be a whole number of at least 1')
  const pool = new Pool(threads, options.onCosts)
  const infos = await prepare(pool, manifest, options.modelsDir)
  const space = spaceOf(manifest, pool.vectorLengths)

  const abandoned = new FinalizationRegistry((clip: number) => pool.closeClip(clip))

  function named<Seen extends Raw>({ vector, ...seen }: Seen) {
    return vector ? { ...seen, template: { modelId: space.modelId, vector } } : seen
  }

  function openClip(): Clip {
    const id = pool.openClip()
    const clip: Clip = {
      async measure(encoded, wanted = {}) {
        const raw = await pool.measureNext(id, encoded, wanted)
        if (!wanted.compareWith) return named(raw)
        const { vector, ...seen } = raw
        return vector ? { ...seen, likeness: likeness(space, vector, wanted.compareWith) } : seen
      },
      beginTrack: () => pool.beginTrack(id),
      endTrack: () => pool.endTrack(id),
      close: () => pool.closeClip(id),
    }
    abandoned.register(clip, id)
    return clip
  }

  return {
    models: infos,
    operatingPoints: space.operatingPoints,
    defaultOperatingPoint: space.defaultOperatingPoint,
    pads: manifest.models
      .filter((model) => model.role === 'pad')
      .map(({ id, padPoints }) => ({ id, operatingPoints: padPoints })),
    templateModelId: space.modelId,
    templateParts: space.parts.map(({ length }) => length),
    async measure(encoded, wanted = {}) {
      // Here already: for a thread 10 MB are copied.
      inspect(encoded)
      return named(await pool.measure(encoded, wanted))
    },
    openClip,
    compare: (a, b) => compare(space, a, b),
    merge: (templates) => merge(space, templates),
    redraw,
    close: () => pool.close(),
  }
}

/** Checks of the engine: its models by hash, and a measurement of a real photograph that must come out right. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Engine } from '@ipse/engine'
import { IpseError } from '@ipse/protocol'
import { type EngineFlags, measureFile, withEngine } from '../engine.ts'
import { type Finding, failure, found } from './finding.ts'

/** A photograph with one near-frontal face that a package of the engine brings along. */
const PHOTOGRAPH = ['@vladmandic/face-api', 'demo', 'sample1.jpg'] as const
/** More than this for one photograph on one core means that something is wrong; measured: see docs/evaluation.md. */
const SLOW_MS = 1_000

export async function checkEngine(flags: EngineFlags): Promise<Finding[]> {
  const started = performance.now()
  try {
    return await withEngine(flags, async (engine) => {
      const startMs = Math.round(performance.now() - started)
      return [models(engine, startMs), await selfTest(engine)]
    })
  } catch (error) {
    return [failure('models', error)]
  }
}

function models(engine: Engine, startMs: number): Finding {
  const { models: list, defaultOperatingPoint: point, templateModelId } = engine
  const names = list.map(({ id, role, sha256 }) => `${id} (${role}, ${sha256.slice(0, 12)}…)`)
  return found('ok', 'models', `${list.length} loaded and verified in ${startMs} ms: ${names.join(', ')}`, {
    data: { startMs, models: list, templateModelId, defaultOperatingPoint: point },
  })
}

/** The face must be found, match itself, and not take forever. */
async function selfTest(engine: Engine): Promise<Finding> {
  const name = 'measurement'
  const [path, photograph] = photographPath()
  if (path === undefined)
    return found('warn', name, `${photograph} is not installed: nothing was measured`, {
      advice: 'Run npm install again.',
    })
  try {
    await measureFile(engine, path, { template: true })
    const started = performance.now()
    const { template, faces } = await measureFile(engine, path, { template: true, texture: true })
    const ms = Math.round(performance.now() - started)
    if (template === undefined) throw new IpseError('model_invalid', `no face was found in ${photograph}`)
    const { similarity } = engine.compare(template, template)
    if (!(similarity > 0.9))
      throw new IpseError('model_invalid', `a face does not match itself: similarity ${similarity}`)
    const detail = `${photograph}: ${faces.length} faces, matches itself (${similarity.toFixed(3)}), ${ms} ms`
    const data = { ms, faces: faces.length, similarity }
    return ms <= SLOW_MS
      ? found('ok', name, detail, { data })
      : found('warn', name, detail, {
          data,
          advice: 'This machine is slow or busy: captures need about eight frames a second.',
        })
  } catch (error) {
    return failure(name, error)
  }
}

function photographPath(): [string | undefined, string] {
  const [packageName, ...parts] = PHOTOGRAPH
  const label = PHOTOGRAPH.join('/')
  try {
    const engine = createRequire(import.meta.resolve('@ipse/engine'))
    return [join(dirname(engine.resolve(`${packageName}/package.json`)), ...parts), label]
  } catch {
    return [undefined, label]
  }
}

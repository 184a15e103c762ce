/** `ipse verify A B`: do two photographs show the same person? */
import type { Comparison, Engine, FrameMeasurement, OperatingPoint, Template } from '@ipse/engine'
import { IpseError } from '@ipse/protocol'
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { type EngineFlags, engineFlags, measureFile, withEngine } from '../engine.ts'
import { operatingPoint, parseRate } from '../operating-point.ts'

interface Flags extends EngineFlags {
  readonly fmr?: number
}

export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .argument('<a>', 'photograph (JPEG, PNG or WebP)')
    .argument('<b>', 'photograph (JPEG, PNG or WebP)')
    .option('--fmr <rate>', 'false match rate to decide at, for example 1e-3', parseRate)
    .addHelpText(
      'after',
      `
Examples:
  ipse verify passport.jpg selfie.jpg
  ipse verify passport.jpg selfie.jpg --fmr 1e-3 --json

Exit code 0: match. 1: non-match. 2: a photograph could not be read or shows no face.`,
    )
  answering(engineFlags(command), (a: string, b: string, flags: Flags) =>
    withEngine(flags, (engine) => verify(engine, [a, b], flags.fmr)),
  )
}

async function verify(
  engine: Engine,
  paths: readonly [string, string],
  fmr: number | undefined,
): Promise<Answer> {
  const point = operatingPoint(engine, fmr)
  const [a, b] = await Promise.all([faceOf(engine, paths[0]), faceOf(engine, paths[1])])
  return answer(engine.compare(a.template, b.template), point, engine.templateModelId, [a.faces, b.faces])
}

interface OneFace {
  readonly template: Template
  readonly faces: number
}

async function faceOf(engine: Engine, path: string): Promise<OneFace> {
  const measured: FrameMeasurement = await measureFile(engine, path, { template: true })
  if (measured.template === undefined)
    throw new IpseError('reference_unusable', `${path}: ${noTemplate(measured)}`)
  return { template: measured.template, faces: measured.faces.length }
}

function noTemplate({ faces }: FrameMeasurement): string {
  return faces.length === 0 ? 'no face was found' : 'no template can be made from the face'
}

function answer(
  { score, similarity }: Comparison,
  { threshold, fmr, dataset }: OperatingPoint,
  model: string,
  faces: readonly [number, number],
): Answer {
  const match = score >= threshold
  const decision = match ? 'match' : 'non-match'
  const several = faces.some((count) => count > 1)
  const lines = [
    `${decision}: score ${score.toFixed(4)}, threshold ${threshold.toFixed(4)}, similarity ${similarity.toFixed(3)}`,
    `The threshold stands for a false match rate of ${fmr} as measured on ${dataset}; model ${model}.`,
    ...(several ? [`Several faces (${faces.join(' and ')}): the largest of each picture was compared.`] : []),
  ]
  return {
    exit: match ? EXIT.done : EXIT.negative,
    json: {
      decision,
      score,
      threshold,
      fmr,
      similarity,
      model,
      dataset,
      faces: { a: faces[0], b: faces[1] },
    },
    text: lines.join('\n'),
  }
}

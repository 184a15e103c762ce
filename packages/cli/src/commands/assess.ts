/**
 * `ipse assess CLIP`: what can be said about a recording by the service's own signals and policies. A recording answers no
 * challenge: whatever it shows, the decision is never `accept`.
 */
import type { Engine, Template } from '@ipse/engine'
import { type Evidence, IpseError, type Policy, type Purpose } from '@ipse/protocol'
import { type DecisionResult, decide, resolvePolicy } from '@ipse/server'
import type { Command } from 'commander'
import { readFrames } from '../assess/clip-frames.ts'
import { type Recording, recordOf } from '../assess/record.ts'
import { LIVE_ONLY, recordedSignals } from '../assess/recorded-signals.ts'
import { type Answer, answering, EXIT } from '../command.ts'
import { type EngineFlags, engineFlags, measureFile, withEngine } from '../engine.ts'
import { type Table, textTable } from '../eval/tables.ts'
import { namedPolicy, type PolicyFlags, policyFlags } from '../policies.ts'

interface Flags extends EngineFlags, PolicyFlags {
  readonly reference?: string
}

const NO_LIVENESS =
  'A recording answers no challenge, so this is no liveness decision and never "accept": anybody may hold a recording of somebody. It says what speaks against the clip, and what a live capture would still have to show.'

export function addAssess(program: Command): void {
  const command = program
    .command('assess')
    .argument('<clip>', 'image, folder of numbered images, .mjpeg, or video (through ffmpeg)')
    .option('--reference <image>', 'photograph to compare the face with')
    .addHelpText(
      'after',
      `
Examples:
  ipse assess clip.mp4
  ipse assess frames/ --reference passport.jpg --policy high --json

${NO_LIVENESS}

Exit code 0: nothing that could be measured speaks against it. 1: something does, or no face was found. 2: the clip or the
reference cannot be read. 0 is not an acceptance.`,
    )
  answering(engineFlags(policyFlags(command)), assess)
}

async function assess(clip: string, flags: Flags): Promise<Answer> {
  const policy = await namedPolicy(flags)
  const frames = await readFrames(clip)
  return withEngine(flags, async (engine) => {
    const reference = flags.reference === undefined ? undefined : await templateOf(engine, flags.reference)
    const recording = await recordOf(engine, frames, reference).catch((cause: unknown) => {
      if (cause instanceof IpseError && cause.code === 'image_unreadable')
        throw new IpseError(cause.code, `${clip}: ${cause.message}`, { cause })
      throw cause
    })
    const purpose: Purpose = reference === undefined ? 'liveness' : 'verification'
    const resolved = resolvePolicy(policy, engine.operatingPoints, engine.pads)
    const decided = decide(resolved, recordedSignals(recording.record, purpose), purpose)
    return answer(recording, decided, policy, purpose, engine)
  })
}

async function templateOf(engine: Engine, path: string): Promise<Template> {
  const { template } = await measureFile(engine, path, { template: true })
  if (template === undefined)
    throw new IpseError('reference_unusable', `${path}: no template can be made from it`)
  return template
}

function answer(
  { record, frames, measured }: Recording,
  { decision, reasons, evidence, assurance }: DecisionResult,
  { name, version }: Policy,
  purpose: Purpose,
  { models }: Engine,
): Answer {
  const withFace = record.frames.filter(({ face }) => face !== undefined).length
  const against = [
    ...new Set(evidence.filter(({ verdict }) => verdict === 'fail').map(({ signal }) => signal)),
  ]
  const counts = { read: frames, measured, withFace, turns: record.turns.length }
  const lines = [
    `${decision}, by policy ${name}/${version}; assurance ${assurance}.`,
    `${frames} pictures, ${measured} decoded, ${withFace} with a face, ${counts.turns} turns of the head.`,
    against.length > 0
      ? `Against it: ${against.join(', ')}.`
      : 'Nothing that could be measured speaks against it.',
    NO_LIVENESS,
    '',
    textTable(evidenceTable(evidence)),
  ]
  return {
    exit: withFace > 0 && against.length === 0 ? EXIT.done : EXIT.negative,
    json: {
      decision,
      reasons,
      against,
      assurance,
      live: false,
      notice: NO_LIVENESS,
      purpose,
      policy: { name, version },
      frames: counts,
      evidence: evidence.map((line) => ({ ...line, ...notLive(line) })),
      models: models.map(({ id, version: modelVersion, sha256 }) => ({ id, version: modelVersion, sha256 })),
    },
    text: lines.join('\n'),
  }
}

/** Why a recording cannot have the signal. */
function notLive({ signal }: Evidence): { readonly needs?: string } {
  const needs = LIVE_ONLY[signal]
  return needs === undefined ? {} : { needs }
}

function evidenceTable(evidence: readonly Evidence[]): Table {
  return {
    head: ['signal', 'measured', 'at least', 'verdict', 'weight'],
    rows: evidence.map((line) => {
      const { signal, model, measurement, atLeast, verdict, weight } = line
      return [
        model === undefined ? signal : `${signal} (${model})`,
        measurement.status === 'assessed'
          ? short(measurement.native)
          : (LIVE_ONLY[signal] ?? measurement.reason),
        atLeast === undefined ? '' : short(atLeast),
        verdict,
        weight,
      ]
    }),
  }
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}

/** `ipse calibrate`: a threshold from your own samples, written into a policy file with what was measured. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Engine } from '@ipse/engine'
import { type Adverse, type Calibration, IpseError, type Policy } from '@ipse/protocol'
import { findPolicy, POLICIES, parsePolicy } from '@ipse/server'
import { type Command, Option } from 'commander'
import { type Calibrated, calibrate, ratesOf } from '../calibrate/operating-point.ts'
import { policyDocument, reasonFor } from '../calibrate/policy-document.ts'
import { split } from '../calibrate/split.ts'
import { type Answer, answering, EXIT, note, progress } from '../command.ts'
import { type EngineFlags, engineFlags, withEngine } from '../engine.ts'
import { percent } from '../eval/det-plot.ts'
import { type PadReport, reportPad } from '../eval/pad-report.ts'
import { type ScoreSource, scoreSource } from '../eval/pad-scores.ts'
import { errorTable } from '../eval/pad-tables.ts'
import { parseSamples } from '../eval/samples.ts'
import { scoreSamples } from '../eval/score-samples.ts'
import { textTable } from '../eval/tables.ts'
import { readNamedFile, writeNamedFile } from '../files.ts'
import { systemClock } from '../installation.ts'
import { parseRate } from '../operating-point.ts'

interface Flags extends EngineFlags {
  readonly samples: string
  readonly out: string
  readonly base: string
  readonly name?: string
  readonly score: string
  readonly apcer: number
  readonly maxBpcer: number
  readonly holdout?: number
  readonly otherwise: Adverse
}

/** As accredited laboratories allow at most (iBeta levels 1 and 2). */
const MOST_BPCER = 0.15

export function addCalibrate(program: Command): void {
  const command = program
    .command('calibrate')
    .requiredOption('--samples <file>', 'CSV with the columns path,label,species and, best, subject')
    .requiredOption('--out <file>', 'policy file to write (JSON)')
    .option('--base <policy>', 'shipped policy that the file stands on', 'standard')
    .option('--name <name>', 'name of the policy; default: the base with -calibrated')
    .option('--score <name>', 'the id of your PAD network, or a signal that recordings have', 'texture')
    .option('--apcer <rate>', 'share of attacks of any species that may be accepted', parseRate, 0.05)
    .option('--max-bpcer <rate>', 'share of people that may be refused', parseRate, MOST_BPCER)
    .option('--holdout <share>', 'share of subjects (or samples) kept out of the choice', parseRate)
    .addOption(
      new Option('--otherwise <decision>', 'what follows below the threshold')
        .choices(['review', 'reject', 'retry'])
        .default('review'),
    )
    .addHelpText(
      'after',
      `
Example:
  ipse calibrate --samples pad.csv --manifest models.json --score my-pad --holdout 0.3 --out policies/strict.json

The threshold is the lowest at which the samples show, at one-sided 95 %, that no species is accepted more often than
--apcer. Too few samples, or a score that does not separate, write no file: exit code 1. docs/calibration.md.`,
    )
  answering(engineFlags(command), run)
}

async function run(flags: Flags): Promise<Answer> {
  const base = findPolicy(POLICIES, flags.base, true)
  const csv = await readNamedFile(flags.samples)
  const { samples, subjects } = parseSamples(flags.samples, csv.toString('utf8'))
  return withEngine(flags, async (engine) => {
    const source = calibratable(flags.score, engine)
    const scored = await scoreSamples(engine, flags.samples, samples, source, (done) =>
      progress(done, samples.length, 'measured'),
    )
    const { chosen, heldOut } = split(scored, flags.holdout ?? 0, subjects)
    const found = calibrate(chosen, flags.apcer, flags.maxBpcer)
    if ('refused' in found) return refusal(found, flags)
    const test = heldOut.length > 0 ? reportPad(heldOut, found.threshold) : undefined
    const tested = test && ratesOf(test)
    const warnings = [...warningsOf(subjects, tested !== undefined), ...missedBy(test, flags.apcer)]
    const calibration: Calibration = {
      signal: source.signal,
      ...(source.networks[0] === undefined ? {} : { model: source.networks[0] }),
      atLeast: found.threshold,
      apcer: flags.apcer,
      // Of every species there is a response, or there would be no threshold.
      measured: ratesOf(found.report)!,
      ...(tested ? { heldOut: tested } : {}),
      bySubject: subjects,
      dataset: { name: basename(flags.samples), sha256: createHash('sha256').update(csv).digest('hex') },
      models: modelsBehind(source, engine),
      date: new Date(systemClock.now()).toISOString().slice(0, 10),
    }
    const name = flags.name ?? `${base.name}-calibrated`
    const document = policyDocument({ name, base: base.name, otherwise: flags.otherwise, calibration })
    const policy = parsePolicy(document, POLICIES)
    await writeNamedFile(flags.out, `${JSON.stringify(document, null, 2)}\n`)
    if (!tightens(base, calibration))
      warnings.push(`${base.name} demands more of ${source.name} already, and that stays`)
    for (const warning of warnings) note(`WARNING: ${warning}`)
    const tables = [
      `Chosen on ${chosen.length} samples:\n\n${textTable(errorTable(found.report))}`,
      ...(test ? [`Held out, ${heldOut.length} samples:\n\n${textTable(errorTable(test))}`] : []),
    ]
    return {
      exit: EXIT.done,
      json: { written: flags.out, policy: { name, version: policy.version }, calibration, warnings },
      text: [
        `${flags.out}: policy ${name}, ${source.name} at least ${found.threshold}, otherwise ${flags.otherwise}.`,
        ...warnings,
        ...tables.flatMap((table) => ['', table]),
      ].join('\n'),
    }
  })
}

/** @throws IpseError `invalid_request` for several networks at once, shipped ones, and signals without a reason */
function calibratable(name: string, engine: Engine): ScoreSource {
  const own = engine.pads.map(({ id }) => id)
  const source = scoreSource(name, engine, own)
  reasonFor(source.signal)
  if (source.networks.some((id) => !own.includes(id)))
    throw new IpseError(
      'invalid_request',
      `--score ${name}: the PAD networks that come with Ipse do not separate attacks and must not gate; name your own with --manifest and --score`,
    )
  if (source.networks.length > 1)
    throw new IpseError('invalid_request', `--score ${name}: choose one network of ${own.join(', ')}`)
  return source
}

/** The threshold belongs to these: the PAD network, or what finds the face and its landmarks. */
function modelsBehind({ networks }: ScoreSource, { models }: Engine): Record<string, string> {
  const behind = models.filter(({ id, role }) =>
    networks.length > 0 ? networks.includes(id) : role === 'detector' || role === 'landmarks',
  )
  return Object.fromEntries(behind.map(({ id, sha256 }) => [id, sha256]))
}

function warningsOf(subjects: boolean, heldOut: boolean): string[] {
  return [
    ...(subjects
      ? []
      : [
          'without a subject for every sample nobody knows how many people there are: the rates are optimistic',
        ]),
    ...(heldOut
      ? []
      : ['measured on the samples that chose the threshold: the rates are optimistic; use --holdout']),
  ]
}

/** Held out samples that contradict the choice. */
function missedBy(test: PadReport | undefined, apcer: number): string[] {
  const missed = test?.species.filter((row) => row.apcer > apcer) ?? []
  return missed.map(
    ({ name, apcer: seen }) => `held out, ${name} is accepted at ${percent(seen)}, more than was asked for`,
  )
}

function tightens({ rules }: Policy, { signal, model, atLeast }: Calibration): boolean {
  return !rules.some(
    (rule) =>
      rule.signal === signal &&
      rule.model === model &&
      typeof rule.atLeast === 'number' &&
      rule.atLeast >= atLeast,
  )
}

function refusal(found: Extract<Calibrated, { refused: string }>, { apcer, maxBpcer, out }: Flags): Answer {
  const why =
    found.refused === 'too-few-samples'
      ? `an APCER of ${percent(apcer)} needs ${found.claim.needs} responses of each: ${found.claim.short.map(({ name, has }) => `${name} has ${has}`).join(', ')}`
      : `at an APCER of ${percent(apcer)} this score refuses ${percent(found.bpcer)} of the people, more than ${percent(maxBpcer)}`
  return {
    exit: EXIT.negative,
    json: { written: null, ...found, why },
    text: `${out} was not written: ${why}.`,
  }
}

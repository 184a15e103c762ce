/** `ipse eval pad`: how well does a score tell your own attacks from your own people (ISO/IEC 30107-3)? */
import { extname } from 'node:path'
import { type FailureReason, IpseError } from '@ipse/protocol'
import type { Command } from 'commander'
import { type Answer, answering, EXIT, note, progress } from '../command.ts'
import { type EngineFlags, engineFlags, withEngine } from '../engine.ts'
import { htmlReport } from '../eval/html-report.ts'
import { padPlot } from '../eval/pad-plot.ts'
import { type PadReport, reportPad } from '../eval/pad-report.ts'
import { type ScoreSource, scoreSource } from '../eval/pad-scores.ts'
import { errorTable, targetTable } from '../eval/pad-tables.ts'
import { type FixedThreshold, fixedThreshold } from '../eval/pad-threshold.ts'
import { parseSamples } from '../eval/samples.ts'
import { type Scored, scoreSamples } from '../eval/score-samples.ts'
import { textTable } from '../eval/tables.ts'
import { readNamedFile, writeNamedFile } from '../files.ts'
import { parseNumber } from '../operating-point.ts'
import { namedPolicy, type PolicyFlags, policyFlags } from '../policies.ts'

interface Flags extends EngineFlags, PolicyFlags {
  readonly samples: string
  readonly score: string
  readonly threshold?: number
  readonly report?: string
}

const NO_SEPARATION =
  'The PAD networks that come with Ipse do NOT separate attacks from people (docs/evaluation.md). Nothing may be gated on them; name your own with --manifest.'

export function addEvalPad(group: Command): void {
  const command = group
    .command('pad')
    .description('APCER per species, BPCER and non-response of presentation attack detection over a list')
    .requiredOption(
      '--samples <file>',
      'CSV with the columns path,label,species (bona-fide or attack); paths relative to it',
    )
    .option('--score <name>', 'a signal that recordings have, or the id of a PAD network', 'texture')
    .option('--threshold <number>', 'bona fide from here on; default: manifest or policy', parseNumber)
    .option('--report <file>', 'also write a DET plot (.svg) or a page with plot and tables (.html)')
    .addHelpText(
      'after',
      `
Examples:
  ipse eval pad --samples pad.csv --manifest models.json --json
  ipse eval pad --samples pad.csv --score moire --report pad.html

A path is an image, a folder of numbered images, a file of JPEGs one after the other (.mjpeg), or a video (through ffmpeg).
What gives no score is a non-response and counted as such, never as bona fide. BPCER at an APCER is printed only where so
many attacks of every species can show that rate.`,
    )
  answering(engineFlags(policyFlags(command)), evaluate)
}

async function evaluate(flags: Flags): Promise<Answer> {
  if (flags.report !== undefined && !['.svg', '.html'].includes(extname(flags.report)))
    throw new IpseError('invalid_request', '--report: the file must end in .svg or .html')
  const { samples } = parseSamples(flags.samples, (await readNamedFile(flags.samples)).toString('utf8'))
  const policy = await namedPolicy(flags)
  return withEngine(flags, async (engine) => {
    const own = engine.pads.map(({ id }) => id)
    const source = scoreSource(flags.score, engine, own)
    const threshold = fixedThreshold(source, engine, policy, flags.threshold)
    const scored = await scoreSamples(engine, flags.samples, samples, source, (done) =>
      progress(done, samples.length, 'measured'),
    )
    const report = reportPad(scored, threshold.value)
    const warnings = source.networks.some((id) => !own.includes(id)) ? [NO_SEPARATION] : []
    for (const warning of warnings) note(`WARNING: ${warning}`)
    const { networks } = source
    const notes = [
      `Score ${source.name}${networks.length > 0 ? ` (${networks.join(', ')})` : ''}; bona fide from ${threshold.value} on, by ${threshold.source}.`,
      'Rates are over presentations with a response; worst species first, never pooled.',
    ]
    if (flags.report !== undefined) await writeReport(flags.report, report, notes, warnings)
    return {
      exit: EXIT.done,
      json: toJson(report, source, threshold, scored, warnings),
      text: [
        ...notes,
        ...warnings,
        ...nonResponses(scored).map(({ reason, count }) => `No response from ${count}: ${reason}.`),
        '',
        textTable(errorTable(report)),
        '',
        textTable(targetTable(report)),
      ].join('\n'),
    }
  })
}

function nonResponses(
  scored: readonly Scored[],
): { reason: FailureReason | 'image_unreadable'; count: number }[] {
  const reasons = scored.flatMap(({ reason }) => reason ?? [])
  return [...new Set(reasons)].map((reason) => ({
    reason,
    count: reasons.filter((other) => other === reason).length,
  }))
}

async function writeReport(
  path: string,
  report: PadReport,
  notes: readonly string[],
  warnings: readonly string[],
): Promise<void> {
  const title = 'Presentation attack detection'
  const plot = padPlot(report, title)
  const tables = [
    { title: 'Error rates at the threshold in use', table: errorTable(report) },
    { title: 'BPCER at fixed APCER of the worst species', table: targetTable(report) },
  ]
  await writeNamedFile(
    path,
    extname(path) === '.svg' ? plot : htmlReport({ title, notes, warnings, plot, tables }),
  )
  note(`wrote ${path}`)
}

/** The members `bonaFide`, `species` and `worst` are read by scripts and stay. Unknown rates are null. */
function toJson(
  { bonaFide, species, worst, at }: PadReport,
  { name, networks }: ScoreSource,
  threshold: FixedThreshold,
  scored: readonly Scored[],
  warnings: readonly string[],
): unknown {
  return {
    bonaFide,
    species,
    worst,
    atApcer: at.map(({ target, claim, found }) => ({ target, claim, ...found })),
    score: name,
    networks,
    threshold,
    nonResponses: nonResponses(scored),
    warnings,
    intervals: { confidence: 0.95, method: 'Clopper-Pearson over presentations' },
  }
}

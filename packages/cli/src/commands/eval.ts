/** `ipse eval`: error rates on your own data. `match` is here: how well does the model separate people? */
import { extname } from 'node:path'
import type { Engine } from '@ipse/engine'
import { IpseError } from '@ipse/protocol'
import type { Command } from 'commander'
import { type Answer, answering, EXIT, note, progress } from '../command.ts'
import { type EngineFlags, engineFlags, withEngine } from '../engine.ts'
import { type Acquired, acquire } from '../eval/acquire.ts'
import type { ImageTrial } from '../eval/bootstrap.ts'
import { htmlReport } from '../eval/html-report.ts'
import { matchPlot } from '../eval/match-plot.ts'
import { type MatchReport, reportMatch } from '../eval/match-report.ts'
import { type PairList, parsePairs } from '../eval/pairs.ts'
import { claimTable, pointTable, summaryLines, textTable } from '../eval/tables.ts'
import { readNamedFile, writeNamedFile } from '../files.ts'
import { addEvalPad } from './eval-pad.ts'

interface Flags extends EngineFlags {
  readonly pairs: string
  readonly report?: string
}

export function addEval(program: Command): void {
  const group = program.command('eval')
  const command = group
    .command('match')
    .description('FMR, FNMR, EER and TAR of face comparison over a list of pairs')
    .requiredOption(
      '--pairs <file>',
      'CSV with the columns a,b,mated (1 same person, 0 different); paths relative to it',
    )
    .option('--report <file>', 'also write a DET plot (.svg) or a page with plot and tables (.html)')
    .addHelpText(
      'after',
      `
Example:
  ipse eval match --pairs pairs.csv --report det.svg --json

Every image is measured once. Images that give no template are counted as failures to acquire and their pairs are left
out of the rates. Exact intervals take pairs for independent; intervals "by image" do not. Rates that the number of
pairs cannot show are marked.`,
    )
  answering(engineFlags(command), (flags: Flags) => evaluate(flags))
  addEvalPad(group)
}

async function evaluate(flags: Flags): Promise<Answer> {
  if (flags.report !== undefined && !['.svg', '.html'].includes(extname(flags.report)))
    throw new IpseError('invalid_request', '--report: the file must end in .svg or .html')
  const list = parsePairs(flags.pairs, (await readNamedFile(flags.pairs)).toString('utf8'))
  return withEngine(flags, async (engine) => {
    const acquired = await acquire(engine, list.images, (done) =>
      progress(done, list.images.length, 'measured'),
    )
    const { trials, lost } = compareAll(engine, list, acquired)
    const compared = {
      mated: trials.some(({ mated }) => mated),
      nonMated: trials.some(({ mated }) => !mated),
    }
    if (!compared.mated || !compared.nonMated)
      throw new IpseError(
        'invalid_request',
        `${flags.pairs}: no ${compared.mated ? 'non-mated' : 'mated'} pair could be compared`,
      )
    const report = reportMatch(
      trials,
      list.images.length,
      engine.operatingPoints,
      engine.defaultOperatingPoint,
    )
    const { failures } = acquired
    const notes = [
      `Failure to acquire: ${failures.length} of ${list.images.length} images; left out ${lost.mated} mated and ${lost.nonMated} non-mated pairs.`,
      `Model ${engine.templateModelId}.`,
    ]
    if (flags.report !== undefined) await writeReport(flags.report, report, notes)
    return {
      exit: EXIT.done,
      json: toJson(report, acquired, lost, engine.templateModelId),
      text: toText(report, notes, failures),
    }
  })
}

interface Lost {
  mated: number
  nonMated: number
}

function compareAll(
  engine: Engine,
  { pairs }: PairList,
  { templates }: Acquired,
): { trials: ImageTrial[]; lost: Lost } {
  const lost: Lost = { mated: 0, nonMated: 0 }
  const trials: ImageTrial[] = []
  for (const { a, b, mated } of pairs) {
    const [left, right] = [templates[a], templates[b]]
    if (left && right) trials.push({ score: engine.compare(left, right).score, mated, weight: 1, a, b })
    else lost[mated ? 'mated' : 'nonMated'] += 1
  }
  return { trials, lost }
}

async function writeReport(path: string, report: MatchReport, notes: readonly string[]): Promise<void> {
  const title = 'Face comparison'
  const plot = matchPlot(report, title)
  const tables = [
    { title: 'True accept rate at fixed false match rates', table: claimTable(report) },
    { title: 'Operating points of the model', table: pointTable(report) },
  ]
  const page = { title, notes: [...summaryLines(report), ...notes], plot, tables }
  await writeNamedFile(path, extname(path) === '.svg' ? plot : htmlReport(page))
  note(`wrote ${path}`)
}

/** The members `mated` … `tarAtFmr` are read by scripts and stay. */
function toJson(report: MatchReport, { failures }: Acquired, lost: Lost, model: string): unknown {
  const { mated, nonMated, images, auc, aucInterval, eer, eerInterval, at, operatingPoints } = report
  return {
    mated,
    nonMated,
    failureToAcquire: failures.length,
    auc,
    eer,
    tarAtFmr: Object.fromEntries(at.map(({ target, tar }) => [String(target), tar])),
    images,
    failureToAcquireRate: failures.length / images,
    failures,
    pairsLeftOut: lost,
    model,
    atFmr: at,
    operatingPoints,
    intervals: {
      confidence: 0.95,
      auc: aucInterval,
      eer: eerInterval,
      method: 'rates: Clopper-Pearson over pairs; auc, eer and tar: bootstrap by image, 400 replicates',
    },
  }
}

function toText(report: MatchReport, notes: readonly string[], failures: Acquired['failures']): string {
  return [
    ...summaryLines(report),
    ...notes,
    ...failures.slice(0, 10).map(({ image, reason }) => `  ${image}: ${reason}`),
    ...(failures.length > 10 ? [`  and ${failures.length - 10} more; --json lists all`] : []),
    '',
    textTable(claimTable(report)),
    '',
    textTable(pointTable(report)),
  ].join('\n')
}

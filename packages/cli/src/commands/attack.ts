/** `ipse attack`: the attack laboratory against a running service, and what it was not able to stop. */
import { extname } from 'node:path'
import { IpseError } from '@ipse/protocol'
import { type Command, InvalidArgumentError } from 'commander'
import { defaultParallel } from '../attack/bounds.ts'
import { attackPage } from '../attack/html-report.ts'
import { makeKey, startOwnService } from '../attack/own-service.ts'
import { DEFAULT_PEOPLE } from '../attack/people.ts'
import type { AttackReport } from '../attack/results.ts'
import { type RunOptions, runAttacks } from '../attack/run.ts'
import { textReport } from '../attack/text-report.ts'
import { type Answer, answering, EXIT, note } from '../command.ts'
import { writeNamedFile } from '../files.ts'

interface Flags {
  readonly url?: string
  readonly key?: string
  readonly data?: string
  readonly spawn?: boolean
  readonly set: readonly string[]
  readonly policy: string
  readonly quick?: boolean
  readonly presentations?: number
  readonly browserPresentations?: number
  readonly bonaFide?: number
  readonly instruments?: readonly string[]
  readonly methods?: readonly string[]
  readonly subjects: readonly string[]
  readonly parallel: number
  readonly minutes?: number
  readonly attempts: number
  readonly seed: number
  readonly report?: string
}

/** Presentations and bona fide sessions; 150 without an acceptance show a rate below 2.4 %. */
const FULL = { presentations: 150, bonaFide: 100 }
const QUICK = { presentations: 2, bonaFide: 4, methods: ['direct-client'] }
/** Browsers are slow and carry what was measured without one: a fifteenth of the presentations. */
const BROWSER_SHARE = 15

export function addAttack(program: Command): void {
  const command = program
    .command('attack')
    .option('--url <url>', 'address of the service')
    .option('--key <key>', 'API key with session:create, session:read and subject:delete (or IPSE_API_KEY)')
    .option('--data <folder>', 'data folder of that service: makes such a key')
    .option('--spawn', 'start a service of its own with a temporary data folder instead')
    .option('--set <name=value...>', 'a setting of that own service', [])
    .option('--policy <name>', 'policy of the sessions', 'standard')
    .option('--quick', `${QUICK.presentations} presentations of each instrument without browsers, for CI`)
    .option(
      '--presentations <n>',
      `of each instrument by each method without a browser (default: ${FULL.presentations})`,
      whole(1),
    )
    .option(
      '--browser-presentations <n>',
      `of each instrument by each method that needs a browser (default: one for every ${BROWSER_SHARE} of the others)`,
      whole(1),
    )
    .option('--bona-fide <n>', `sessions of simulated bona fide people (default: ${FULL.bonaFide})`, whole(0))
    .option('--instruments <list>', 'only these, separated by commas', list)
    .option('--methods <list>', 'only these, separated by commas', list)
    .option(
      '--subjects <list>',
      'simulated people, photographs or folders of photographs, separated by commas',
      list,
      DEFAULT_PEOPLE,
    )
    .option(
      '--parallel <n>',
      'sessions side by side (default: by the number of cores)',
      whole(1),
      defaultParallel(),
    )
    .option('--minutes <n>', 'end after so many minutes and report what was done by then', whole(1))
    .option('--attempts <n>', 'captures of one session, where the service asks to try again', whole(1), 1)
    .option('--seed <n>', 'everything but the challenges of the service repeats from it', whole(0), 1)
    .option('--report <file>', 'also write a page with plots (.html)')
    .addHelpText(
      'after',
      `
Examples:
  ipse attack --spawn --quick --json
  ipse attack --url http://localhost:8420 --data .ipse --report attacks.html
  ipse attack --spawn --instruments photo-swap,reposed-photograph --presentations 30 --policy standard
  ipse attack --spawn --presentations 150 --browser-presentations 10 --bona-fide 100 --json

The simulated people enrol, come back as bona fide sessions, and are then attacked with every instrument of
docs/attacks.md by every method that carries it: so often by each method, not shared out between them; variants and people take
turns within that. Methods that need Chromium are left out, and named, where it is missing. Attack your own service only. An interrupt (Ctrl-C) ends the run and reports what was done by then. Exit code 0 when nothing was accepted that must be stopped, 1 when something was.`,
    )
  answering(command, (flags: Flags) => attack(flags))
}

function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d{1,9}$/.test(text) || value < least)
      throw new InvalidArgumentError(`It must be a whole number from ${least}.`)
    return value
  }
}

function list(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.some((name) => name === ''))
    throw new InvalidArgumentError('It must be names separated by commas.')
  return names
}

async function attack(flags: Flags): Promise<Answer> {
  if (flags.report !== undefined && extname(flags.report) !== '.html')
    throw new IpseError('invalid_request', '--report: the file must end in .html')
  if ((flags.url === undefined) === (flags.spawn !== true))
    throw new IpseError('invalid_request', 'name the service with --url, or let --spawn start one')
  if (flags.spawn !== true && flags.set.length > 0)
    throw new IpseError('invalid_request', '--set is for the service that --spawn starts')
  const report = await runAt(flags)
  if (flags.report !== undefined) {
    await writeNamedFile(flags.report, attackPage(report))
    note(`wrote ${flags.report}`)
  }
  return {
    exit: report.unexpected.length > 0 ? EXIT.negative : EXIT.done,
    json: report,
    text: textReport(report),
  }
}

/** A service of our own locks nobody out: what is measured is the single presentation. `--set` says otherwise. */
const UNLIMITED: readonly string[] = ['lockout.enabled=false', 'limits.capturesPerHour=0']

async function runAt(flags: Flags): Promise<AttackReport> {
  if (flags.url !== undefined) {
    if (!URL.canParse(flags.url)) throw new IpseError('invalid_request', '--url: this is no address')
    const apiKey =
      flags.key ?? (flags.data === undefined ? process.env.IPSE_API_KEY : await makeKey(flags.data))
    if (apiKey === undefined)
      throw new IpseError('invalid_request', 'an API key is needed: --key, IPSE_API_KEY or --data')
    return runAttacks(optionsOf(flags, flags.url, apiKey))
  }
  await using own = await startOwnService([...UNLIMITED, ...flags.set])
  return await runAttacks(optionsOf(flags, own.url, own.apiKey))
}

function optionsOf(flags: Flags, url: string, apiKey: string): RunOptions {
  const usual = flags.quick ? QUICK : FULL
  const presentations = flags.presentations ?? usual.presentations
  const methods = flags.methods ?? (flags.quick ? QUICK.methods : undefined)
  const { policy, subjects, seed, instruments, attempts, minutes, parallel } = flags
  return {
    url,
    apiKey,
    policy,
    subjects,
    seed,
    attempts,
    presentations,
    browserPresentations: flags.browserPresentations ?? Math.ceil(presentations / BROWSER_SHARE),
    bonaFide: flags.bonaFide ?? usual.bonaFide,
    parallel,
    ...(minutes === undefined ? {} : { minutes }),
    ...(methods ? { methods } : {}),
    ...(instruments ? { instruments } : {}),
  }
}

/**
 * `ipse` as a tree of commands. Only those that are asked for are loaded: of the others there are a name and a sentence, so
 * that a list of commands does not wait for a web server.
 */
import { Command } from 'commander'
import { VERSION } from './version.ts'

interface Entry {
  /** What the list of commands says of it. */
  readonly about: string
  readonly load: () => Promise<(program: Command) => void>
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  serve: {
    about: 'run the service',
    load: async () => (await import('./commands/serve.ts')).addServe,
  },
  verify: {
    about: 'compare the largest faces of two photographs',
    load: async () => (await import('./commands/verify.ts')).addVerify,
  },
  detect: {
    about: 'find the faces of a photograph, with pose and quality of the largest',
    load: async () => (await import('./commands/detect.ts')).addDetect,
  },
  eval: {
    about: 'measure error rates on your own data',
    load: async () => (await import('./commands/eval.ts')).addEval,
  },
  doctor: {
    about:
      'check Node, settings, exposure, certificate, policies, keyring, store, key-encryption key, models and the clock; measure a photograph',
    load: async () => (await import('./commands/doctor.ts')).addDoctor,
  },
  keys: {
    about: 'API keys of relying parties, and the keyring',
    load: async () => (await import('./commands/keys.ts')).addKeys,
  },
  clients: {
    about: 'clients with a certificate or a signing key',
    load: async () => (await import('./commands/clients.ts')).addClients,
  },
  people: {
    about: 'people who run Ipse: owners, operators, reviewers …',
    load: async () => (await import('./commands/people.ts')).addPeople,
  },
  policies: {
    about: 'what decisions are made by',
    load: async () => (await import('./commands/policies.ts')).addPolicies,
  },
  rollout: {
    about: 'policies as versions: shadow, canary, active, back',
    load: async () => (await import('./commands/rollout.ts')).addRollout,
  },
  models: {
    about: 'the models that decisions were made with',
    load: async () => (await import('./commands/models.ts')).addModels,
  },
  'replay-decision': {
    about:
      'what another policy would have decided about stored sessions, and whether the stored decisions hold',
    load: async () => (await import('./commands/replay-decision.ts')).addReplayDecision,
  },
  calibrate: {
    about: 'choose a threshold from your own samples and write it into a policy file',
    load: async () => (await import('./commands/calibrate.ts')).addCalibrate,
  },
  assess: {
    about: 'what speaks against a recorded clip, signal by signal; never a liveness decision',
    load: async () => (await import('./commands/assess.ts')).addAssess,
  },
  'abuse-report': {
    about: 'put together what is held about a suspected attack',
    load: async () => (await import('./commands/abuse-report.ts')).addAbuseReport,
  },
  backup: {
    about: 'write the whole store to one file, and its keys to another, while nodes go on working',
    load: async () => (await import('./commands/backup.ts')).addBackup,
  },
  restore: {
    about: 'put a backup into an empty store',
    load: async () => (await import('./commands/restore.ts')).addRestore,
  },
  templates: {
    about: 'what is kept of faces',
    load: async () => (await import('./commands/templates.ts')).addTemplates,
  },
  erase: {
    about: 'erase everything about a subject and print a signed receipt',
    load: async () => (await import('./commands/erase.ts')).addErase,
  },
  export: {
    about: 'write everything that is held about a subject',
    load: async () => (await import('./commands/export.ts')).addExport,
  },
  retention: {
    about: 'how long what is kept',
    load: async () => (await import('./commands/retention.ts')).addRetention,
  },
  purge: {
    about: 'end sessions that are overdue and delete what was kept long enough',
    load: async () => (await import('./commands/purge.ts')).addPurge,
  },
  audit: {
    about: 'verify, show, export and witness the audit log',
    load: async () => (await import('./commands/audit.ts')).addAudit,
  },
  pins: {
    about: 'print the pins of a TLS key for @ipse/client, Android and iOS',
    load: async () => (await import('./commands/pins.ts')).addPins,
  },
  attack: {
    about: 'attack a service with everything in the catalogue and report what was accepted',
    load: async () => (await import('./commands/attack.ts')).addAttack,
  },
}

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS)

/** The command that a command line names, in front of its options or behind `help`. */
export function commandIn(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((word) => !word.startsWith('-'))
  return first === 'help' ? second : first
}

/** @param names commands to load; what the others take is not known then */
export async function createProgram(names: readonly (string | undefined)[]): Promise<Command> {
  const program = new Command('ipse')
    .description('Self-hosted face liveness and face verification.')
    .version(VERSION)
    .showHelpAfterError('Run the command with --help to see what it takes.')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText(
      'after',
      `
Every command has --help and --json.
Exit codes: 0 done, 1 the answer is no, 2 the command line or a file is wrong, 3 our fault.`,
    )
  for (const [name, { about, load }] of Object.entries(COMMANDS)) {
    if (names.includes(name)) (await load())(program)
    else program.command(name)
    program.commands.at(-1)?.description(about)
  }
  letErrorsThrough(program)
  return program
}

/** Commander exits by itself unless every command is told not to. */
function letErrorsThrough(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) letErrorsThrough(child)
}

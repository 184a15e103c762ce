/** `ipse`: puts the commands together and turns whatever they throw into a sentence and an exit code. */
import { Command, CommanderError } from 'commander'
import { adviceFor, EXIT, exitCodeOf, note, toIpseError } from './command.ts'
import { VERSION } from './version.ts'

/** Loaded by name: a comparison of two photographs does not wait for a web server. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  serve: async () => (await import('./commands/serve.ts')).addServe,
  verify: async () => (await import('./commands/verify.ts')).addVerify,
  detect: async () => (await import('./commands/detect.ts')).addDetect,
  eval: async () => (await import('./commands/eval.ts')).addEval,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  keys: async () => (await import('./commands/keys.ts')).addKeys,
  clients: async () => (await import('./commands/clients.ts')).addClients,
  people: async () => (await import('./commands/people.ts')).addPeople,
  policies: async () => (await import('./commands/policies.ts')).addPolicies,
  rollout: async () => (await import('./commands/rollout.ts')).addRollout,
  models: async () => (await import('./commands/models.ts')).addModels,
  'replay-decision': async () => (await import('./commands/replay-decision.ts')).addReplayDecision,
  calibrate: async () => (await import('./commands/calibrate.ts')).addCalibrate,
  assess: async () => (await import('./commands/assess.ts')).addAssess,
  'abuse-report': async () => (await import('./commands/abuse-report.ts')).addAbuseReport,
  backup: async () => (await import('./commands/backup.ts')).addBackup,
  restore: async () => (await import('./commands/restore.ts')).addRestore,
  templates: async () => (await import('./commands/templates.ts')).addTemplates,
  erase: async () => (await import('./commands/erase.ts')).addErase,
  export: async () => (await import('./commands/export.ts')).addExport,
  retention: async () => (await import('./commands/retention.ts')).addRetention,
  purge: async () => (await import('./commands/purge.ts')).addPurge,
  audit: async () => (await import('./commands/audit.ts')).addAudit,
  pins: async () => (await import('./commands/pins.ts')).addPins,
  attack: async () => (await import('./commands/attack.ts')).addAttack,
}

const wantsJson = process.argv.includes('--json')

/** Commander exits by itself unless every command is told not to. */
function letErrorsThrough(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) letErrorsThrough(child)
}

/** Help and version end here too, with exit code 0; commander has printed its sentence already. */
function reportUsage({ exitCode, message }: CommanderError): void {
  process.exitCode = exitCode === 0 ? EXIT.done : EXIT.usage
  if (exitCode !== 0 && wantsJson) printError('invalid_request', message.replace(/^error: /, ''))
}

function report(thrown: unknown): void {
  const error = toIpseError(thrown)
  const advice = adviceFor(error)
  note(`${error.code}: ${error.message}\n${advice}`)
  if (error.code === 'internal' && thrown instanceof Error) note(thrown.stack ?? '')
  if (wantsJson) printError(error.code, error.message, advice)
  process.exitCode = exitCodeOf(error)
}

function printError(code: string, message: string, advice?: string): void {
  process.stdout.write(`${JSON.stringify({ error: { code, message, advice } }, null, 2)}\n`)
}

// A reader that closes early, such as `head`, ends us quietly.
process.stdout.on('error', () => process.exit(EXIT.fault))
process.on('uncaughtException', (error) => {
  report(error)
  process.exit(EXIT.fault)
})

const program = new Command('ipse')
  .description('Self-hosted face liveness and face verification.')
  .version(VERSION)
  .showHelpAfterError('Run the command with --help to see what it takes.')
  .addHelpText(
    'after',
    `
Every command has --help and --json.
Exit codes: 0 done, 1 the answer is no, 2 the command line or a file is wrong, 3 our fault.`,
  )
const [, , first = ''] = process.argv
for (const load of Object.hasOwn(COMMANDS, first) ? [COMMANDS[first]!] : Object.values(COMMANDS))
  (await load())(program)
letErrorsThrough(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) reportUsage(error)
  else report(error)
}

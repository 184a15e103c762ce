/** `ipse`: puts the commands together and turns whatever they throw into a sentence and an exit code. */
import { Command, CommanderError } from 'commander'
import { adviceFor, EXIT, exitCodeOf, note, toIpseError } from './command.ts'
import { addDetect } from './commands/detect.ts'
import { addDoctor } from './commands/doctor.ts'
import { addEval } from './commands/eval.ts'
import { addKeys } from './commands/keys.ts'
import { addPurge } from './commands/purge.ts'
import { addServe } from './commands/serve.ts'
import { addVerify } from './commands/verify.ts'
import { VERSION } from './version.ts'

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
for (const add of [addServe, addVerify, addDetect, addEval, addDoctor, addKeys, addPurge]) add(program)
letErrorsThrough(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) reportUsage(error)
  else report(error)
}

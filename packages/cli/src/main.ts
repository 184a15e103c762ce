/** `ipse`: runs the command that is named and turns whatever it throws into a sentence and an exit code. */
import { CommanderError } from 'commander'
import { adviceFor, EXIT, exitCodeOf, note, toIpseError } from './command.ts'
import { commandIn, createProgram } from './program.ts'

const wantsJson = process.argv.includes('--json')

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

const program = await createProgram([commandIn(process.argv.slice(2))])

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) reportUsage(error)
  else report(error)
}

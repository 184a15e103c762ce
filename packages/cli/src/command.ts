/**
 * What all commands share: they answer with data, text and an exit code, and do not print themselves. `--json` puts one
 * JSON document on standard output; everything else goes to standard error.
 */
import { IpseError } from '@ipse/protocol'
import type { Command } from 'commander'

export const EXIT = {
  done: 0,
  /** The answer is no: no match, no face, a check that failed. */
  negative: 1,
  /** The command line or a file was wrong. */
  usage: 2,
  /** Our own fault, or that of the machine. */
  fault: 3,
} as const

export interface Answer {
  readonly exit: (typeof EXIT)[keyof typeof EXIT]
  readonly json: unknown
  readonly text: string
}

/** A line for the person at the terminal while a command works. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Shows how far a long command is: rewrites one line of a terminal, stays silent elsewhere. */
export function progress(done: number, total: number, what: string): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(`\r${what} ${done} of ${total}${done === total ? '\n' : ''}`)
}

/** Gives a command its `--json` and prints what it answers. Errors are left to `main.ts`. */
export function answering<A extends unknown[]>(
  command: Command,
  run: (...given: A) => Promise<Answer>,
): Command {
  return command.option('--json', 'print one JSON document').action(async (...given: unknown[]) => {
    const { exit, json, text } = await run(...(given as A))
    const printed = command.opts<{ json?: boolean }>().json ? JSON.stringify(json, null, 2) : text
    process.stdout.write(`${printed}\n`)
    process.exitCode = exit
  })
}

/** Codes that are the operator's to mend although a service answers 5xx for them. */
const OPERATOR_CODES: readonly string[] = ['settings_invalid', 'policy_invalid']

export function exitCodeOf(error: IpseError): number {
  if (OPERATOR_CODES.includes(error.code)) return EXIT.usage
  return error.status >= 400 && error.status < 500 ? EXIT.usage : EXIT.fault
}

/** Anything that was thrown as an error with a code. */
export function toIpseError(error: unknown): IpseError {
  if (error instanceof IpseError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new IpseError('internal', message, { cause: error })
}

/** The registry speaks to callers over HTTP; at the terminal some of its advice needs other words. */
const ADVICE: Readonly<Record<string, string>> = {
  invalid_request: 'Run the command with --help to see what it takes.',
  unsupported_media: 'Install ffmpeg, or hand over a folder of numbered images or an .mjpeg file.',
  conflict: '"ipse keys list", "ipse clients list" and "ipse people list" show what there is.',
  not_found:
    'Check the name; "ipse keys list", "ipse clients list" and "ipse people list" show what there is.',
}

export function adviceFor({ code, advice }: IpseError): string {
  return ADVICE[code] ?? advice
}

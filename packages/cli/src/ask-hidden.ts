/** Asks for a secret at the terminal without showing it: nothing secret comes by the command line, which others may read. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { note } from './command.ts'

/** @returns nothing where nobody sits at a terminal */
export async function askHidden(question: string): Promise<string> {
  if (!process.stdin.isTTY) return ''
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await reader.question('')
  } finally {
    reader.close()
    note('')
  }
}

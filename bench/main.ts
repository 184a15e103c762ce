/**
 * `npm run bench`: what Ipse costs, beside its peers in the same run. `--json` prints one document on standard output,
 * `--only NAME` runs the groups whose cases begin with that name. Progress goes to standard error.
 */
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { type Case, progress } from './case.ts'

interface Group {
  /** What the names of the group's cases begin with. */
  readonly cases: readonly string[]
  run(): Promise<readonly Case[]>
}

/** Loaded when they run: each brings along what only it needs. */
const GROUPS: readonly Group[] = [
  {
    cases: [
      'verify-pair',
      'frames-per-second',
      'stage-',
      'arithmetic-floor',
      'model-operations',
      'matrix-product-peak',
    ],
    run: async () => (await (await import('./engine/verify-pair.ts')).benchVerifyPair()).cases,
  },
  { cases: ['crypto-submission'], run: async () => (await import('./crypto.ts')).benchCrypto() },
  { cases: ['vault-'], run: async () => (await import('./vault.ts')).benchVault() },
  { cases: ['audit-verify'], run: async () => (await import('./audit.ts')).benchAudit() },
  { cases: ['session-cpu'], run: async () => (await import('./session-cpu.ts')).benchSession() },
  {
    cases: ['http-session-create', 'http-session-read'],
    run: async () => (await import('./http.ts')).benchHttp(),
  },
]

const { json, only } = wishes(process.argv.slice(2))
const wanted = GROUPS.filter((group) =>
  group.cases.some((name) => name.startsWith(only) || only.startsWith(name)),
)
if (wanted.length === 0) {
  progress(
    `--only ${only}: no case begins so; there are ${GROUPS.flatMap((group) => group.cases).join(', ')}`,
  )
  process.exit(2)
}

/** Ends the program when it is asked for something that it does not know: running everything takes minutes. */
function wishes(args: string[]): { readonly json: boolean; readonly only: string } {
  try {
    const { values } = parseArgs({
      args,
      options: { json: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
    })
    return values
  } catch (error) {
    progress(`${(error as Error).message}. Usage: npm run bench -- [--json] [--only NAME]`)
    process.exit(2)
  }
}

const cases: Case[] = []
for (const group of wanted) {
  progress(`${group.cases.join(', ')} …`)
  const found = await group.run()
  cases.push(...found.filter((found) => found.name.startsWith(only)))
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
}
console.log(json ? JSON.stringify({ cases, machine }, null, 2) : table())

function table(): string {
  const rows = cases.map(({ name, unit, value, ratios, note = '' }) => [
    name,
    `${Number(value.toPrecision(4))} ${unit}`,
    Object.entries(ratios)
      .map(([peer, ratio]) => `${ratio.toFixed(2)}× ${peer}`)
      .join(', '),
    note,
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`, ...lines].join('\n')
}

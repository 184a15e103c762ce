/** Everything that is checked without running the product: format, lint, types, boundaries, documents. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { offences } from './boundaries.ts'
import { staleDocuments } from './docs.ts'

const root = join(import.meta.dirname, '..')

function command(name: string, args: readonly string[]): string[] {
  const run = spawnSync(join(root, 'node_modules/.bin', name), args, { cwd: root, encoding: 'utf8' })
  return run.status === 0 ? [] : [`${run.stdout}${run.stderr}`.trim()]
}

const CHECKS: Readonly<Record<string, () => string[]>> = {
  'format and lint': () => command('biome', ['check', '--error-on-warnings', '--diagnostic-level=warn', '.']),
  types: () => command('tsc', ['-b']),
  'import boundaries': () => offences(join(root, 'packages')),
  'documents in step with the code': () => staleDocuments(root),
}

/** Runs all checks; returns the number that passed and failed. */
export function runChecks(): { passed: number; failed: number } {
  let failed = 0
  for (const [name, check] of Object.entries(CHECKS)) {
    const found = check()
    console.log(`${found.length === 0 ? '✔' : '✖'} ${name}`)
    for (const line of found) console.log(line)
    if (found.length > 0) failed++
  }
  return { passed: Object.keys(CHECKS).length - failed, failed }
}

if (import.meta.main) {
  const { passed, failed } = runChecks()
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

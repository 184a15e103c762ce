/**
 * `npm test`: everything CI runs. Prerequisites, checks, build, then every `*.test.ts`; the last line counts.
 * `npm test -- server decide` runs only the test files whose path contains every word.
 */
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { runChecks } from './check.ts'
import { ensurePrerequisites } from './prerequisites.ts'

const root = join(import.meta.dirname, '..')
const words = process.argv.slice(2)
/** A test file that hangs is a failure; the longest, with browsers, takes about three minutes. */
const FILE_TIMEOUT_MS = 900_000

ensurePrerequisites()
await import('./build.ts')
let { passed, failed } = words.length === 0 ? runChecks() : { passed: 0, failed: 0 }
let skipped = 0

async function runFiles(pattern: string, concurrency: number): Promise<void> {
  const files = globSync(pattern, { cwd: root })
    .filter((file) => !file.includes('node_modules') && words.every((word) => file.includes(word)))
    .sort()
    .map((file) => join(root, file))
  if (files.length === 0) return
  const stream = run({ files, concurrency, timeout: FILE_TIMEOUT_MS })
  stream.on('test:pass', ({ details, skip, todo }) => {
    if (details.type === 'suite') return
    if (skip !== undefined || todo !== undefined) skipped++
    else passed++
  })
  stream.on('test:fail', ({ details }) => {
    if (details.type !== 'suite') failed++
  })
  for await (const chunk of stream.compose(spec)) process.stdout.write(chunk)
}

await runFiles('{packages/*,examples/*,tools}/**/*.test.ts', availableParallelism())
// Browsers and a running service, one file at a time: they share two cores with what they measure.
await runFiles('e2e/**/*.test.ts', 1)

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)

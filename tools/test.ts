/**
 * `npm test`: everything CI runs. Prerequisites, checks, build, then every `*.test.ts`; the last lines name the slowest files
 * and count.
 * `npm test -- server decide` runs only the test files whose path contains every word.
 */
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { runChecks } from './check.ts'
import { ensurePrerequisites } from './prerequisites.ts'

const root = join(import.meta.dirname, '..')
const words = process.argv.slice(2)
/** A test file that hangs is a failure; the longest, with browsers, takes about three minutes. */
const FILE_TIMEOUT_MS = 900_000
const SLOWEST = 10

// Hundreds of processes load the same source: compiled once, they share it. Beside the source, not in a shared folder.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/ipse-test')

ensurePrerequisites()
await import('./build.ts')
let { passed, failed } = words.length === 0 ? runChecks() : { passed: 0, failed: 0 }
let skipped = 0
const durations: { readonly file: string; readonly ms: number }[] = []

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
  stream.on('test:summary', ({ file, duration_ms: ms }) => {
    if (file !== undefined) durations.push({ file, ms })
  })
  for await (const chunk of stream.compose(spec)) process.stdout.write(chunk)
}

await runFiles('{packages/*,examples/*,tools}/**/*.test.ts', availableParallelism())
// Browsers film in real time: with another one beside it a small machine gives the service too few frames of a person.
await runFiles('e2e/**/*.test.ts', Math.max(1, Math.floor(availableParallelism() / 2)))

for (const { file, ms } of durations.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST))
  console.log(`${(ms / 1000).toFixed(1).padStart(6)} s  ${relative(root, file)}`)
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)

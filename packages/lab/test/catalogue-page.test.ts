import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { attackCatalogue, catalogueMarkdown } from '../src/index.ts'

test('docs/attacks.md is what the code says', () => {
  const page = readFileSync(new URL('../../../docs/attacks.md', import.meta.url), 'utf8')
  assert.equal(page.slice(page.indexOf('\n') + 1), catalogueMarkdown())
  for (const { number, name } of attackCatalogue()) assert.ok(page.includes(`### ${number} · ${name}\n`))
})

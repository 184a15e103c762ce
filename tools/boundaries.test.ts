import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { offences } from './boundaries.ts'

const root = mkdtempSync(join(tmpdir(), 'ipse-boundaries-'))
after(() => rmSync(root, { recursive: true }))

function house(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, 'house-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const packages = { low: [], high: ['low', 'type side'] }
const folders = { high: { a: [], b: ['a'] } }

test('the packages of this repository keep to the drawing', () => {
  assert.deepEqual(offences(join(import.meta.dirname, '../packages')), [])
})

test('finds an import that points up, sideways by value, and between folders against the table', () => {
  const found = offences(
    house({
      'low/src/up.ts': "import { x } from '@ipse/high'",
      'high/src/a/back.ts': "export * from '../b/fine.ts'",
      'high/src/b/fine.ts': "import { a } from '../a/back.ts'\nimport { l } from '@ipse/low'",
      'high/src/b/side.ts': "import type { T } from '@ipse/side'\nconst s = await import('@ipse/side')",
    }),
    packages,
    folders,
    [],
  )
  assert.deepEqual(found.sort(), [
    'high/src/a/back.ts -> ../b/fine.ts',
    'high/src/b/side.ts -> @ipse/side',
    'low/src/up.ts -> @ipse/high',
  ])
})

test('finds what a package must not use', () => {
  const rules = [{ packages: ['low'], pattern: /Math\.random\(/, why: 'randomness is an argument' }]
  const found = offences(
    house({ 'low/src/dice.ts': 'export const n = Math.random()' }),
    { low: [] },
    {},
    rules,
  )
  assert.deepEqual(found, ['low/src/dice.ts -> randomness is an argument'])
})

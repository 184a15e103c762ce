/** The compliance map promises nothing that is not there, and is not made when it does. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { complianceMarkdown, FRAMEWORKS, readCompliance } from './compliance.ts'

const root = join(import.meta.dirname, '..')
const text = readFileSync(join(root, 'docs/compliance.txt'), 'utf8')

test('every control is where the map says, with a test of that title and clauses that exist', () => {
  const { controls, duties } = readCompliance(text, root)
  const all = [...controls.values()].flat()
  assert.ok(all.length > 40 && duties.length > 5)
  for (const { control, clauses } of all) assert.ok(clauses.length > 0, control)
})

test('a row whose file, test or clause is not there is refused by name, and so is one that is there twice', () => {
  const rows = text.split('\n')
  const at = rows.findIndex((line) => line.split(' | ').length === 4 && !line.startsWith('control |'))
  const [control = '', clauses = '', where = '', shown = ''] = rows[at]?.split(' | ') ?? []
  const spoil = (...cells: string[]) => {
    const spoiled = rows.with(at, cells.join(' | ')).join('\n')
    return () => readCompliance(spoiled, root)
  }
  assert.throws(spoil(control, clauses, `${where}.gone`, shown), /there is no .*\.gone/)
  assert.throws(spoil(control, clauses, where, `${shown} and more`), /has no test ".* and more"/)
  assert.throws(spoil(control, clauses, where, `gone/${shown}`), /gone\/.* has no test/)
  assert.throws(spoil(control, clauses, where, shown.split(': ')[0] ?? ''), /has no test ""/)
  assert.throws(spoil(control, 'GDPR 999', where, shown), /no clause GDPR 999/)
  assert.throws(spoil(control, `${clauses}; LAW 1`, where, shown), /no clause LAW 1/)
  assert.throws(spoil(control, clauses, where), /columns/)
  assert.throws(() => readCompliance(`${text}\n# Again\n${rows[at]}`, root), /is there twice/)
})

test('every clause in the list is served by a control, and the page claims no certification', () => {
  assert.throws(() => readCompliance('control\n', root), /no control serves it/)
  const page = complianceMarkdown(root)
  assert.match(page, /no certification/)
  for (const { title } of Object.values(FRAMEWORKS)) assert.ok(page.includes(`### ${title}`), title)
})

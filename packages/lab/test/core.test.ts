import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

/** Every file that the entry point reaches, with the bare modules that are imported as values on the way. */
function reach(entry: string): { files: Set<string>; modules: Set<string> } {
  const files = new Set<string>()
  const modules = new Set<string>()
  const visit = (file: string): void => {
    if (files.has(file)) return
    files.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, type, target] of text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from '([^']+)'/gms)) {
      if (target.startsWith('.')) visit(join(dirname(file), target))
      else if (!type) modules.add(target)
    }
  }
  visit(entry)
  return { files, modules }
}

test('the rendering core imports no module at run time, so it runs in a browser bundle', () => {
  const { files, modules } = reach(join(import.meta.dirname, '../src/index.ts'))
  assert.ok(files.size > 25, 'the walk found too little to mean anything')
  assert.deepEqual([...modules], [])
})

test('the core touches neither the document nor Node globals', () => {
  const { files } = reach(join(import.meta.dirname, '../src/index.ts'))
  for (const file of files) {
    assert.doesNotMatch(
      readFileSync(file, 'utf8'),
      /\b(document|window|process|Buffer|require|Math\.random|Date\.now)\b[.(]/,
    )
  }
})

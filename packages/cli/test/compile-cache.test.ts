/** Compiled code is read back only from where nobody else can put any. */
import assert from 'node:assert/strict'
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { emptyFolder, IPSE } from './run.ts'

const { privateFolder } = (await import(new URL('compile-cache.mjs', pathToFileURL(IPSE)).href)) as {
  privateFolder(parent: string, name: string): string | undefined
}
const folder = emptyFolder()

test('the folder is made for its owner only, and taken again', () => {
  const made = privateFolder(join(folder, 'new', 'deep'), 'ipse')
  assert.equal(made, join(folder, 'new', 'deep', 'ipse'))
  assert.equal(statSync(made).mode & 0o777, 0o700)
  assert.equal(privateFolder(join(folder, 'new', 'deep'), 'ipse'), made)
})

test('one that others may write, a link, and a place where nothing can be made are none', () => {
  for (const mode of [0o770, 0o707, 0o777]) {
    const open = join(folder, mode.toString(8))
    mkdirSync(open)
    chmodSync(open, mode)
    assert.equal(privateFolder(folder, mode.toString(8)), undefined)
  }
  mkdirSync(join(folder, 'behind'), { mode: 0o700 })
  symlinkSync(join(folder, 'behind'), join(folder, 'link'))
  assert.equal(privateFolder(folder, 'link'), undefined)
  writeFileSync(join(folder, 'file'), '')
  assert.equal(privateFolder(folder, 'file'), undefined)
  assert.equal(privateFolder(join(folder, 'file'), 'ipse'), undefined)
})

test('one of another user is none', {
  skip: process.getuid?.() !== 0 && 'only root gives folders away',
}, () => {
  mkdirSync(join(folder, 'theirs'), { mode: 0o700 })
  chownSync(join(folder, 'theirs'), 65_534, 65_534)
  assert.equal(privateFolder(folder, 'theirs'), undefined)
})

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadOrCreateKeyring, serializeKeyring } from '../src/index.ts'

test('many first starts at the same time agree on one keyring and leave no draft', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ipse-keyring-'))
  try {
    const path = join(folder, 'keyring.json')
    const bytes = (length: number) => randomBytes(length)
    const made = await Promise.all(Array.from({ length: 12 }, () => loadOrCreateKeyring(path, bytes, 0)))
    assert.equal(made.filter(({ created }) => created).length, 1)
    const texts = new Set(made.map(({ keyring }) => String(serializeKeyring(keyring))))
    assert.equal(texts.size, 1)
    assert.deepEqual(await readdir(folder), ['keyring.json'])
  } finally {
    await rm(folder, { recursive: true })
  }
})

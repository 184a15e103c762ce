/** Templates survive a backup with its keys and not one without: what lies in the data alone opens nothing. */
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadKeyring, openKeys, openSqliteStore, openVault } from '@ipse/server'
import { systemClock, systemRandom } from '../src/installation.ts'
import { emptyFolder, ipse, ipseJson } from './run.ts'

const OWNER = { tenant: 'shop', subject: 'anna', recordId: 'ref_1' }

async function opened(data: string) {
  const keys = await openKeys(await loadKeyring(join(data, 'keyring.json')))
  const store = await openSqliteStore(join(data, 'ipse.sqlite'))
  const vault = openVault({ store, keys, clock: systemClock, random: systemRandom })
  return { store, vault, [Symbol.asyncDispose]: () => store.close() }
}

async function opens(data: string): Promise<boolean> {
  await using world = await opened(data)
  const [reference = assert.fail('no reference')] = await world.store.listReferences('shop', 'anna')
  return (await world.vault.openTemplate(reference, OWNER)) !== undefined
}

test('a backup is two files: with both a template opens again, with the first alone it does not', async () => {
  const folder = emptyFolder()
  const data = join(folder, 'data')
  await ipse(['keys', 'create', '--name', 'a', '--scopes', 'session:create', '--data', data])
  {
    await using world = await opened(data)
    const sealed = await world.vault.sealTemplate(
      { modelId: 'm', vector: new Float32Array(8).fill(0.35) },
      OWNER,
      [8],
    )
    await world.store.insertReference(
      { ...sealed, id: 'ref_1', tenant: 'shop', subject: 'anna', source: 'image', createdAt: 1 },
      { id: 'aud_1', time: 1, tenant: 'shop', event: 'reference.enrolled' },
    )
  }
  const file = join(folder, 'b.sqlite')
  const made = await ipseJson(['backup', file, '--data', data])
  assert.deepEqual(made.json.keys, { file: join(folder, 'b-keys.sqlite'), rows: 1 })
  const heir = (name: string) => {
    mkdirSync(join(folder, name), { mode: 0o700 })
    cpSync(join(data, 'keyring.json'), join(folder, name, 'keyring.json'))
    return join(folder, name)
  }
  const whole = heir('whole')
  assert.equal((await ipseJson(['restore', file, '--data', whole])).json.keys, 1)
  assert.equal(await opens(whole), true)
  const alone = heir('alone')
  const lost = join(folder, 'elsewhere.sqlite')
  cpSync(file, lost)
  const refused = await ipse(['restore', lost, '--data', alone])
  assert.deepEqual([refused.code, /--without-keys/.test(refused.stderr)], [2, true])
  assert.equal((await ipse(['restore', lost, '--without-keys', '--data', alone])).code, 0)
  assert.equal(await opens(alone), false)
  const taken = join(folder, 'c-keys.sqlite')
  writeFileSync(taken, 'mine')
  const again = await ipse(['backup', join(folder, 'c.sqlite'), '--data', data])
  assert.deepEqual([again.code, /there already/.test(again.stderr)], [2, true])
  assert.ok(existsSync(taken) && !existsSync(join(folder, 'c.sqlite')))
})
